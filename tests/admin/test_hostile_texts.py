"""What people write is text on every page: a nickname that is markup or a script runs nowhere."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import Group
from django.contrib.auth.models import User as StaffAccount
from django.urls import reverse

from analytics.models import Metric
from faceitbot.core import clock
from faceitbot.core.models import AuditEntry, ErrorGroup, JobOutcome, JobRun
from faceitbot.models import ImportRefusal, ImportRun, UndecidedAccess
from matches.models import MatchAnalysis, MatchCache
from stats.models import PlayerMatch, PlayerStatsCache, PlayerStatsPoint, Prediction
from subscriptions.models import (
    Campaign,
    Grant,
    Notice,
    Order,
    Payment,
    PaymentCase,
    PlanPrice,
    Referral,
    ReferralProgramme,
    StarTransaction,
    TierLimits,
    UserSubscription,
)
from subscriptions.repositories import CampaignRepository, PaymentRepository
from tests.admin.browser import CHROMIUM
from tests.factories import (
    CampaignFactory,
    CardFactory,
    GrantFactory,
    MatchAnalysisFactory,
    MatchCacheFactory,
    MetricFactory,
    OrderFactory,
    PaymentCaseFactory,
    PlayerMatchFactory,
    PointFactory,
    PredictionFactory,
    ReferralFactory,
    StaffFactory,
    StarTransactionFactory,
    UserFactory,
)
from users.models import User
from users.repositories import UserRepository

IMAGE = "<img src=x onerror=alert(1)>"
# Out of an attribute, out of a script, into an expression of Alpine, into one of its templates.
BREAKOUT = "'\"></script>`${alert(1)}{{alert(1)}}<img src=x onerror=alert(1)>"
EVERY_TEXT = pytest.mark.parametrize("text", [IMAGE, BREAKOUT], ids=["image", "breakout"])


class Tags(HTMLParser):
    """Finds the tags and attributes that a text of ours would have made, and collects what is read."""

    def __init__(self, text):
        super().__init__()
        self.made, self.said = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if given.get("src") == "x" or "onerror" in given:
            self.made.append((tag, attrs))
        # Alpine runs what stands in these.
        self.made += [
            (name, value)
            for name, value in attrs
            if name.startswith(("x-", ":", "@", "on")) and value and "alert" in value
        ]

    def handle_data(self, data):
        self.said.append(data)


def analysis_with(text):
    """Make an analysis of the shape that has a page of its own, and with something that has none."""
    advice = {"kind": text, "player_id": text, "nickname": text, "map": text, "because": {text: [text]}}
    told = {"player_id": text, "nickname": text, "kd": text, "role": text, "recent_form": text, text: text}
    team = {"name": text, "players": [told], "dangerous_players": [advice], "averages": {"kd": text}}
    return MatchAnalysisFactory.create(
        match_id=text[:64],
        game=text[:64],
        map_name=text[:64],
        competition_name=text,
        match_url=text,
        team1_analysis=team,
        team2_analysis={**team, "maps": {text: {"winrate": text, "avg_kd": text}}},
        prediction={"team1_probability": 0.6, "favourite": text, "confidence": text, text: text},
        details={
            "match_info": {"maps": [text], "winner": text, "score": {"team1": text}},
            "maps": {text: {"difference": text, "standard_error": text}},
            "recommendations": {"team1": [advice]},
            text: [{text: text}],
        },
    )


def rows_with(text):
    """Make a row of each model that has pages, with the text wherever people write something."""
    now = clock.now()
    writer = StaffFactory.create(username="writer", first_name=text[:150])
    user, guest = (UserFactory.create(faceit_nickname=text) for _user in range(2))
    UserRepository().add_note.blocking(user.pk, text, actor=writer)
    money = PaymentRepository()
    payment = money.record_successful_payment.blocking(user.telegram_id, text, "XTR", 199, text).payment
    campaign = CampaignFactory.create(name=text, reason=text, actor=writer)
    CampaignRepository().stop.blocking(campaign.pk, actor=writer, reason=text)  # a page of a running one acts
    run = ImportRun.objects.create(file_name=text, sha256="0" * 64, as_of=payment.created_at)
    for told in (ImportRefusal, UndecidedAccess):
        told.objects.create(
            run=run, record=1, line=1, telegram_id=user.telegram_id, code=text[:32], sentence=text
        )
    entry = AuditEntry.objects.create(
        actor=writer,
        action="user.noted",
        object_label="users.user",
        object_id=str(user.pk),
        reason=text,
        before={"nickname": text},
        after={text: text},
    )
    match = PlayerMatchFactory.create(player_id=text, nickname=text, match_id=text, map_name=text)
    return {
        User: user,
        AuditEntry: entry,
        ImportRun: run,
        StaffAccount: writer,
        UserSubscription: UserSubscription.objects.get_or_create(user=user)[0],
        Campaign: campaign,
        Grant: GrantFactory.create(user=user),
        Referral: ReferralFactory.create(referrer=user, referee=guest),
        Notice: Notice.objects.create(user=user, kind="expired", subject="1"),
        Order: OrderFactory.create(user=user, title=text[:32], description=text),
        Payment: payment,
        PaymentCase: PaymentCaseFactory.create(user=user, text=text),
        StarTransaction: StarTransactionFactory.create(payment=payment),
        TierLimits: TierLimits.objects.first(),
        PlanPrice: PlanPrice.objects.first(),
        ReferralProgramme: ReferralProgramme.objects.get(),
        Group: Group.objects.create(name=text[:150]),
        PlayerStatsCache: CardFactory.create(
            player_id=text,
            nickname=text,
            user=user,
            country=text[:8],
            player_role=text[:32],
            map_performance={text: {"matches": 1}},
        ),
        PlayerMatch: match,
        PlayerStatsPoint: PointFactory.create(player_id=text),
        MatchAnalysis: analysis_with(text),
        MatchCache: MatchCacheFactory.create(
            match_id=text[:64],
            match_data={"status": text, "teams": {"faction1": {"name": text}}, text: [text]},
            match_stats=[{text: text}],
        ),
        Prediction: PredictionFactory.create(match_id=text, inputs={text: text}),
        Metric: MetricFactory.create(name=text[:64], tags={text: text}),
        JobRun: JobRun.objects.create(
            name=text[:64],
            started_at=now,
            ended_at=now,
            alive_until=now,
            outcome=JobOutcome.FAILED,
            error=text,
            figures={text: 1},
            process=text,
            correlation_id=text[:64],
        ),
        ErrorGroup: ErrorGroup.objects.create(
            method=text,
            error_class=text,
            count=1,
            first_seen=now,
            last_seen=now,
            last_correlation_id=text[:64],
        ),
    }


def address(model, view, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def answers_about(page, model, row, text):
    """Give every page of a model: lists, searches, a row's pages, what each action asks."""
    its_page: Any = admin.site.get_model_admin(model)
    url = address(model, "changelist")
    shown = page.get(url)
    yield shown
    yield page.get(url, {"q": text})
    for view in ("change", "history", "delete"):
        yield page.get(address(model, view, row.pk))
    for name in its_page.get_actions(shown.wsgi_request):
        yield page.post(url, {"action": name, ACTION_CHECKBOX_NAME: [str(row.pk)]}, follow=True)
    for name in its_page.actions_detail:
        yield page.get(address(model, name, row.pk), follow=True)


