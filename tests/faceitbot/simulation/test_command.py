"""`manage.py simulate_traffic`: a past and a present, and no database of somebody's."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Sum

from analytics.models import Metric
from analytics.models.metrics import FAILED_REQUEST
from analytics.repositories import AnalyticsRepository
from faceitbot.core import clock
from faceitbot.core.models import AuditEntry
from faceitbot.core.observability import gathered
from faceitbot.management.commands import simulate_traffic
from faceitbot.simulation import running
from faceitbot.simulation.acting import Bot
from faceitbot.simulation.events import FIRST_ID, Kind, Purchase
from faceitbot.simulation.history import Plan, days, people
from faceitbot.simulation.metrics import PastMetrics
from faceitbot.simulation.population import Population
from matches.models import MatchAnalysis
from subscriptions.models import (
    Order,
    Payment,
    PaymentCase,
    PaymentStatus,
    Referral,
    StarSync,
    StarTransaction,
)
from tests.factories import UserFactory
from users.models import User, UserActivity

pytestmark = pytest.mark.django_db
DAYS = 34
# Few people, of whom many do what is rare.
EAGER = Population(
    registrations_a_day=1.5,
    conversion_share=0.9,
    yearly_share=0.0,
    recurring_share=0.8,
    refund_share=0.2,
    referral_share=0.4,
    failure_share=0.2,
    visits_a_week=1.0,
)


@pytest.fixture
def eager(monkeypatch):
    monkeypatch.setattr(simulate_traffic, "Population", lambda: EAGER)


def simulate(**options):
    call_command("simulate_traffic", **options)


def kinds(events):
    return Counter(event.kind for event in events)


def rows():
    """Give what there is, but for ids that are drawn by chance."""
    return [
        list(User.objects.order_by("telegram_id").values_list("telegram_id", "faceit_nickname", "language")),
        list(
            MatchAnalysis.objects.order_by("user__telegram_id", "match_id").values_list(
                "match_id", "revision"
            )
        ),
        list(Payment.objects.order_by("telegram_payment_charge_id").values_list("amount", "status")),
    ]


def test_a_past_is_stored_as_it_was_invented(eager, capsys):
    # when
    simulate(days=DAYS, seed=3)

    # then
    plan = Plan(3, DAYS, clock.now(), EAGER)
    begun = AuditEntry.objects.get(action="simulation.begun").after
    plan = replace(plan, end=clock.aware(plan.end.fromisoformat(begun["end"])))
    events = [event for day in days(plan) for event in day]
    invented = kinds(events)
    assert f"{invented.total()} events" in capsys.readouterr().out
    assert User.objects.count() == invented[Kind.REGISTER]
    assert User.objects.filter(faceit_player_id__isnull=False).count() == invented[Kind.LINK]
    assert Order.objects.count() == invented[Kind.ORDER] + invented[Kind.BUY]
    paid = Payment.objects.filter(status__in=[PaymentStatus.COMPLETED, PaymentStatus.REFUNDED])
    assert paid.count() == Payment.objects.count() == invented[Kind.BUY] + invented[Kind.RENEW]
    assert Payment.objects.filter(status=PaymentStatus.REFUNDED).count() == invented[Kind.REFUND] > 0
    invited = [who for who, _dice in people(plan) if who.invited_by is not None]
    assert Referral.objects.count() == len(invited) > 0
    assert MatchAnalysis.objects.filter(analysed_at__lt=plan.end).exists()
    # metrics of all that was done, everything at its own moment
    at = defaultdict(list)
    for name, timestamp in Metric.objects.order_by("timestamp").values_list("name", "timestamp"):
        at[name].append(timestamp)
    reported = {
        "user.created": {Kind.REGISTER},
        "faceit_account.linked": {Kind.LINK},
        "match.analysed": {Kind.ANALYSE},
        FAILED_REQUEST: {Kind.FAIL},
        "order.created": {Kind.ORDER, Kind.BUY},
        "payment.completed": {Kind.BUY, Kind.RENEW},
        "payment.refunded": {Kind.REFUND},
    }
    for name, of_kinds in reported.items():
        assert at[name] == [event.at for event in events if event.kind in of_kinds] != [], name
    assert at["referral.applied"] == [who.registered_at for who in invited]
    assert set(at) == {*reported, "referral.applied"}
    stars = Metric.objects.filter(name="payment.completed").aggregate(sum=Sum("value"))["sum"]
    assert stars == paid.aggregate(sum=Sum("amount"))["sum"]
    features = AnalyticsRepository().get_usage_patterns.blocking(DAYS + 1, now=plan.end)["features"]
    assert features == {name: len(moments) for name, moments in at.items() if name != FAILED_REQUEST}

    # people and their requests, too
    registered = {event.telegram_id: event.at for event in events if event.kind == Kind.REGISTER}
    assert dict(User.objects.values_list("telegram_id", "created_at")) == registered
    assert UserActivity.objects.filter(hour__lt=plan.end - timedelta(days=DAYS - 10)).exists()
    steps = AnalyticsRepository().get_funnel.blocking(plan.start, plan.end)["steps"]
    assert [step["users"] for step in steps[:2]] == [invented[Kind.REGISTER], invented[Kind.LINK]]
    assert steps[3]["users"] == invented[Kind.BUY]

    # as Telegram would list it
    listed = StarTransaction.objects.filter(settled_at__isnull=False)
    assert listed.count() == invented[Kind.BUY] + invented[Kind.RENEW] + invented[Kind.REFUND]
    assert not StarTransaction.objects.filter(payment=None).exists()
    assert StarSync.objects.get().finished_at > clock.now() - timedelta(minutes=5)
    assert not PaymentCase.objects.exists()

    # and nothing is broken, also when the present goes on from there
    simulate(count=80)
    assert User.objects.count() > invented[Kind.REGISTER]
    call_command("check_integrity")
    simulate(days=DAYS)
    assert "There is a history already" in capsys.readouterr().out


def test_the_same_seed_does_the_same(eager):
    def done():
        simulate(count=80, seed=8)
        return rows()

    first = in_a_database_of_its_own(done)

    assert first[0]
    assert in_a_database_of_its_own(done) == first


def in_a_database_of_its_own(work):
    """Give what work does to the empty database, and take it back."""
    with transaction.atomic():
        found = work()
        transaction.set_rollback(True)
    return found


def test_a_database_of_somebody_is_refused_and_left_alone():
    UserFactory.create()

    with pytest.raises(
        CommandError, match=r"no simulation has made: 1 users\. Nothing was written"
    ) as refused:
        simulate(count=5)

    assert refused.value.returncode == 2
    assert User.objects.count() == 1
    assert not AuditEntry.objects.exists()


def test_an_id_like_those_of_simulated_people_is_not_enough():
    UserFactory.create(telegram_id=FIRST_ID)

    with pytest.raises(CommandError, match="1 users"):
        simulate(days=2)


def test_somebody_who_comes_later_is_seen():
    simulate(count=5)
    UserFactory.create(telegram_id=77)

    with pytest.raises(CommandError, match="1 users"):
        simulate(count=5)


def test_whoever_says_that_it_is_a_test_database_is_believed():
    UserFactory.create(telegram_id=77)

    simulate(count=20, agreed=True)

    assert User.objects.count() > 1


@pytest.mark.parametrize("options", [{"days": 2, "count": 5}, {"days": 2, "rate": 1.0}, {"registrations": 3}])
def test_options_that_do_not_go_together_are_refused(options):
    with pytest.raises(CommandError) as refused:
        simulate(**options)

    assert refused.value.returncode == 2
    assert not User.objects.exists()


def test_ctrl_c_ends_it_with_a_summary(monkeypatch, capsys):
    perform, done = Bot.perform, []

    def interrupted(bot, event):
        done.append(event)
        return perform(bot, event)

    def pace(*_args):
        if len(done) >= 10:
            raise KeyboardInterrupt

    monkeypatch.setattr(Bot, "perform", interrupted)
    monkeypatch.setattr(running.Load, "_pace", pace)

    with pytest.raises(CommandError, match="Interrupted") as ended:
        simulate(count=1000)

    assert ended.value.returncode == 130
    assert f"{len(done)} events in" in capsys.readouterr().out


def test_a_past_that_was_interrupted_goes_on(eager, monkeypatch):
    end_day = Bot.end_day
    ended: list[object] = []

    def interrupted(bot, now=None):
        if len(ended) == 12:
            raise KeyboardInterrupt
        ended.append(now)
        end_day(bot, now)

    with monkeypatch.context() as patched:
        patched.setattr(Bot, "end_day", interrupted)
        with pytest.raises(CommandError):
            simulate(days=20, seed=4)
    half = User.objects.count()

    # A present would take the numbers of those who are still to come.
    with pytest.raises(CommandError, match="is not complete") as refused:
        simulate(count=10)
    assert (refused.value.returncode, User.objects.count()) == (2, half)
    # Somebody who is active now does not make the days that are missing complete.
    User.objects.filter(telegram_id=FIRST_ID).update(last_active_at=clock.now())

    simulate(days=30, seed=5)  # it goes on as it was begun

    begun = AuditEntry.objects.get(action="simulation.begun").after
    assert (begun["seed"], begun["days"]) == (4, 20)
    invented = list(people(Plan(4, 20, clock.now(), EAGER)))
    assert half < User.objects.count() == len(invented)
    call_command("check_integrity")


def test_a_past_is_not_put_before_a_present():
    simulate(count=40)
    there = rows()

    with pytest.raises(CommandError, match="a past cannot be put before it") as refused:
        simulate(days=20)

    assert refused.value.returncode == 2
    assert rows() == there
    assert not AuditEntry.objects.filter(action="simulation.filled").exists()


def test_without_tables_one_sentence_says_what_to_do():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entries RENAME TO gone")

    with pytest.raises(CommandError, match=r"run `manage\.py migrate` first") as refused:
        simulate(days=2)

    assert refused.value.returncode == 2


def test_limits_are_obeyed():
    bot, moment = Bot(Population()), clock.now()
    events = [event for day in days(Plan(1, 2, moment)) for event in day if event.kind == Kind.ANALYSE]

    done = [bot.perform(events[0]._replace(value=f"match-{number}")) for number in range(15)]

    assert done == [True] * 10 + [False] * 5  # the ten a day of the free tier


def test_what_is_refused_among_others_costs_them_nothing():
    bot, moment = Bot(Population()), clock.now()
    events = [event for day in days(Plan(1, 2, moment)) for event in day]
    first = next(event for event in events if event.kind == Kind.ANALYSE)
    key = bot._key(first)
    User.objects.filter(pk=key).update(blocked_at=moment)
    other = next(event for event in events if event.kind == Kind.REGISTER and event.number != first.number)

    metrics = PastMetrics(moment)
    with transaction.atomic(), gathered(metrics.take):
        order = first._replace(kind=Kind.ORDER, value=Purchase("pro", "monthly", False, "c"))
        bot.perform_all([other, order], metrics)
        metrics.write()

    # of what was undone nothing is told, and nothing twice
    told = Metric.objects.filter(timestamp__lt=moment).values_list("name", "timestamp")
    assert list(told) == [("user.created", other.at)]
    assert set(User.objects.values_list("telegram_id", flat=True)) == {first.telegram_id, other.telegram_id}
    assert not Order.objects.filter(user=key).exists()
