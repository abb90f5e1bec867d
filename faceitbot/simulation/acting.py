"""Makes the calls that a bot makes when somebody does something."""

import random
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from analytics.recording import record_failure
from faceitbot.core.attempts import without_savepoints
from faceitbot.core.errors import Refused
from faceitbot.simulation.events import FIRST_ID, OF_TELEGRAM, Event, Kind, Purchase
from faceitbot.simulation.metrics import PastMetrics
from faceitbot.simulation.population import Population
from matches.repositories import MatchRepository
from subscriptions.models import Order, Payment, PaymentStatus
from subscriptions.payments.judging import CURRENCY
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from users.repositories import UserRepository

users, access, money = UserRepository(), SubscriptionRepository(), PaymentRepository()
matches = MatchRepository()
EVEN, CANCELLED_SHARE = 0.5, 0.03
FAILURES = ("faceit", "timeout", "faceit", "telegram")
MAPS = ("de_mirage", "de_inferno", "de_nuke", "de_ancient", "de_anubis", "de_dust2", "de_train")
NAMES = ("frost", "viper", "orbit", "raven", "lynx", "echo", "nova", "drift", "pixel", "ghost")


class Bot:
    """A bot of simulated people. `perform` may be called from several threads."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self._keys: dict[int, UUID] = {}
        self._analysed: set[str] = set()  # nothing is asked of FACEIT for these
        self._calls: Mapping[Kind, Callable[[Event, UUID], bool]] = {
            Kind.REGISTER: self._invited,
            Kind.LINK: self._link,
            Kind.VISIT: self._visit,
            Kind.ANALYSE: self._analyse,
            Kind.FAIL: self._fail,
            Kind.ORDER: self._order,
            Kind.BUY: self._buy,
            Kind.RENEW: self._renew,
            Kind.CANCEL: self._cancel,
            Kind.REFUND: self._refund,
        }

    def perform(self, event: Event) -> bool:
        """Do what an event says; say whether there was anything to do, and it was allowed.

        Errors: those of the repositories, but for refusals.
        """
        try:
            return self._calls[event.kind](event, self._key(event))
        except Refused:  # staff has blocked him, or stopped selling
            return False

    def perform_all(self, events: Iterable[Event], metrics: PastMetrics) -> None:
        """Do what some past events say, in the transaction that is open: fast, for hardly any is refused.

        `metrics` take what is reported meanwhile.
        """
        events, keys, analysed, number = list(events), self._keys.copy(), self._analysed.copy(), len(metrics)
        try:
            with without_savepoints():
                for event in events:
                    metrics.moment = event.at or metrics.moment
                    self._calls[event.kind](event, self._key(event))
        except Refused:
            self._keys, self._analysed = keys, analysed
            metrics.forget_from(number)
            for event in events:
                metrics.moment = event.at or metrics.moment
                self.perform(event)

    def count_requests(self, events: Iterable[Event]) -> None:
        """Count the requests of past events, all of them in one statement: each is one, a visit several."""
        activities: list[dict[str, Any]] = [
            {
                "user_id": event.telegram_id,
                "timestamp": event.at,
                "requests": event.value if event.kind == Kind.VISIT else 1,
            }
            for event in events
            if event.kind not in OF_TELEGRAM
        ]
        users.bulk_update_activity.blocking(activities)

    def end_day(self, now: datetime | None = None) -> None:
        """Do what a bot does by itself: move on what is over, deliver what there is to tell."""
        access.check_and_expire_subscriptions.blocking(now=now)
        while claimed := access.claim_notices.blocking(limit=1000, now=now):
            for notice in claimed:
                access.mark_notice_sent.blocking(notice.id, now=now)

    def _key(self, event: Event) -> UUID:
        """Give our id of who does it. In the present, each of his updates counts as a request."""
        language = "ru" if _dice_of(event.number).random() < self._population.russian_share else "en"
        if event.at is None and event.kind not in OF_TELEGRAM:
            return users.touch.blocking(event.telegram_id, language).pk
        if event.number not in self._keys:
            user = users.create_user.blocking(event.telegram_id, language=language, now=event.at)
            self._keys[event.number] = user.pk
        return self._keys[event.number]

    # ---- One for each kind

    def _invited(self, event: Event, key: UUID) -> bool:
        if isinstance(event.value, int):
            inviting = users.get_by_telegram_id.blocking(FIRST_ID + event.value)
            if inviting is not None:
                code = access.generate_referral_code.blocking(inviting.pk)
                access.apply_referral.blocking(key, code, now=event.at)
        return True

    def _link(self, event: Event, _key: UUID) -> bool:
        dice = _dice_of(event.number)
        nickname = f"{dice.choice(NAMES)}{event.number}"
        users.link_faceit_account.blocking(event.telegram_id, f"simulated-{event.number}", nickname)
        return True

    def _visit(self, _event: Event, _key: UUID) -> bool:
        return True  # what a visit is, has been counted

    def _analyse(self, event: Event, key: UUID) -> bool:
        if not access.consume_request.blocking(key, now=event.at).allowed:
            return False
        match = str(event.value)
        known = match in self._analysed
        self._analysed.add(match)
        data, milliseconds = _analysis(match, event, known=known)
        matches.create_analysis.blocking(key, match, data, milliseconds, now=event.at)
        return True

    def _fail(self, event: Event, key: UUID) -> bool:
        if not access.consume_request.blocking(key, now=event.at).allowed:
            return False
        record_failure(key, FAILURES[event.number % len(FAILURES)])
        access.give_back_request.blocking(key, now=event.at)
        return True

    def _order(self, event: Event, key: UUID) -> bool:
        return self._ordered(event, key) is not None

    def _ordered(self, event: Event, key: UUID) -> Order | None:
        wanted = event.value
        if not isinstance(wanted, Purchase):
            return None
        return money.create_order.blocking(
            key, wanted.tier, wanted.duration, recurring=wanted.recurring, now=event.at
        )

    def _buy(self, event: Event, key: UUID) -> bool:
        order, wanted = self._ordered(event, key), event.value
        if order is None or not isinstance(wanted, Purchase):
            return False
        money.record_successful_payment.blocking(
            event.telegram_id,
            order.payload,
            CURRENCY,
            order.stars,
            wanted.charge,
            is_recurring=wanted.recurring,
            is_first_recurring=wanted.recurring,
            now=event.at,
        )
        return True

    def _renew(self, event: Event, key: UUID) -> bool:
        paid = self._last_paid(key, recurring=True)
        if paid is None:
            return False
        outcome = money.record_successful_payment.blocking(
            event.telegram_id,
            paid.payload,
            CURRENCY,
            paid.amount or 0,
            str(event.value),
            is_recurring=True,
            now=event.at,
        )
        return outcome.kind == "renewed"

    def _cancel(self, event: Event, key: UUID) -> bool:
        paid = self._last_paid(key, recurring=True)
        if paid is None:
            return False
        money.record_subscription_state.blocking(event.telegram_id, paid.payload, "canceled", now=event.at)
        return True

    def _refund(self, event: Event, key: UUID) -> bool:
        paid = self._last_paid(key, recurring=False)
        if paid is None or paid.telegram_payment_charge_id is None:
            return False
        if paid.order is not None and paid.order.recurring:
            money.record_subscription_state.blocking(
                event.telegram_id, paid.payload, "canceled", now=event.at
            )
        money.mark_refunded.blocking(paid.telegram_payment_charge_id, now=event.at)
        return True

    def _last_paid(self, key: UUID, *, recurring: bool) -> Payment | None:
        paid = money.get_user_payments.blocking(key, status=PaymentStatus.COMPLETED)
        return next((each for each in paid if each.order and (each.order.recurring or not recurring)), None)


def _dice_of(number: int) -> random.Random:
    return random.Random(number)  # noqa: S311 - an invention, no secret


def _analysis(match: str, event: Event, *, known: bool) -> tuple[dict[str, Any], int]:
    """Give the analysis of a match, the same whoever asks, and how long it took in milliseconds."""
    dice = random.Random(match)  # noqa: S311 - an invention, no secret
    chance = round(min(max(dice.gauss(0.5, 0.08), 0.1), 0.9), 4)
    info: dict[str, Any] = {
        "game": "cs2",
        "region": "EU",
        "map": dice.choice(MAPS),
        "status": "CANCELLED" if dice.random() < CANCELLED_SHARE else "FINISHED",
        "competition_name": "Europe 5v5 Queue",
        "competition_type": "matchmaking",
    }
    teams = {
        f"team{side}_analysis": {"name": f"team_{dice.choice(NAMES)}", "averages": {"elo": elo}}
        for side, elo in enumerate((1000 + dice.randrange(1500), 1000 + dice.randrange(1500)), 1)
    }
    data = {
        "match_info": info,
        **teams,
        "prediction": {
            "team1_probability": chance,
            "team2_probability": round(1 - chance, 4),
            "favourite": "team1" if chance >= EVEN else "team2",
        },
        "match_url": f"https://www.faceit.com/en/cs2/room/{match}",
        "cached_data_used": known,
    }
    spent = random.Random(f"{match} {event.number}").lognormvariate(0, 0.35)  # noqa: S311
    return data, round((40 if known else 2200) * spent)
