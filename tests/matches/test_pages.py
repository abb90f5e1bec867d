"""What staff see of matches: readable, found by what they paste, and nobody writes it by hand."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from faceitbot.core.json_tables import as_tables
from tests.admin.roles import member
from tests.factories import MatchAnalysisFactory, MatchCacheFactory, StaffFactory, UserFactory
from tests.matches.made import match_body

pytestmark = pytest.mark.django_db
ANALYSES = reverse("admin:matches_matchanalysis_changelist")
BODIES = reverse("admin:matches_matchcache_changelist")


@pytest.fixture
def page(client):
    client.force_login(StaffFactory.create(username="boss"))
    return client


def page_of(row):
    return reverse(f"admin:matches_{row._meta.model_name}_change", args=[row.pk])


def found(page, **query):
    return [row.match_id for row in page.get(ANALYSES, query).context["cl"].result_list]


def test_the_page_of_an_analysis_shows_its_parts_as_tables(page):
    row = MatchAnalysisFactory.create(
        match_id="1-abc",
        team1_analysis={
            "name": "Foxes <b>",
            "averages": {"elo": 2100.5},
            "players": [{"nickname": "ace", "kd": 1.25}, {"nickname": "bob", "kd": None}],
        },
        prediction={"probability": 0.64, "confidence": "likely"},
        details={"recommendations": [{"kind": "ban", "map": "de_nuke"}]},
    )

    text = page.get(page_of(row)).text

    for shown in ("Player", "K/D", "ace", "1.25", "Probability", "0.64", "Recommendations", "de_nuke"):
        assert shown in text
    assert "Foxes &lt;b&gt;" in text
    assert "Foxes <b>" not in text
    assert "{&quot;" not in text
    assert 'href="https://www.faceit.com/en/cs2/room/1-abc"' in text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://www.faceit.com/{lang}/cs2/room/1-abc?x=1", "https://www.faceit.com/en/cs2/room/1-abc?x=1"),
        ("javascript:alert(1)", "https://www.faceit.com/en/cs2/room/1-abc"),
        ("https://faceit.com.evil.example/room", "https://www.faceit.com/en/cs2/room/1-abc"),
        ("https://[", "https://www.faceit.com/en/cs2/room/1-abc"),
    ],
)
def test_the_room_is_one_of_faceit(page, given, shown):
    row = MatchAnalysisFactory.create(match_id="1-abc", match_url=given)

    text = page.get(page_of(row)).text

    assert f'href="{shown}"' in text
    assert "evil" not in text
    assert "javascript:alert" not in text


def test_an_odd_match_id_makes_no_other_address(page):
    row = MatchAnalysisFactory.create(match_id='../"><script>', game="c/s")

    assert "https://www.faceit.com/en/c%2Fs/room/..%2F%22%3E%3Cscript%3E" in page.get(page_of(row)).text


def test_analyses_are_found_by_match_and_by_user(page):
    user = UserFactory.create(telegram_id=4_242, faceit_nickname="Ёжик")
    row = MatchAnalysisFactory.create(user=user, match_id="1-mine")
    MatchAnalysisFactory.create(match_id="1-other")

    for term in ("1-mine", "4242", "ёжик", str(user.pk), str(row.pk)):
        assert found(page, q=term) == ["1-mine"]
    assert found(page, q="1-min") == []


def test_analyses_are_filtered_by_status_map_and_game(page):
    MatchAnalysisFactory.create(match_id="1-a", status="finished", map_name="de_nuke", game="csgo")
    MatchAnalysisFactory.create(match_id="1-b", map_name="")

    assert found(page, status__exact="finished") == ["1-a"]
    assert found(page, map="de_nuke") == ["1-a"]
    assert found(page, map="—") == ["1-b"]
    assert found(page, game="cs2") == ["1-b"]
    assert sorted(found(page, map="de_no_such")) == ["1-a", "1-b"]


def test_an_unknown_status_is_shown_as_it_came(page):
    MatchAnalysisFactory.create(status="scheduled", status_raw="CHECK_IN")

    assert "CHECK_IN" in page.get(ANALYSES).text


@pytest.mark.parametrize("url", [ANALYSES, BODIES])
def test_a_list_reads_no_json(page, url):
    MatchAnalysisFactory.create()
    MatchCacheFactory.create()

    with CaptureQueriesContext(connection) as queries:
        assert page.get(url).status_code == 200

    asked = [query["sql"] for query in queries if 'FROM "match_' in query["sql"]]
    assert asked
    assert not any("team1_analysis" in sql or "match_data" in sql for sql in asked)


def test_a_stored_match_is_readable_and_found_by_its_id(page):
    row = MatchCacheFactory.create(match_id="1-abc", match_data=match_body("1-abc"))
    MatchCacheFactory.create()

    text = page.get(page_of(row)).text

    assert "player11" in text
    assert 'href="https://www.faceit.com/en/cs2/room/1-abc"' in text
    assert [each.pk for each in page.get(BODIES, {"q": "1-abc"}).context["cl"].result_list] == [row.pk]
    assert len(page.get(BODIES, {"state": "good"}).context["cl"].result_list) == 2
    assert page.get(BODIES, {"state": "expired"}).context["cl"].result_list == []


@pytest.mark.parametrize("role", ["support", "finance", "admin"])
def test_every_role_looks_and_nobody_writes(role):
    client = Client()
    client.force_login(member(role))
    for row, url in ((MatchAnalysisFactory.create(), ANALYSES), (MatchCacheFactory.create(), BODIES)):
        assert client.get(url).status_code == 200
        assert client.get(page_of(row)).status_code == 200
        assert client.post(page_of(row), {"match_id": "1-x"}).status_code == 403
        assert client.post(page_of(row).replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert "Match analyses" in client.get(ANALYSES).text


def test_who_may_not_look_is_sent_away():
    client, account = Client(), StaffFactory.create(is_superuser=False)
    account.user_permissions.add(Permission.objects.get(codename="view_grant"))
    client.force_login(account)

    assert client.get(ANALYSES).status_code == 403


# ---- JSON as tables


def test_what_is_no_table_stays_json():
    wide = [{f"key{n}": n for n in range(20)}]
    deep = {"a": {"b": {"c": {"d": {"e": 1}}}}}

    assert "<pre" in as_tables(wide)
    assert "<pre" in as_tables(deep)
    assert "<pre" in as_tables([[1], [2]])


def test_values_are_shown_as_people_write_them():
    assert as_tables(None) == as_tables([]) == as_tables({}) == as_tables("") == "—"
    assert as_tables([1_000, 0.5, True, None, "x"]) == "1\u202f000, 0.5, yes, —, x"
    assert "<time" in as_tables("2026-03-01T18:00:00+00:00")
    assert as_tables("2026-03-01T99:00:00+00:00") == "2026-03-01T99:00:00+00:00"
