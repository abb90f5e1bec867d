"""The import of the data file that the bot used before it had a database.

    scanner   bytes -> JSON values, delimited but not parsed
    reader    values -> one raw record after the other, or the file is refused
    parsing   raw record -> JSON value, or the record is refused
    mapping   JSON value -> decided user with notes, or the record is refused
    access    the subscription within it -> what was given, used and handed on
    decisions everything decided, kept on disk until the whole file has been read
    writing   decisions -> database, in batches that can be repeated
    rehearsal the same on copies of the tables
    importing all of it, in this order

Nothing is written before the whole file has been read and decided.
"""
