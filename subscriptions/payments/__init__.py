"""How Stars are taken, checked, given back and reconciled.

Locks are taken in this order everywhere: charge (advisory), user, subscription, order, payment.
"""
