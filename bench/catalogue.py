"""The measurements by their names, in the order in which they are made."""

# Of each, the module whose `MEASUREMENTS` has it; it is imported where Django is set up.
MODULES = {
    "user": "bench.operations.users",
    "limit": "bench.operations.limits",
    "cached_user": "bench.cache",
    "players": "bench.cache",
    "cached_players": "bench.cache",
    "metric": "bench.operations.metrics",
    "handler": "bench.operations.handlers",
    "telling": "bench.cache",
    "figures": "bench.cache",
    "growth": "bench.growth",
    "memory": "bench.memory",
    "conversations": "bench.conversations",
    "import": "bench.imports",
    "profile": "bench.profiling",
}
FILL = "fill"
# These have databases of their own, empty at first; the process is given the first of them.
OWN_DATABASES = {
    "growth": ("growth_few", "growth_many"),
    "import": ("import_0", "import_1", "import_2", "import_3", "import_4"),
}
# These have an empty one besides the one with the data.
EMPTY_DATABASES = {"profile": ("profile_import",)}
