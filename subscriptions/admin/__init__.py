"""Pages about access, referrals, plans and notices.

Facts are read-only; what staff do goes through one repository method each, with a reason.
"""

from subscriptions.admin import access, notices, plans, referrals

__all__ = ["access", "notices", "plans", "referrals"]
