"""For each action of each page: rows on which it writes, what is sent, and which entries that must leave."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User as StaffAccount
from django.test import Client
from django.urls import reverse

from faceitbot.accounts import second_factor
from subscriptions.models import Grant, PlanPrice, Referral, UserSubscription
from subscriptions.repositories import CampaignRepository, PaymentRepository, SubscriptionRepository
from tests.factories import CampaignFactory, StaffFactory
from users.models import User
from users.repositories import UserRepository

users, access = UserRepository(), SubscriptionRepository()
money, campaigns = PaymentRepository(), CampaignRepository()
WHY = {"reason": "outage"}
_SUBSCRIPTION, _GRANT = "subscriptions.usersubscription", "subscriptions.grant"
_PAYMENT, _USER, _CAMPAIGN = "subscriptions.payment", "users.user", "subscriptions.campaign"


@dataclass
class Deed:
    """Where a form is sent, what it holds, and how many entries of which action about what it must leave."""

    url: str
    sent: dict[str, Any]
    entries: dict[tuple[str, str], int]
    opened: dict[str, Any] | None = None  # sent first, where the form of a list is to be shown


Scenario = Callable[[StaffAccount], Deed]
SCENARIOS: dict[tuple[str, str], Scenario] = {}


def scenario(label: str, *names: str) -> Callable[[Scenario], Scenario]:
    """Register the scenario of an action, by its page's model and its name."""

    def register(make: Scenario) -> Scenario:
        for name in names:
            SCENARIOS[label, name] = make
        return make

    return register


def address(label: str, name: str, *args: Any) -> str:
    """Give the address of a page or an action."""
    return reverse(f"admin:{label.lower().replace('.', '_')}_{name}", args=args)


def _chosen(label: str, name: str, rows: list[Any], sent: dict[str, Any], entries: dict[Any, int]) -> Deed:
    form = {"action": name, "_selected_action": [str(row.pk) for row in rows]}
    return Deed(address(label, "changelist"), sent, entries, opened=form)


def _people(number: int) -> list[User]:
    return [users.create_user.blocking(n) for n in range(1, number + 1)]


def _rows(number: int) -> list[UserSubscription]:
    return [UserSubscription.objects.get(user=user) for user in _people(number)]


def _granted(number: int) -> list[Grant]:
    for user in _people(number):
        access.upgrade_subscription.blocking(user.pk, "premium")
    return list(Grant.objects.all())


def _paid(payer: int = 1) -> Any:
    (user,) = _people(1)
    order = money.create_order.blocking(user.pk, "premium")
    return money.record_successful_payment.blocking(payer, order.payload, "XTR", 199, "charge-1").payment


GIVE = {"tier": "pro", "days": "2", **WHY}


def _given(number: int) -> dict[tuple[str, str], int]:
    return {("grant.given", _SUBSCRIPTION): number, ("grant.given", _GRANT): number}


@scenario("subscriptions.UserSubscription", "give")
def _(_staff: StaffAccount) -> Deed:
    return Deed(address("subscriptions.UserSubscription", "give", _rows(1)[0].pk), GIVE, _given(1))


@scenario("subscriptions.UserSubscription", "give_to_selected")
def _(_staff: StaffAccount) -> Deed:
    return _chosen("subscriptions.UserSubscription", "give_to_selected", _rows(3), GIVE, _given(3))


@scenario("subscriptions.UserSubscription", "reset_requests")
def _(_staff: StaffAccount) -> Deed:
    url = address("subscriptions.UserSubscription", "reset_requests", _rows(1)[0].pk)
    return Deed(url, WHY, {("subscription.requests_reset", _SUBSCRIPTION): 1})


@scenario("subscriptions.UserSubscription", "reset_selected")
def _(_staff: StaffAccount) -> Deed:
    entries = {("subscription.requests_reset", _SUBSCRIPTION): 3}
    return _chosen("subscriptions.UserSubscription", "reset_selected", _rows(3), WHY, entries)


CAMPAIGN = {"name": "Outage", **GIVE}


@scenario("subscriptions.UserSubscription", "start_campaign")
def _(_staff: StaffAccount) -> Deed:
    entries = {("campaign.started", _CAMPAIGN): 1}
    return _chosen("subscriptions.UserSubscription", "start_campaign", _rows(2), CAMPAIGN, entries)


