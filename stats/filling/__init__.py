"""Bodies of FACEIT become rows: what each player did, and the cards that are made of it.

rows        the rows that a body tells of
storing     writes them, so that what is known stays known
lifetimes   what lifetime statistics say, as a card keeps it
refiguring  cards anew, from the last matches of their players
"""
