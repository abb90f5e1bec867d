"""How a figure has changed, in words."""

from django.utils.translation import gettext as _

from faceitbot.core.figures import percentage

TENFOLD = 1_000  # percent


def change(present: int, past: int) -> tuple[str, str]:
    """Give the change in words and its direction: up, down or level."""
    if past <= 0:
        return (_("none before"), "up") if present > 0 else (_("as before"), "level")
    if present == past:
        return _("as before"), "level"
    part = percentage(abs(present - past), past)
    text = f"{part:.0f}\u202f%" if part < TENFOLD else _("more than tenfold")
    return (f"+{text}", "up") if present > past else (f"−{text}", "down")
