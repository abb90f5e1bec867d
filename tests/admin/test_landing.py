"""The first page: what needs a person comes first, and every figure is that of the database."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from analytics.repositories import AnalyticsRepository
from faceitbot.core import audit, clock
from faceitbot.staff_room.landing.events import events_of, happened
from faceitbot.staff_room.landing.figures import cards
from faceitbot.staff_room.landing.needs import needs
from faceitbot.staff_room.landing.period import Period
from subscriptions.models import StarSync
from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from tests.factories import (
    MatchAnalysisFactory,
    PaymentCaseFactory,
    PaymentFactory,
    StaffFactory,
    UserFactory,
)
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
INDEX, FIGURES = reverse("admin:index"), reverse("admin:figures")
HOUR = timedelta(hours=1)
money, users, access = PaymentRepository(), UserRepository(), SubscriptionRepository()
NOON = datetime(2026, 5, 20, 9, 30, tzinfo=UTC)  # 12:30 in Moscow


def just_read(now=None):
    StarSync.objects.update_or_create(id=1, defaults={"finished_at": now or clock.now()})


def paid(user, at, charge_id, tier="premium"):
    order = money.create_order.blocking(user.pk, tier, now=at)
    done = money.record_successful_payment.blocking(
        user.telegram_id, order.payload, "XTR", order.stars, charge_id, now=at
    )
    return done.payment


def texts(staff, now):
    return [need.text for need in needs(staff, now)]


def test_when_nothing_waits_a_calm_line_says_so(page):
    just_read()

    answer = page.get(INDEX)

    assert answer.context["needs"] == []
    assert "Nothing waits for you" in answer.text


def test_money_in_review_late_refunds_and_open_cases_come_first(page, staff):
    just_read(NOON)
    user = UserFactory.create()
    paid_at = NOON - timedelta(days=1)
    money.record_successful_payment.blocking(user.telegram_id, "nothing", "XTR", 5, "odd", now=paid_at)
    for charge_id, asked in (("late", NOON - timedelta(minutes=16)), ("new", NOON - timedelta(minutes=14))):
        payment = paid(user, paid_at, charge_id)
        money.request_refund.blocking(payment.pk, actor=staff, reason="he asked", now=asked)
    PaymentCaseFactory.create()
    PaymentCaseFactory.create(kind="proposal")
    PaymentCaseFactory.create(closed_at=NOON, resolution="answered")

    assert texts(staff, NOON) == [
        "1 payment could not be matched",
        "1 refund has not gone through",
        "1 buyer waits for an answer",
        "1 proposed refund waits for finance",
    ]
    text = page.get(INDEX).text
    assert text.index("could not be matched") < text.index('role="search"')
    assert "Nothing waits for you" not in text


def test_each_need_leads_to_the_rows_that_it_counts(page, staff):
    user = UserFactory.create()
    for number in range(3):
        money.record_successful_payment.blocking(user.telegram_id, "nothing", "XTR", 5, f"odd{number}")
    PaymentCaseFactory.create()
    for _number in range(2):
        PaymentCaseFactory.create(kind="proposal")
    PaymentCaseFactory.create(closed_at=NOON, resolution="answered")
    just_read()

    found = {need.text: need.url for need in needs(staff, clock.now())}

    counts = {text: page.get(url).context["cl"].result_count for text, url in found.items()}
    assert counts == {
        "3 payments could not be matched": 3,
        "1 buyer waits for an answer": 1,
        "2 proposed refunds wait for finance": 2,
    }


def test_a_list_of_stars_that_nobody_reads_is_told_once_something_was_sold(staff):
    just_read(NOON - timedelta(hours=2))
    assert texts(staff, NOON) == []

    paid(UserFactory.create(), NOON, "first")

    assert texts(staff, NOON) == [
        "The bot does not read Telegram's list of Stars: lost payments are not found"
    ]
    just_read(NOON - timedelta(minutes=59))
    assert texts(staff, NOON) == []


def test_selling_that_is_switched_off_is_told(staff):
    just_read(NOON)
    money.set_selling.blocking(False, actor=staff, reason="prices are wrong")

    assert texts(staff, NOON) == ["Selling is switched off"]


def test_today_is_compared_with_the_same_hours_of_yesterday():
    now, at_eleven = NOON, NOON - HOUR
    old, new = (
        UserFactory.create(created_at=now - timedelta(days=9)),
        UserFactory.create(created_at=at_eleven),
    )
    for at, requests in (
        (at_eleven, 6),
        (at_eleven - timedelta(days=1), 4),
        (now - timedelta(days=1) + timedelta(hours=5), 50),  # later than it is today
    ):
        users.bulk_update_activity.blocking(
            [{"user_id": old.telegram_id, "timestamp": at, "requests": requests}]
        )
    paid(new, at_eleven, "today")
    paid(old, at_eleven - timedelta(days=1), "yesterday")
    paid(old, at_eleven - timedelta(days=1), "and more", tier="pro")

    found = {card.title: (card.figure, card.change) for card in cards(Period(1, now), with_money=True)}

    assert found == {
        "Earned, less refunds": ("199\u00a0⭐", "−60\u202f%"),
        "Payments": ("1", "−50\u202f%"),
        "New users": ("1", "none before"),
        "Active users": ("1", "as before"),
        "Requests": ("6", "+50\u202f%"),
    }


def test_what_has_happened_of_this_hour_is_shown_but_not_compared():
    now = NOON.replace(minute=5)  # of the half hour before noon, nothing can be said yet
    user = UserFactory.create(created_at=now - timedelta(days=9))
    yesterday = now - timedelta(days=1)
    for at, requests in ((now, 6), (now - HOUR, 3), (yesterday + HOUR / 2, 40), (yesterday - HOUR, 2)):
        users.bulk_update_activity.blocking(
            [{"user_id": user.telegram_id, "timestamp": at, "requests": requests}]
        )
    paid(user, yesterday + HOUR / 2, "later than it is now")

    found = {card.title: (card.figure, card.change) for card in cards(Period(1, now), with_money=True)}

    assert found["Requests"] == ("9", "+50\u202f%")
    assert found["Earned, less refunds"] == ("0\u00a0⭐", "as before")


def test_days_are_those_of_the_bots_time_zone():
    before_midnight, after = (
        datetime(2026, 5, 20, 20, 59, tzinfo=UTC),
        datetime(2026, 5, 20, 21, 1, tzinfo=UTC),
    )

    assert Period(1, before_midnight).start == datetime(2026, 5, 19, 21, tzinfo=UTC)
    assert Period(1, after).start == datetime(2026, 5, 20, 21, tzinfo=UTC)
    assert str(Period(2, after).first_day) == "2026-05-20"


def test_money_that_went_back_is_taken_off(page, staff):
    user = UserFactory.create()
    paid(user, clock.now(), "kept")
    paid(user, clock.now(), "returned")
    money.mark_refunded.blocking("returned")

    found = {card.title: card.figure for card in page.get(FIGURES).context["cards"]}

    assert (found["Earned, less refunds"], found["Payments"]) == ("199\u00a0⭐", "2")


def test_the_funnel_is_that_of_the_figures(page):
    UserFactory.create(faceit_player_id=None, faceit_nickname=None)
    UserFactory.create()
    analysed, buyer = UserFactory.create(), UserFactory.create()
    for user in (analysed, buyer):
        MatchAnalysisFactory.create(user=user)
    paid(buyer, clock.now(), "paid")
    paid(UserFactory.create(), clock.now(), "without an analysis")

    answer = page.get(FIGURES)

    steps = [(step["name"], step["count"], step["share"]) for step in answer.context["funnel"]]
    assert steps == [
        ("Came", "5", 100.0),
        ("Linked FACEIT", "4", 80.0),
        ("Had a match analysed", "2", 40.0),
        ("Paid", "1", 20.0),
    ]
    period = Period(30, clock.now())
    figures = AnalyticsRepository().get_funnel.blocking(period.start, period.now)["steps"]
    assert [share for _name, _count, share in steps] == [step["share"] for step in figures]
    assert "all the steps before it" in answer.text


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_bars_have_widths_that_a_browser_reads_in_every_language(page, language):
    paid(UserFactory.create(), clock.now(), "paid")
    UserFactory.create()
    UserFactory.create()

    text = page.get(FIGURES, headers={"Accept-Language": language}).text

    widths = re.findall(r"width: (.*?)%", text)
    assert widths[:3] == ["0.0", "33.33", "66.67"]
    assert all(re.fullmatch(r"\d+(\.\d+)?", width) for width in widths)


def test_another_period_is_asked_for_with_the_address(page):
    answer = page.get(INDEX, {"days": "7"})

    assert f"{FIGURES}?days=7" in answer.text
    assert page.get(INDEX, {"days": "drop"}).context["period"].days == 1


def test_what_happened_last_is_told_in_words(page, staff):
    user = UserFactory.create(telegram_id=77)
    paid(user, clock.now(), "paid")
    PaymentFactory.create()
    users.block_users.blocking([77], actor=staff, reason="sells accounts")

    text = page.get(INDEX).text

    assert "sells accounts" in text
    assert "was given Premium for 30 days" in text
    assert "just now" in text


def told(page):
    return [event.text for event in page.get(INDEX).context["events"]]


def test_what_was_done_to_many_is_one_line_and_leaves_room_for_the_rest(page, staff):
    buyers = [UserFactory.create() for _number in range(3)]
    for number, buyer in enumerate(buyers):
        paid(buyer, clock.now(), f"charge{number}")
    users.block_users.blocking([buyers[0].telegram_id], actor=staff, reason="sells accounts")
    many = [UserFactory.create(telegram_id=number) for number in range(1, 13)]
    for user in many:  # as a campaign gives it, batch by batch
        access.grant_access.blocking(user.pk, "pro", 1, actor=staff, reason="outage", request_id=str(user.pk))
    users.block_users.blocking(list(range(1, 13)), actor=staff, reason="spam")

    found = told(page)

    assert found[:3] == [
        "boss: User blocked — spam · 12 times",
        "boss: Access given — outage · 12 times",
        "boss: User blocked — sells accounts",
    ]
    assert sum("was given Premium" in text for text in found) == 3
    listed = page.get(page.get(INDEX).context["events"][0].url).context["cl"]
    assert listed.result_count == 13


def test_more_than_is_looked_at_is_not_counted_as_all(page, staff, monkeypatch):
    monkeypatch.setattr(audit, "ENTRIES_LOOKED_AT", 5)
    for number in range(1, 8):
        UserFactory.create(telegram_id=number)
    users.block_users.blocking(list(range(1, 8)), actor=staff, reason="spam")

    assert told(page) == ["boss: User blocked — spam · 5 times or more"]


def test_money_has_its_places_however_much_is_done(page, staff):
    user = UserFactory.create()
    for number in range(4):
        paid(user, clock.now() - timedelta(days=9), f"charge{number}")
    for number in range(9):
        users.add_note.blocking(user.pk, f"note {number}", actor=staff)
        other = UserFactory.create(telegram_id=number + 1)
        users.block_users.blocking([other.telegram_id], actor=staff, reason=f"reason {number}")

    found = told(page)

    assert len(found) == 8
    assert sum("was given Premium" in text for text in found) == 3
    assert "boss: Note written · 9 times" in found


def test_money_stands_at_the_moment_that_is_told_of_it():
    user = UserFactory.create()
    for charge_id, at in (("refunded", NOON - 3 * HOUR), ("kept", NOON - 2 * HOUR)):
        paid(user, at, charge_id)
    money.mark_refunded.blocking("refunded", now=NOON)

    told = events_of(happened(lambda _right: True))

    assert [event.at for event in told if event.icon == "payments"] == [NOON, NOON - 2 * HOUR]


def test_what_happens_to_an_old_payment_is_told_however_many_came_since():
    user = UserFactory.create()
    for number in range(6):
        paid(user, NOON - timedelta(days=9 - number), f"charge{number}")
    money.mark_refunded.blocking("charge0", now=NOON)

    told = events_of(happened(lambda _right: True, 3), 3)

    moments = [event.at for event in told if event.icon == "payments"]
    assert moments == [NOON, NOON - timedelta(days=4), NOON - timedelta(days=5)]


def test_a_case_that_staff_opened_takes_one_line(page, staff):
    payment = paid(UserFactory.create(), clock.now(), "paid")
    money.propose_refund.blocking(payment.pk, actor=staff, reason="he asked for it")
    money.open_payment_case.blocking(UserFactory.create().pk, "Where is it?", actor=staff)

    found = told(page)

    assert len(found) == 3
    assert not any(text.startswith("boss: ") for text in found)


def test_without_anything_the_page_says_what_to_do(page):
    assert "python manage.py import_legacy" in page.get(INDEX).text


def test_who_may_see_users_only_sees_no_money(onlooker):
    paid(UserFactory.create(), clock.now(), "paid")

    landing, figures = onlooker.get(INDEX), onlooker.get(FIGURES)

    assert "⭐" not in landing.text + figures.text
    assert [card.title for card in figures.context["cards"]] == ["New users", "Active users", "Requests"]
    assert "funnel" not in figures.context
    assert 'role="search"' not in landing.text


def test_who_may_see_nothing_sees_no_figures():
    client = Client()
    client.force_login(StaffFactory.create(is_superuser=False))

    assert client.get(INDEX).status_code == 200
    assert FIGURES not in client.get(INDEX).text
    assert client.get(FIGURES).status_code == 403
