"""Sentences in English."""

from datetime import datetime

TIERS = {"free": "Free", "premium": "Premium", "pro": "Pro"}
FOR_EVER = "for ever"

SENTENCES = {
    # Requests
    "limit": "Today's limit is used up: {daily_limit} of {daily_limit}. New requests {resets_at}"
    " (in {resets_in_seconds}).",
    "blocked": "You have no access to this bot. If that is a mistake, write to the support.",
    # Referrals
    "unknown_user": "Press /start first.",
    "already_referred": "You have entered a friend's code before.",
    "unknown_code": "There is no such code. Check it and enter it again.",
    "own_code": "This is your own code. Send it to your friends.",
    "ring": "This friend came by your code, so you cannot enter his.",
    # Notices
    "expiring": "{tier} ends {expires_at}. Renew it to lose nothing.",
    "expired": "{tier} has ended. You have {next_tier} now.",
    "renewed": "{tier} is renewed for {days}.",
    "renewal_failed": "{tier} could not be renewed: Telegram could not charge {stars}. Top up your Stars.",
    "granted_by_staff": "A present for you: {tier}, {days}.",
    "refunded": "{stars} went back to you. The access that they gave has ended.",
    "payment_resolved": "We have looked into your payment: {tier}, {days}.",
    "referral_bonus": "A friend came by your code! You get {tier}: {days}.",
    # A pre-checkout query is declined
    "checkout_unknown": "This invoice is not valid. Open the plans and choose again.",
    "checkout_paid": "This invoice has been paid.",
    "checkout_expired": "This invoice has expired. Open the plans and choose again.",
    "checkout_other_payer": "This invoice was made for somebody else.",
    "checkout_currency": "We take Telegram Stars only.",
    "checkout_amount": "The price has changed. Open the plans and choose again.",
    "checkout_closed": "Nothing is sold at the moment. Try again later.",
    "checkout_unavailable": "We cannot take your payment just now. Try again in a minute.",
    # Money
    "payment_granted": "Thank you! {tier} is yours: {days}.",
    "payment_renewed": "{tier} is renewed for {days}. Thank you!",
    "payment_repeated": "This payment has been counted before.",
    "payment_in_review": "Your payment is being checked. We will answer here; questions: /paysupport.",
    "payment_refunded_before": "This payment has been given back.",
    "payment_delayed": "Your payment has come. Access follows within minutes; do not pay again.",
    "case_opened": "We have got your message and will answer here.",
    "referral_applied": "Your friend's code counts. Your present: {days} of access.",
    # Talk
    "ask_nickname": "Send me your FACEIT nickname.",
    "linked": "Done: your FACEIT account is linked.",
    # Invoices
    "invoice_title": "{tier}: {days}",
    "invoice_description": "{tier} access for {days}: match analysis and player statistics of FACEIT CS2.",
    # Errors
    "unavailable": "This did not work just now. Try again in a minute.",
    "faceit_account_taken": "Somebody else has linked this FACEIT account.",
    "user_not_found": "Press /start first.",
    "not_found": "Nothing was found.",
    "conflict": "This has changed meanwhile. Open it again and try once more.",
    "already_revoked": "This has been revoked before.",
    "payment_state": "This has changed meanwhile. Open it again and try once more.",
    "payment_not_found": "There is no such payment.",
    "case_closed": "This case has been closed.",
    "refused": "That is not possible.",
    "refused_closed": "Nothing is sold at the moment. Try again later.",
    "refused_off_sale": "This plan is not sold any more. Open the plans and choose another one.",
    "refused_recurring": "Only a month can renew itself. Open the plans and choose again.",
    "refused_blocked": "You cannot use the bot. If that is a mistake, write: /paysupport and your question.",
    "invalid_input": "We could not read that. Check it and try again.",
    "unknown_field": "We could not read that. Check it and try again.",
    "database_unavailable": "This did not work just now. Try again in a minute.",
    "disk_full": "This did not work just now. Try again later.",
    "outcome_unknown": "We do not know whether this worked. Check and try again.",
}


def days(number: int) -> str:
    """Give a number of days."""
    return f"{number} day" if number == 1 else f"{number} days"


def moment(value: datetime, today: datetime) -> str:
    """Give a moment in its own zone; of today only the time."""
    time = f"{value:%H:%M}"
    if value.date() == today.date():
        return f"today at {time}"
    year = "" if value.year == today.year else f" {value.year}"
    return f"on {value.day} {value:%B}{year} at {time}"


def span(hours: int, minutes: int) -> str:
    """Give a length of time."""
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