@scenario("users.User", "start_campaign")
def _(_staff: StaffAccount) -> Deed:
    entries = {("campaign.started", _CAMPAIGN): 1}
    return _chosen("users.User", "start_campaign", _people(2), CAMPAIGN, entries)


@scenario("subscriptions.Campaign", "stop")
def _(staff: StaffAccount) -> Deed:
    campaign = CampaignFactory.create(actor=staff)
    return Deed(
        address("subscriptions.Campaign", "stop", campaign.pk), WHY, {("campaign.stopped", _CAMPAIGN): 1}
    )


@scenario("subscriptions.Campaign", "resume")
def _(staff: StaffAccount) -> Deed:
    campaign = CampaignFactory.create(actor=staff)
    campaigns.stop.blocking(campaign.pk, actor=staff, reason="wait")
    return Deed(
        address("subscriptions.Campaign", "resume", campaign.pk), WHY, {("campaign.resumed", _CAMPAIGN): 1}
    )


def _revoked(number: int) -> dict[tuple[str, str], int]:
    return {("grant.revoked", _SUBSCRIPTION): number, ("grant.revoked", _GRANT): number}


@scenario("subscriptions.Grant", "revoke")
def _(_staff: StaffAccount) -> Deed:
    return Deed(address("subscriptions.Grant", "revoke", _granted(1)[0].pk), WHY, _revoked(1))


@scenario("subscriptions.Grant", "revoke_selected")
def _(_staff: StaffAccount) -> Deed:
    return _chosen("subscriptions.Grant", "revoke_selected", _granted(3), WHY, _revoked(3))


@scenario("subscriptions.Payment", "resolve")
def _(_staff: StaffAccount) -> Deed:
    payment = _paid(payer=2)
    entries = {("payment.review_resolved", _PAYMENT): 1}
    sent = {"telegram_id": "1", "plan": "", **WHY}
    return Deed(address("subscriptions.Payment", "resolve", payment.pk), sent, entries)


@scenario("subscriptions.Payment", "give_back")
def _(_staff: StaffAccount) -> Deed:
    url = address("subscriptions.Payment", "give_back", _paid().pk)
    return Deed(url, WHY, {("payment.refund_requested", _PAYMENT): 1})


@scenario("subscriptions.Payment", "propose_refund")
def _(_staff: StaffAccount) -> Deed:
    url = address("subscriptions.Payment", "propose_refund", _paid().pk)
    case = ("payment_case.opened", "subscriptions.paymentcase")
    return Deed(url, WHY, {("payment.refund_proposed", _PAYMENT): 1, case: 1})


@scenario("subscriptions.Payment", "keep")
def _(staff: StaffAccount) -> Deed:
    payment = _paid()
    money.request_refund.blocking(payment.pk, actor=staff, reason="he asked")
    url = address("subscriptions.Payment", "keep", payment.pk)
    return Deed(url, WHY, {("payment.refund_cancelled", _PAYMENT): 1})


@scenario("subscriptions.PaymentCase", "close")
def _(_staff: StaffAccount) -> Deed:
    case = money.open_payment_case.blocking(_people(1)[0].pk, "Where is it?")
    url = address("subscriptions.PaymentCase", "close", case.pk)
    return Deed(url, WHY, {("payment_case.closed", "subscriptions.paymentcase"): 1})


@scenario("subscriptions.PaymentCase", "open_case")
def _(_staff: StaffAccount) -> Deed:
    _people(1)
    url = address("subscriptions.PaymentCase", "open_case")
    sent = {"telegram_id": "1", "charge_id": "", **WHY}
    return Deed(url, sent, {("payment_case.opened", "subscriptions.paymentcase"): 1})


@scenario("subscriptions.Referral", "void")
def _(_staff: StaffAccount) -> Deed:
    host, guest = _people(2)
    access.apply_referral.blocking(guest.pk, access.generate_referral_code.blocking(host.pk))
    url = address("subscriptions.Referral", "void", Referral.objects.get().pk)
    return Deed(url, WHY, {("referral.voided", "subscriptions.referral"): 1, **_revoked(2)})


@scenario("subscriptions.StarTransaction", "reconcile")
def _(_staff: StaffAccount) -> Deed:
    entries = {("star_sync.requested", "subscriptions.starsync"): 1}
    return Deed(address("subscriptions.StarTransaction", "reconcile"), WHY, entries)


