"""Who may read the metrics of the web: whoever shows the token, and staff; for others there is nothing."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from faceitbot.monitoring.endpoint import MetricsEndpoint
from tests.factories import StaffFactory

TOKEN = "a-long-and-random-token-of-prometheus"


async def ask(headers, method="GET"):
    """Ask as a server does; Django stands behind the endpoint."""

    async def django(scope, receive, send):
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b"django"})

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": "/metrics", "method": method, "headers": headers}
    await MetricsEndpoint(django)(scope, None, send)
    return sent[0]["status"], sent[1]["body"]


@pytest.mark.parametrize(
    ("configured", "shown", "status"),
    [
        (TOKEN, f"Bearer {TOKEN}", 200),
        (TOKEN, "Bearer wrong", 403),
        (TOKEN, TOKEN, 403),
        (TOKEN, f"Basic {TOKEN}", 403),
        ("", "Bearer ", 403),
        ("", f"Bearer {TOKEN}", 403),
        (TOKEN, None, 299),
    ],
)
async def test_a_token_opens_it(settings, configured, shown, status):
    settings.METRICS_TOKEN = configured
    headers = [(b"authorization", shown.encode())] if shown else []

    found, body = await ask(headers)

    assert found == status
    assert (b"faceitbot_repository_calls_total" in body) == (status == 200)


async def test_it_is_only_read(settings):
    settings.METRICS_TOKEN = TOKEN

    assert (await ask([(b"authorization", f"Bearer {TOKEN}".encode())], "POST"))[0] == 405


@pytest.mark.django_db
def test_staff_read_it_in_their_browser(settings):
    account = StaffFactory.create(username="somebody", is_superuser=False)
    account.groups.set([Group.objects.get(name="support")])
    client = Client()
    client.force_login(account)

    answer = client.get("/metrics")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert b"faceitbot_repository_calls_total" in answer.content

    account.groups.clear()
    assert client.get("/metrics").status_code == 404


@pytest.mark.django_db
def test_for_everybody_else_there_is_nothing(settings, client):
    assert client.get("/metrics").status_code == 404

    settings.STAFF_TOTP = True  # a password alone
    account = StaffFactory.create(username="somebody", is_superuser=True)
    client.force_login(account)
    assert client.get("/metrics").status_code == 404
