"""`manage.py erase_user TELEGRAM_ID --reason ...`: forgets who a person was."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from faceitbot.core import exit_codes
from faceitbot.core.errors import InvalidInput, OutcomeUnknown, Refused, Unavailable
from faceitbot.core.personal import KEPT_FOR
from faceitbot.personal.erasing import Erasure, erase_person


class Command(BaseCommand):
    """All or nothing; again, it says that nothing is held."""

    help = (
        "Erase a person: who he was goes, what he did and paid stays under a pseudonym. "
        "Exit codes: 0 done, or nothing is held; 2 refused, because money is under way or an argument is "
        "wrong; 3 database unavailable."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("telegram_id", type=int, help="the number by which Telegram knows the person")
        parser.add_argument("--reason", required=True, help="kept in the audit log; must not name the person")

    def handle(self, *, telegram_id: int, reason: str, **_options: Any) -> None:
        try:
            erasure = erase_person(telegram_id, reason=reason)
        except (InvalidInput, Refused) as error:
            raise CommandError(f"Nothing erased: {error}.", returncode=exit_codes.REFUSED) from error
        except Unavailable as error:
            unknown = isinstance(error, OutcomeUnknown)
            outcome = "It is not known whether anything was erased" if unknown else "Nothing erased"
            sentence = f"{outcome}: {error}; run it again."
            raise CommandError(sentence, returncode=exit_codes.UNAVAILABLE) from error
        for line in _lines(telegram_id, erasure):
            self.stdout.write(line)


def _lines(telegram_id: int, erasure: Erasure) -> list[str]:
    done = f"Erased: {_counted(erasure.changed)}."
    lines = [done if erasure.changed else f"Nothing is held about user {telegram_id}."]
    if erasure.waiting:
        lines.append(
            f"Kept for {KEPT_FOR.days} days after the end of the matter, for refunds: his Telegram id in "
            f"{_counted(erasure.waiting)}. `manage.py prune_personal_data` forgets it then."
        )
    if erasure.renewing:
        lines.append(
            "Telegram goes on charging for what renews itself, and what comes will wait in review. End it: "
            + "; ".join(
                f"editUserStarSubscription(user_id={telegram_id}, telegram_payment_charge_id={charge!r}, "
                "is_canceled=True)"
                for charge in erasure.renewing
            )
        )
    return lines


def _counted(rows: Counter[str]) -> str:
    return ", ".join(f"{table} {count}" for table, count in sorted(rows.items()))
