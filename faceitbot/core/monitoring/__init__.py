"""What a process measures of itself, for Prometheus, for doctor and for the pages of staff.

Everything is counted in memory at one place each; nothing here waits for a server while something is counted.

calls        repository methods: how many, how long, how they ended; slow and failed ones in the log
errors       failures grouped by method and class, until they are written
database     statements, transactions that were run again, the pool of connections
queue        calls that wait for a thread
caches       each alias, and the server behind them
requests     HTTP
websockets   who watches
event_loops  how late an event loop is
states       the verdicts of the health checks
error_rows   the groups of errors in the database
samples      one row every ten seconds for each process that lives long
watching     the thread that writes both, and asks the event loops
exposing     the text that Prometheus reads, and a port of one's own for it
"""