@pytest.mark.django_db
@EVERY_TEXT
@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_no_page_about_a_row_makes_anything_of_it(page, model, text):
    row = rows_with(text)[model]

    made = [tag for answer in answers_about(page, model, row, text) for tag in Tags(answer.text).made]

    assert made == []


@pytest.mark.django_db
@EVERY_TEXT
@pytest.mark.parametrize("name", ["index", "find", "search", "figures", "month_report"])
def test_no_other_page_makes_anything_of_it(page, name, text):
    rows_with(text)

    for query in ({}, {"q": text}, {"s": text}, {"month": text}, {"days": text}):
        assert Tags(page.get(reverse(f"admin:{name}"), query).text).made == []


@pytest.mark.django_db
@EVERY_TEXT
@pytest.mark.parametrize(
    "model",
    [User, Grant, Payment, PaymentCase, Campaign, AuditEntry, ImportRun, Group, MatchAnalysis, MatchCache],
)
def test_it_is_read_as_it_was_written(page, model, text):
    """Control: the walk sees pages that do show the text."""
    row = rows_with(text)[model]

    read = " ".join(" ".join(Tags(answer.text).said) for answer in answers_about(page, model, row, text))

    assert text in read


def test_the_walk_would_see_it():
    """Control: the text as markup, in an attribute, and in what Alpine runs."""
    for markup in (IMAGE, f'<p title="{BREAKOUT}">', '<p x-data="alert(1)">', '<p onclick="alert(1)">'):
        assert Tags(markup).made != []


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")
def test_it_runs_in_no_page_of_a_browser(open_page, staff):
    text = BREAKOUT  # which holds the image, too
    rows = rows_with(text)
    page = open_page(reverse("admin:index"), account=staff)
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    urls = [reverse("admin:index"), f"{reverse('admin:find')}?q={quote(text)}"]
    urls += [address(User, "block", rows[User].pk), f"{reverse('admin:search')}?s={quote(text)}"]
    urls += [address(model, "change", row.pk) for model, row in rows.items()]
    urls += [address(model, "changelist") for model in rows]

    for url in urls:
        page.goto(f"{page.url.partition('/admin/')[0]}{url}", wait_until="load")
        assert page.locator("img[src=x]").count() == 0, url

    assert dialogs == []
    page.evaluate("alert('control')")
    assert dialogs == ["control"]
