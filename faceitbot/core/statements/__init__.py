"""The fast way of hot methods: querysets compiled once, run on connections of the event loop, together.

    parameters  what stands in a queryset for a value of a call
    compiled    a queryset as SQL, and how its rows become instances
    pool, line  the connections of one event loop, and how statements run on them
    look_ups    the decorators of reads by key
    tallies     the decorator of methods that count something of a row
    ways        counts which way each call ran

A method keeps its ordinary body, under `.blocking` and wherever the event loop has no connections of its own
(`line.line_of_loop`). The answers are the same.
"""

from faceitbot.core.statements.compiled import TextRows
from faceitbot.core.statements.line import close_line
from faceitbot.core.statements.look_ups import Key, many_rows, one_row
from faceitbot.core.statements.parameters import Now, Param
from faceitbot.core.statements.tallies import tallied

__all__ = ["Key", "Now", "Param", "TextRows", "close_line", "many_rows", "one_row", "tallied"]
