"""Writes the users back into the shape of the old bot's data file: the way back for an operator.

records    rows -> one record of the file
exporting  all users as they are at one moment, into a file
"""
