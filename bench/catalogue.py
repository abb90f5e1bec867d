"""The measurements by their names, in the order in which they are made."""

# Of each, the module whose `MEASUREMENTS` has it; it is imported where Django is set up.
MODULES = {
    "user": "bench.operations.users",
}
FILL = "fill"
# These have a database of their own, empty at first.
OWN_DATABASE: frozenset[str] = frozenset()
