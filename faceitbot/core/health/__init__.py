"""How everything is: one list of checks, which several faces show (doctor, readiness, the staff's page).

checks      what a check is, what it finds, and what all of them come to
registry    the list; apps add theirs when they are ready
looking     looks at many within a bounded time, whatever is frozen
memory      since when something is wrong
database    PostgreSQL: answers, tables, connections, clock
caching     Redis or Valkey: round trip, memory, hit rate
disk        room to write
processes   whether bot, jobs and web are there, in time, and of one size
"""
