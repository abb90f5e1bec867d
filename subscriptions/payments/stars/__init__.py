"""Telegram's own list of the bot's Stars: mirrored, and compared with the payments.

A polling bot loses an update whose handler failed while the database was away; the money is in this list.
`reading` makes entries of what Telegram sends, `mirroring` stores them, `settling` compares each with the
payments and mends what is missing, `position` remembers how far the list was read, `reports` says what
differed.
"""
