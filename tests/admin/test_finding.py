"""Find a payment: whatever is pasted, one sentence says what happened, and the next step is offered."""

import re
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.urls import reverse

from examples.nine_stories import Telegram, tell
from faceitbot.core import clock
from subscriptions.desk.finding import MAX_TERM_LENGTH, clean, find
from subscriptions.models import StarSync
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
FIND = reverse("admin:find")
UUID = "4f1b0c9e-3a53-4bd1-9d6f-0f7a0b7a1c11"
money, access = PaymentRepository(), SubscriptionRepository()

ANSWERS = {
    "paid_and_granted": r"199 ⭐ came on .*, and 5000100001 · granted was given Premium for 30 days\. It is",
    "paid_twice": r"199 ⭐ came from 5000100002 on .* for an order that was paid already, on .*Nothing",
    "wrong_amount": r"149 ⭐ came from 5000100003 on .* where the price is 199 ⭐\. Nothing was given",
    "forwarded_invoice": r"199 ⭐ came on .* from 5000100501 for the order of 5000100004 · forwarded\. N",
    "legacy_payload": r"199 ⭐ came on .* for an invoice of the old bot; 5000100005 · oldtimer was given",
    "unknown_payload": r"199 ⭐ came from 5000100006 on .* for no order of ours\. Nothing was given",
    "refunded": r"199 ⭐ of 5000100007 · regretful went back on .*, and what they had bought was taken away",
    "never_paid": r"Premium for 30 days for 199 ⭐ was ordered by 5000100008 · hesitant on .* and never"
    r" paid\. Telegram's list of .* does not have it either",
    "lost_in_an_outage": r"Nobody and no payment here has “stxLost0001”\. Telegram's list",
}
STEPS = {
    "paid_and_granted": ["Give back", "Open a case"],
    "paid_twice": ["Grant access", "Give back", "Open a case"],
    "wrong_amount": ["Grant access", "Give back", "Open a case"],
    "forwarded_invoice": ["Grant to the buyer", "Grant to the payer", "Give back", "Open a case"],
    "legacy_payload": ["Give back", "Open a case"],
    "unknown_payload": ["Grant access", "Give back", "Open a case"],
    "refunded": ["Open a case"],
    "never_paid": ["Reconcile now", "Open a case"],
    "lost_in_an_outage": ["Reconcile now"],
}


@pytest.fixture
def telegram():
    return Telegram()


@pytest.fixture
def stories(db, telegram):
    """The nine stories; the list was read twenty minutes ago."""
    now = clock.now()
    told = tell(now, telegram)
    StarSync.objects.update_or_create(id=1, defaults={"finished_at": now - timedelta(minutes=20)})
    return {story.name: story for story in told}


def plain(text):
    return text.replace("\u00a0", " ")


def steps_of(answer):
    cards = answer.context["cards"]
    return [step.title for step in (cards[0].steps if cards else answer.context["headline_steps"])]


@pytest.mark.parametrize("name", ANSWERS)
def test_each_story_is_told_in_one_sentence_with_the_next_step(page, stories, name):
    answer = page.get(FIND, {"q": stories[name].pasted})

    assert re.match(ANSWERS[name], plain(answer.context["headline"]))
    assert steps_of(answer) == STEPS[name]


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        ("  @sniper ", "sniper"),
        ("https://www.faceit.com/en/players/sniper", "sniper"),
        ("https://t.me/somebot?start=ABCD1234", "ABCD1234"),
        ("t.me/somebot?start=ABCD1234", "ABCD1234"),
        ("stx\u202eabc\x00", "stxabc"),
        ("x" * 9_999, "x" * MAX_TERM_LENGTH),
        ("http://[broken", "http://[broken"),
        ("https://www.faceit.com/en/players/Nick/stats/cs2", "Nick"),
        ("https://www.faceit.com/ru/players-modal/Nick", "Nick"),
        ("faceit.com/en/players/Nick", "Nick"),
        ("www.faceit.com/players/Ni%2Dck/", "Ni-ck"),
        ("tg://user?id=5", "5"),
        ("tg://resolve?domain=Nick", "Nick"),
        ("https://t.me/@Nick", "Nick"),
        ("https://host/admin/users/user/4f1b0c9e-3a53-4bd1-9d6f-0f7a0b7a1c11/change/?kind=staff", UUID),
        ("123 456 789", "123456789"),
        ("123\u00a0456\u202f789", "123456789"),
        ("«stx1»", "stx1"),
        ("`stxAB`", "stxAB"),
        ("„@sniper“", "sniper"),
        ("'", "'"),
        ("ID: 5", "5"),
        ("Telegram ID 5", "5"),
        ("id5", "id5"),
        ("=cmd()", "=cmd()"),
    ],
)
def test_what_was_pasted_is_reduced_to_what_is_meant(pasted, meant):
    assert clean(pasted) == meant


