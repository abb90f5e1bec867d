"""Compares the old bot's data file with the database, record by record and field by field.

    reading    file -> one decoded record after the other
    expecting  record -> what has to be in the database, or the code of its refusal
    claims     who came first with an id, an account, a code
    stored     what is in the database about a batch of records
    comparing  the two, field by field
    checking   the whole file, counted

Nothing here is shared with the import but the names of its codes: what both got wrong in the same way would
look right. So the format is read, and its rules are written down, a second time.
"""
