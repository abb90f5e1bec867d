"""Everything that money and staff can do to three users, in any order, beside a model of what must come out.

Users may be erased and come back. The model is a dictionary of charges and a list of grants for each user.
Time is the machine's own, and behind for a while now and then; it ends before the real now, so that rows of
one sequence are in nobody's future.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from faceitbot.core.errors import Refused
from faceitbot.core.integrity import invariants
from faceitbot.personal.erasing import erase_person
from faceitbot.personal.forgetting import prune_personal_data
from subscriptions.errors import AlreadyRevoked, PaymentStateError
from subscriptions.models import Grant, Order, Payment, PaymentStatus
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from subscriptions.rules import GrantFacts, Projection, effective, project
from tests.factories import StaffFactory
from users.models import User
from users.repositories import UserRepository

payments, access, users = PaymentRepository(), SubscriptionRepository(), UserRepository()
START = datetime(2024, 1, 1, tzinfo=UTC)
LAST = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = st.integers(0, 2)
TIERS = st.sampled_from(["premium", "pro"])
STAFF = "a member of staff"


@dataclass
class Charge:
    """What the model knows of a charge."""

    number: str
    status: str
    amount: int
    owner: "Person | None" = None  # who got access by it
    granted: bool = False


@dataclass
class Person:
    """What the model knows of a user: his grants by the id of their row."""

    user: User
    grants: dict = field(default_factory=dict)
    referred: bool = False
    erased: bool = False


@dataclass
class Sale:
    """What the model knows of an order."""

    row: Order
    owner: Person
    kinds: list = field(default_factory=list)  # of the honest charges so far


class MoneyMachine(RuleBasedStateMachine):
    """One sequence runs in a savepoint, which is rolled back in the end."""

    orders = Bundle("orders")
    charges = Bundle("charges")

    def __init__(self):
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.now = START
        self.known: dict[str, Charge] = {}
        self.staff = StaffFactory.create()
        self.people = [Person(users.create_user.blocking(number)) for number in (7, 8, 9)]
        self.gone: list[Person] = []
        self.counter = 0

    def teardown(self):
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    # ---- Steps

    @initialize(target=orders, who=PEOPLE)
    def first_order(self, who):
        return self.make_order(who, "premium", recurring=False)

    @rule(target=orders, who=PEOPLE, tier=TIERS, recurring=st.booleans())
    def order(self, who, tier, recurring):
        return self.make_order(who, tier, recurring=recurring)

    @rule(target=charges, sale=orders, kind=st.sampled_from(["", "first", "renewal"]), odd=st.booleans())
    def pay(self, sale, kind, odd):
        charge = self.next_charge()
        self.receive(sale, charge, kind, sale.row.stars + odd)
        return charge, sale, kind, sale.row.stars + odd

    @rule(notice=charges)
    def duplicate(self, notice):
        charge, sale, kind, amount = notice
        outcome = self.notify(sale, charge, kind, amount)
        assert outcome.kind in ("repeated", "refunded_before")

    @rule(notice=charges)
    def refund_from_outside(self, notice):
        self.refunded(notice[0])

    @rule(target=charges, sale=orders)
    def refund_comes_first(self, sale):
        charge = self.next_charge()
        payments.mark_refunded.blocking(charge, now=self.now)
        self.known[charge] = Charge(charge, "refunded", sale.row.stars)
        outcome = self.notify(sale, charge, "", sale.row.stars)
        assert outcome.kind == "refunded_before"
        return charge, sale, "", sale.row.stars

    @rule(notice=charges, cancel=st.booleans())
    def refund_by_staff(self, notice, cancel):
        charge = self.known[notice[0]]
        key = payments.get_by_charge_id.blocking(charge.number).pk
        before = charge.status
        try:
            payments.request_refund.blocking(key, actor=self.staff, reason=STAFF, now=self.now)
        except PaymentStateError:
            assert before == "refunded"
            return
        except Refused:
            assert notice[1].owner.erased  # nobody knows any more who he was
            return
        if cancel:
            payments.cancel_refund.blocking(key, actor=self.staff, reason=STAFF)
            return
        (claimed,) = payments.get_refunds_to_submit.blocking(now=self.now)
        assert claimed.charge_id == charge.number
        self.refunded(charge.number)

    @rule(notice=charges, who=PEOPLE)
    def resolve(self, notice, who):
        charge, sale = self.known[notice[0]], notice[1]
        key = payments.get_by_charge_id.blocking(charge.number).pk
        to = self.people[who]
        try:
            payments.resolve_review.blocking(
                key, actor=self.staff, reason=STAFF, grant_to=to.user.pk, now=self.now
            )
        except PaymentStateError:
            assert charge.status != "needs_review"
            return
        assert charge.status == "needs_review"
        charge.status = "completed"
        if to is sale.owner:  # what somebody else has, the buyer has not paid by
            sale.kinds.append(notice[2])
        self.granted(charge, to, sale.row)

    @rule(referee=PEOPLE, referrer=PEOPLE)
    def bonus(self, referee, referrer):
        guest, host = self.people[referee], self.people[referrer]
        code = access.generate_referral_code.blocking(host.user.pk)
        success, _error = access.apply_referral.blocking(guest.user.pk, code, now=self.now)
        if success:
            assert not guest.referred
            guest.referred = True
            for grant in Grant.objects.filter(referral__referee=guest.user):
                owner, days = (guest, 7) if grant.user_id == guest.user.pk else (host, 30)
                owner.grants[grant.pk] = ("premium", self.now, days, None)

    @rule(who=PEOPLE, tier=TIERS, days=st.sampled_from([1, 10, 400]))
    def upgrade(self, who, tier, days):
        person = self.people[who]
        access.upgrade_subscription.blocking(person.user.pk, tier, days, now=self.now)
        grant = Grant.objects.filter(user=person.user).exclude(pk__in=person.grants).get()
        person.grants[grant.pk] = (tier, self.now, days, None)

    @rule(who=PEOPLE, tier=TIERS, days=st.sampled_from([1, 10]), twice=st.booleans())
    def give(self, who, tier, days, twice):
        """Staff give access; the same click a second time gives nothing."""
        person, self.counter = self.people[who], self.counter + 1
        given = {
            access.grant_access.blocking(
                person.user.pk,
                tier,
                days,
                actor=self.staff,
                reason=STAFF,
                request_id=f"click-{self.counter}",
                now=self.now,
            ).pk
            for _click in range(1 + twice)
        }
        (key,) = given
        person.grants[key] = (tier, self.now, days, None)

    @rule(who=PEOPLE, place=st.integers(0, 20))
    def revoke(self, who, place):
        """Only what was not paid for: staff give paid money back instead."""
        grants = self.people[who].grants
        free = [key for key in grants if not Grant.objects.get(pk=key).payment_id]
        if not free:
            return
        key = free[place % len(free)]
        tier, start, days, revoked = grants[key]
        try:
            access.revoke_grant.blocking(key, actor=self.staff, reason=STAFF, now=self.now)
        except AlreadyRevoked:
            assert revoked
        grants[key] = (tier, start, days, self.now)

    @precondition(lambda self: self.now < LAST)
    @rule(days=st.integers(1, 45))
    def time_goes_on(self, days):
        self.now = min(self.now + timedelta(days=days), LAST)

    @rule(seconds=st.integers(1, 600), sale=orders)
    def the_clock_is_behind_for_a_while(self, seconds, sale):
        """What runs meanwhile takes nothing away, and refunds what it refunds."""
        right, self.now = self.now, self.now - timedelta(seconds=seconds)
        access.check_and_expire_subscriptions.blocking(now=self.now)
        charge = self.next_charge()
        self.receive(sale, charge, "", sale.row.stars + 1)  # in review: grants nothing
        self.refunded(charge)
        self.nothing_is_broken()
        self.now = right

    @rule(who=PEOPLE)
    def erase(self, who):
        """He comes back as somebody new; what he paid stays, and is nobody's."""
        person = self.people[who]
        his = Q(user=person.user) | Q(order__user=person.user)
        under_way = Payment.objects.filter(his, status__in=["needs_review", "refund_pending"]).exists()
        try:
            erase_person(person.user.telegram_id, reason=STAFF, now=self.now)
        except Refused:
            assert under_way
            return
        assert not under_way
        person.erased = True
        self.gone.append(person)
        self.people[who] = Person(users.create_user.blocking(person.user.telegram_id))

    @rule()
    def expire(self):
        access.check_and_expire_subscriptions.blocking(now=self.now)

    # ---- What must hold after each step

    @invariant()
    def the_ledger_is_the_charges(self):
        rows = Payment.objects.values_list("telegram_payment_charge_id", "status")
        assert dict(rows) == {charge.number: charge.status for charge in self.known.values()}
        taken = sum(charge.amount for charge in self.known.values() if charge.granted)
        assert payments.get_revenue_stats.blocking()["total_revenue"] == taken

    @invariant()
    def everybody_has_what_his_grants_come_to(self):
        for person in [*self.people, *self.gone]:
            row = access.get_by_user_id.blocking(person.user.pk)
            stored = Projection(row.tier, row.expires_at, row.next_tier, row.next_expires_at)
            facts = [
                GrantFacts(tier, start, timedelta(days=days), revoked)
                for tier, start, days, revoked in person.grants.values()
            ]
            expected = project(facts, self.now)
            assert effective(stored, self.now) == expected.tier
            if expected.tier != "free" and stored.tier == expected.tier:
                assert (stored.expires_at, stored.next_expires_at) == (
                    expected.expires_at,
                    expected.next_expires_at,
                )

    @invariant()
    def nothing_is_broken(self):
        if self.gone:
            prune_personal_data()  # as every day
        broken = {found.name: rows for found in invariants() if (rows := list(found.find()))}
        assert broken == {}

    # ---- The model

    def make_order(self, who, tier, *, recurring):
        person = self.people[who]
        row = payments.create_order.blocking(person.user.pk, tier, recurring=recurring, now=self.now)
        return Sale(row, person)

    def next_charge(self):
        self.counter += 1
        return f"charge-{self.counter}"

    def notify(self, sale, charge, kind, amount):
        """Tell of money for an order; where its buyer was erased, his successor pays."""
        return payments.record_successful_payment.blocking(
            sale.owner.user.telegram_id,
            sale.row.payload,
            "XTR",
            amount,
            charge,
            is_recurring=kind != "",
            is_first_recurring=kind == "first",
            now=self.now,
        )

    def receive(self, sale, charge, kind, amount):
        """Say what must become of money: the first honest charge buys, further ones only renew."""
        outcome = self.notify(sale, charge, kind, amount)
        honest = amount == sale.row.stars and not sale.owner.erased
        renews = sale.row.recurring and kind != "" and not (kind == "first" and "first" in sale.kinds)
        if honest and (not sale.kinds or renews):
            assert outcome.kind == ("renewed" if sale.kinds else "granted")
            sale.kinds.append(kind)
            self.known[charge] = Charge(charge, "completed", amount)
            self.granted(self.known[charge], sale.owner, sale.row)
        else:
            assert outcome.kind == "in_review"
            self.known[charge] = Charge(charge, "needs_review", amount)

    def granted(self, charge, who, order):
        charge.owner, charge.granted = who, True
        grant = Grant.objects.get(payment__telegram_payment_charge_id=charge.number)
        assert grant.user_id == who.user.pk
        who.grants[grant.pk] = (order.tier, self.now, order.days, None)

    def refunded(self, number):
        charge = self.known[number]
        payments.mark_refunded.blocking(number, now=self.now)
        if charge.status == PaymentStatus.REFUNDED:
            return
        charge.status = "refunded"
        if charge.owner is not None:
            grants = charge.owner.grants
            key = Grant.objects.get(payment__telegram_payment_charge_id=number).pk
            tier, start, days, _revoked = grants[key]
            grants[key] = (tier, start, days, self.now)
