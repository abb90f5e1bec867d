"""The support desk: finds what a buyer speaks of and says in words what became of it.

Reads only. `finding` takes whatever was pasted, `sentences` put a row into one sentence, `timeline` tells a
payment from its order to its refund, `similar` looks for the order that lost money may belong to.
"""