SWITCHED = {("switch.changed", "core.switch"): 1}


@scenario("subscriptions.Order", "stop_selling")
def _(_staff: StaffAccount) -> Deed:
    return Deed(address("subscriptions.Order", "stop_selling"), WHY, SWITCHED)


@scenario("subscriptions.PlanPrice", "stop_selling")
def _(_staff: StaffAccount) -> Deed:
    return Deed(address("subscriptions.PlanPrice", "stop_selling"), WHY, SWITCHED)


@scenario("subscriptions.Order", "start_selling")
def _(staff: StaffAccount) -> Deed:
    money.set_selling.blocking(False, actor=staff, reason="wait")
    return Deed(address("subscriptions.Order", "start_selling"), WHY, SWITCHED)


@scenario("subscriptions.PlanPrice", "start_selling")
def _(staff: StaffAccount) -> Deed:
    money.set_selling.blocking(False, actor=staff, reason="wait")
    return Deed(address("subscriptions.PlanPrice", "start_selling"), WHY, SWITCHED)


def _price() -> PlanPrice:
    return PlanPrice.objects.get(tier="pro", duration="yearly")


@scenario("subscriptions.PlanPrice", "take_off_sale")
def _(_staff: StaffAccount) -> Deed:
    url = address("subscriptions.PlanPrice", "take_off_sale", _price().pk)
    return Deed(url, WHY, {("plan.taken_off_sale", "subscriptions.planprice"): 1})


@scenario("subscriptions.PlanPrice", "put_on_sale")
def _(staff: StaffAccount) -> Deed:
    money.set_on_sale.blocking(_price().pk, False, actor=staff, reason="wait")
    url = address("subscriptions.PlanPrice", "put_on_sale", _price().pk)
    return Deed(url, WHY, {("plan.put_on_sale", "subscriptions.planprice"): 1})


_ACCOUNT = "auth.user"


def _colleague() -> StaffAccount:
    colleague: StaffAccount = StaffFactory.create(username="colleague", is_superuser=False)
    return colleague


@scenario("auth.User", "unlock")
def _(_staff: StaffAccount) -> Deed:
    login = reverse("admin:login")
    for _wrong in range(6):
        Client().post(login, {"username": "colleague", "password": "wrong"})
    url = address("auth.User", "unlock", _colleague().pk)
    return Deed(url, WHY, {("account.unlocked", _ACCOUNT): 1})


@scenario("auth.User", "sign_out_everywhere")
def _(_staff: StaffAccount) -> Deed:
    colleague = _colleague()
    for _browser in range(2):
        Client().force_login(colleague)
    url = address("auth.User", "sign_out_everywhere", colleague.pk)
    return Deed(url, WHY, {("account.signed_out", _ACCOUNT): 1})


@scenario("auth.User", "reset_second_factor")
def _(_staff: StaffAccount) -> Deed:
    colleague = _colleague()
    second_factor.begin(colleague)
    url = address("auth.User", "reset_second_factor", colleague.pk)
    return Deed(url, WHY, {("account.second_factor_reset", _ACCOUNT): 1})


@scenario("users.User", "note")
def _(_staff: StaffAccount) -> Deed:
    return Deed(address("users.User", "note", _people(1)[0].pk), {"text": "kind"}, {("user.noted", _USER): 1})


@scenario("users.User", "block")
def _(_staff: StaffAccount) -> Deed:
    return Deed(address("users.User", "block", _people(1)[0].pk), WHY, {("user.blocked", _USER): 1})


@scenario("users.User", "block_selected")
def _(_staff: StaffAccount) -> Deed:
    return _chosen("users.User", "block_selected", _people(3), WHY, {("user.blocked", _USER): 3})


@scenario("users.User", "unblock")
def _(staff: StaffAccount) -> Deed:
    (user,) = _people(1)
    users.block_users.blocking([1], actor=staff, reason="spam")
    return Deed(address("users.User", "unblock", user.pk), WHY, {("user.unblocked", _USER): 1})


@scenario("users.User", "unblock_selected")
def _(staff: StaffAccount) -> Deed:
    people = _people(3)
    users.block_users.blocking([1, 2, 3], actor=staff, reason="spam")
    return _chosen("users.User", "unblock_selected", people, WHY, {("user.unblocked", _USER): 3})
