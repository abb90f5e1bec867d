"""What staff switch on and off for everybody. Read from the database each time, never cached."""

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext_lazy as _

from faceitbot.core import audit, clock
from faceitbot.core.models import Switch

CHANGED = audit.action("switch.changed", _("Switched on or off"))


def is_on(name: str) -> bool:
    """Say whether something is on; what nobody has ever switched is."""
    return not Switch.objects.filter(name=name, on=False).exists()


def turn(name: str, on: bool, *, actor: AbstractBaseUser, reason: str) -> bool:
    """Switch something, with an audit entry; say whether that changed it. Runs inside a transaction."""
    why = audit.clean_reason(reason)
    Switch.objects.bulk_create([Switch(name=name)], ignore_conflicts=True)
    switch = Switch.objects.select_for_update().get(name=name)
    if switch.on == on:
        return False
    before, switch.on, switch.changed_at = switch.on, on, clock.now()
    switch.save(update_fields=["on", "changed_at"])
    audit.record(CHANGED, [audit.Change(switch, {"on": before}, {"on": on})], actor=actor, reason=why)
    return True
