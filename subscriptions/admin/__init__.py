"""Pages about access, referrals, plans, notices and money.

Facts are read-only; what staff do goes through one repository method each, with a reason.
"""

from subscriptions.admin import access, campaigns, cases, notices, orders, payments, plans, referrals, stars

__all__ = ["access", "campaigns", "cases", "notices", "orders", "payments", "plans", "referrals", "stars"]
