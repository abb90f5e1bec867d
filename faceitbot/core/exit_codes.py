"""How every command ends, for whoever calls it from a script."""

DONE = 0
DONE_WITH_REFUSALS = 1
REFUSED = 2  # as a whole: nothing was written
UNAVAILABLE = 3  # the database was away: try again
INTERRUPTED = 130
