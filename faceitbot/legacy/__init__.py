"""The import of the data file that the bot used before it had a database.

    scanner   bytes -> JSON values, delimited but not parsed
    reader    values -> one raw record after the other, or the file is refused
    parsing   raw record -> JSON value, or the record is refused
    mapping   JSON value -> decided user and access with notes, or the record is refused
    decisions everything decided, kept on disk until the whole file has been read
    importing decisions -> database, in batches that can be repeated

Nothing is written before the whole file has been read and decided.
"""