RECEIPTS = {
    "receipt": "You paid 199 Stars on 12.03.2026.\nTransaction ID: stxOne1.\nThank you!",
    "sentence": "Где мой доступ? Мой ник @sniper, заплатил 199",
    "labelled id": "Добрый день, айди: 5, я заплатил",
    "link": "вот я (https://www.faceit.com/ru/players/sniper), помогите",
    "number": "его номер 5000000001!",
}


@pytest.mark.parametrize("pasted", RECEIPTS.values(), ids=RECEIPTS)
def test_of_a_longer_text_the_ids_in_it_are_found(pasted):
    number = 5_000_000_001 if "5000000001" in pasted else 5
    user = UserFactory.create(telegram_id=number, faceit_nickname="sniper")
    UserFactory.create(telegram_id=199, faceit_nickname="paid")
    order = money.create_order.blocking(user.pk, "pro")
    payment = money.record_successful_payment.blocking(
        number, order.payload, "XTR", order.stars, "stxOne1"
    ).payment

    found = find(pasted)

    assert [each.pk for each in found.payments] == [payment.pk]


def test_words_of_a_text_are_nobodys_nicknames(db):
    UserFactory.create(faceit_nickname="nothing")

    assert not find("I have paid 199 stars and got nothing")


@pytest.mark.parametrize(
    "term_of",
    [
        lambda user, _order, _payment: str(user.telegram_id),
        lambda user, _order, _payment: f"@{user.faceit_nickname.upper()}",
        lambda user, _order, _payment: user.faceit_player_id,
        lambda user, _order, _payment: str(user.pk),
        lambda user, _order, _payment: access.generate_referral_code.blocking(user.pk).lower(),
        lambda _user, order, _payment: order.payload,
        lambda _user, order, _payment: str(order.pk),
        lambda _user, _order, payment: payment.telegram_payment_charge_id,
        lambda _user, _order, payment: str(payment.pk),
    ],
    ids=["telegram id", "nickname", "faceit id", "our id", "code", "payload", "order", "charge", "payment"],
)
def test_a_payment_is_found_by_all_that_leads_to_it(term_of):
    user = UserFactory.create(faceit_nickname="sniper")
    order = money.create_order.blocking(user.pk, "pro")
    payment = money.record_successful_payment.blocking(
        user.telegram_id, order.payload, "XTR", order.stars, "stxOne"
    ).payment
    other = UserFactory.create()
    other_order = money.create_order.blocking(other.pk, "pro")
    money.record_successful_payment.blocking(
        other.telegram_id, other_order.payload, "XTR", other_order.stars, "stxTwo"
    )

    found = find(term_of(user, order, payment))

    assert [each.pk for each in found.payments] == [payment.pk]


@pytest.mark.django_db(transaction=True)
def test_a_payment_that_was_lost_is_found_after_the_sync_that_support_asked_for(page, stories, telegram):
    story = stories["lost_in_an_outage"]
    answer = page.get(FIND, {"q": story.pasted})
    (step,) = answer.context["headline_steps"]

    page.post(step.url, {"reason": "a buyer waits"})

    assert money.is_star_sync_requested.blocking()
    async_to_sync(money.sync_star_transactions)(telegram.get_star_transactions)
    headline = plain(page.get(FIND, {"q": story.pasted}).context["headline"])
    assert not money.is_star_sync_requested.blocking()
    assert re.match(r"199 ⭐ came on .*5000100009 · unlucky was given Premium", headline)


def test_namesakes_are_offered_to_choose_from(page, db):
    for number in range(3):
        UserFactory.create(faceit_nickname="same", faceit_player_id=f"player{number}")

    answer = page.get(FIND, {"q": "same"})

    assert answer.context["headline"] == "3 users are called like this. Choose one."
    assert len(answer.context["people"]) == 3
    assert answer.context["headline_steps"] == []


def test_who_never_ordered_is_told_so(page, db):
    user = UserFactory.create(telegram_id=5, faceit_nickname="quiet")

    answer = page.get(FIND, {"q": str(user.telegram_id)})

    assert answer.context["headline"] == "5 · quiet has never ordered or paid for anything."


def test_a_case_is_opened_from_what_was_found(page, stories):
    story = stories["paid_twice"]
    answer = page.get(FIND, {"q": story.pasted})
    url = next(step.url for step in answer.context["cards"][0].steps if step.title == "Open a case")

    form = page.get(url)
    assert form.context["form"]["telegram_id"].value() == str(story.user.telegram_id)
    page.post(
        url, {"telegram_id": story.user.telegram_id, "charge_id": "stxTwice0002", "reason": "paid two times"}
    )

    (case,) = money.get_open_cases.blocking()
    assert (case.user_id, case.charge_id, case.text) == (story.user.pk, "stxTwice0002", "paid two times")


@pytest.mark.parametrize(
    "term", ["", "   ", "%", "_", "'", "\x00", "9" * 500, "4f1b0c9e-3a53-4bd1-9d6f-0f7a0b7a1c11"]
)
def test_any_text_may_be_pasted(page, term):
    assert page.get(FIND, {"q": term}).status_code == 200


def test_who_may_not_see_payments_finds_nothing(onlooker):
    assert onlooker.get(FIND, {"q": "5"}).status_code == 403
