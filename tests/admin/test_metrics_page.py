"""The list of metrics: found by a part of the name or by whose request failed, kept by event and by time."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.urls import reverse

from analytics.models import Metric
from faceitbot.core import clock
from tests.factories import MetricFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:analytics_metric_changelist")
SOMEBODY = UUID("4f1b0c9e-3a53-4bd1-9d6f-0f7a0b7a1c11")


@pytest.fixture
def metrics():
    long_ago = clock.now() - timedelta(days=400)
    return {
        "old": MetricFactory.create(timestamp=long_ago),
        "new": MetricFactory.create(),
        "failed": MetricFactory.create(name="request.failed", tags={"user": str(SOMEBODY), "kind": "faceit"}),
        "own": MetricFactory.create(name="match_analysis_completed", value=1234.5),
    }


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"old", "new", "failed", "own"}),
        ({"q": "match"}, {"old", "new", "own"}),
        ({"q": " MATCH.ana "}, {"old", "new"}),
        ({"q": str(SOMEBODY)}, {"failed"}),
        ({"q": "no such name"}, set()),
        ({"event": "match.analysed"}, {"old", "new"}),
        ({"event": "match.analysed", "reported": "week"}, {"new"}),
        ({"event": "nonsense"}, {"old", "new", "failed", "own"}),
    ],
)
def test_the_list_keeps_what_is_asked_for(page, metrics, asked, found):
    rows = page.get(LIST, asked).context["cl"].result_list

    assert {name for name, metric in metrics.items() if metric in rows} == found


def test_an_event_is_shown_in_words_and_one_without_words_by_its_name(page, metrics):
    text = page.get(LIST).text

    assert "Request failed" in text
    assert "kind: faceit" in text
    assert "match_analysis_completed" in text
    assert "1234.50" in text


def test_a_metric_is_looked_at_and_not_changed(page, metrics):
    address = reverse("admin:analytics_metric_change", args=[metrics["failed"].pk])

    answer = page.get(address)
    assert answer.status_code == 200
    assert str(SOMEBODY) in answer.text
    assert page.post(address, {"name": "other"}).status_code == 403
    assert page.post(reverse("admin:analytics_metric_delete", args=[metrics["own"].pk])).status_code == 403
    assert Metric.objects.count() == 4
