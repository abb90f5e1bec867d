"""Lists as files: what a spreadsheet makes of each cell, and what the log says of who took them."""

import csv
import gc
import io
import re
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from asgiref.sync import sync_to_async
from django.contrib import admin
from django.db import connection, connections
from django.test import AsyncClient
from django.urls import reverse
from openpyxl import load_workbook

from faceitbot.core.exports import download as downloads
from faceitbot.core.exports import xlsx_file
from faceitbot.core.exports.columns import Table
from faceitbot.core.exports.csv_file import csv_file, safe
from faceitbot.core.exports.pages import ExportPages
from faceitbot.core.models import AuditEntry
from subscriptions.models import Grant, Order, Payment, StarTransaction, UserSubscription
from tests.admin.roles import member
from tests.admin.rows import make_rows
from tests.eventually import eventually
from tests.factories import GrantFactory, OrderFactory, PaymentFactory, StaffFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 3, 31, 22, 30, 5, tzinfo=UTC)  # the first of April in Moscow
EXPORTABLE = [
    pytest.param(model, id=model._meta.label)
    for model, its_page in admin.site._registry.items()
    if isinstance(its_page, ExportPages)
]


def address(model, kind="csv"):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_export_{kind}")


@pytest.fixture(autouse=True)
async def _closed_connections():
    """Close what the views and `make` have opened in the thread that asgiref gives them."""
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture
def boss():
    return StaffFactory.create(username="boss")


@pytest.fixture
async def page(boss):
    client = AsyncClient()
    await client.aforce_login(boss)
    return client


async def file_of(page, model, kind="csv", **query):
    answer = await page.post(address(model, kind), query_params=query)
    assert answer.status_code == 200
    assert answer.streaming
    return answer, b"".join([piece async for piece in answer.streaming_content])


async def table_of(page, model, **query):
    _answer, content = await file_of(page, model, **query)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


make = sync_to_async


def nothing_is_left():
    """Whether every place is free again and no connection reads any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0] == 0 and downloads._places._value == downloads.AT_ONCE


# ---- Cells


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1", "'+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("\n=1", "'\n'=1"),
        ("＝1", "'＝1"),
        ("5000000001", "'5000000001"),
        ("4503599627370496", "'4503599627370496"),
        ("007", "'007"),
        ("1E5", "'1E5"),
        ("10/11", "'10/11"),
        ("2026-03-31", "'2026-03-31"),
        ("s1mple", "s1mple"),
        ("player_1", "player_1"),
        ("Ёж", "Ёж"),
        ("", ""),
        ("e", "e"),
        ("stxAbC-09", "stxAbC-09"),
        (" =1+1", "' =1+1"),
        ('"=1+1', "'\"=1+1"),
        # Split where this file's own separator is not one, and the rest would be a cell of its own.
        ("x,=1+1", "x,'=1+1"),
        ("x;=1+1", "x;'=1+1"),
        ("x\t@SUM(A1)", "x\t'@SUM(A1)"),
        ("x\r\n-1+1", "x\r\n'-1+1"),
        ("x|+1", "x|'+1"),
        ("x, ＝1", "x, '＝1"),
        ('x,"=1+1";=1', "x,\"'=1+1\";'=1"),
        ("=1,=1", "'=1,'=1"),
        ("Сбой, 2 дня; a=b, c-d", "Сбой, 2 дня; a=b, c-d"),
    ],
)
def test_a_text_stays_a_text(text, cell):
    assert safe(text) == cell


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("a;b", '"a;b"'),
        ("a,b", '"a,b"'),
        ('a"b', '"a""b"'),
        ("a\nb", '"a\nb"'),
        ("", '""'),
        (None, '""'),
        (1_500, "1500"),
        (-430, "-430"),
        (1.5, '"1,5"'),
        (10.0, "10"),
        (0.25, '"0,25"'),
        (date(2026, 3, 31), '"2026-03-31"'),
        (datetime(2026, 3, 31, 22, 30, 5), '"2026-03-31 22:30:05"'),
    ],
)
def test_what_a_separator_could_split_stands_in_quotes(value, cell):
    [content] = csv_file(Table(["Title"], [], []), [[value]])

    assert content.decode("utf-8-sig") == f'"Title"\r\n{cell}\r\n'


async def test_a_payment_arrives_as_it_is(page):
    def payment():
        buyer = UserFactory.create(telegram_id=2**52, faceit_nickname="=cmd()")
        return PaymentFactory.create(
            order=OrderFactory.create(user=buyer, stars=1_500, payload="pay;1"),
            status="completed",
            telegram_payment_charge_id="12345678901234567890",
            payer_telegram_id=5_000_000_001,
            created_at=AT,
            completed_at=AT,
        )

    made = await make(payment)()

    [row] = await table_of(page, Payment)

    assert row == {
        "Id": str(made.pk),
        "Telegram id": "'4503599627370496",
        "FACEIT nickname": "'=cmd()",
        "Our id of the user": str(made.user_id),
        "Status": "completed",
        "Stars": "1500",
        "Tier": "Premium",
        "Days": "30",
        "Kind of charge": "once",
        "Charge id": "'12345678901234567890",
        "Payload": "pay;1",
        "Payer": "'5000000001",
        "Received amount": "",
        "Received currency": "",
        "Why in review": "",
        "Made at (Europe/Moscow)": "2026-04-01 01:30:05",
        "Completed at (Europe/Moscow)": "2026-04-01 01:30:05",
        "Refund asked for at (Europe/Moscow)": "",
        "Refunded at (Europe/Moscow)": "",
    }


async def test_a_spreadsheet_has_texts_as_texts_and_numbers_as_numbers(page):
    def payment():
        buyer = UserFactory.create(telegram_id=2**52, faceit_nickname="=cmd()")
        PaymentFactory.create(order=OrderFactory.create(user=buyer, stars=1_500), created_at=AT)

    await make(payment)()

    _answer, content = await file_of(page, Payment, "xlsx")

    sheet = load_workbook(io.BytesIO(content)).active
    [titles, row] = sheet.iter_rows()
    cells = {title.value: (cell.value, cell.data_type) for title, cell in zip(titles, row, strict=True)}
    assert cells["Telegram id"] == ("4503599627370496", "s")
    assert cells["FACEIT nickname"] == ("=cmd()", "s")
    assert cells["Stars"] == (1_500, "n")
    assert cells["Made at (Europe/Moscow)"] == (datetime(2026, 4, 1, 1, 30, 5), "d")
    assert b"<f>" not in ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


async def test_days_are_a_number_as_russian_spreadsheets_read_it(page):
    def grants():
        for days in (1.5, 10, None):
            GrantFactory.create(
                duration=days and timedelta(days=days), created_at=AT - timedelta(days=days or 0)
            )

    await make(grants)()

    rows = await table_of(page, Grant)

    assert [row["Days, empty: for ever"] for row in rows] == ["", "1,5", "10"]


@pytest.mark.parametrize(
    ("language", "actor", "action", "kind", "changes"),
    [
        ("en", "system", "Payment completed", "Payment", "Stars: — → 5; Status: in review → completed"),
        ("ru", "система", "Платёж проведён", "Платёж", "Звёзды: — → 5; Статус: на проверке → проведён"),
    ],
)
async def test_the_audit_log_is_in_words_of_the_reader(
    page, settings, language, actor, action, kind, changes
):
    await AuditEntry.objects.acreate(
        action="payment.completed",
        object_label="subscriptions.payment",
        object_id="7",
        before={"status": "needs_review", "amount": None},
        after={"status": "completed", "amount": 5},
    )
    page.cookies[settings.LANGUAGE_COOKIE_NAME] = language

    [row] = await table_of(page, AuditEntry)

    assert list(row.values())[1:] == [actor, action, kind, "'7", "", changes, ""]


async def test_a_subscription_shows_the_tier_that_is_in_force(page):
    def subscription():
        UserSubscription.objects.create(
            user=UserFactory.create(), tier="pro", expires_at=AT - timedelta(days=1_000)
        )

    await make(subscription)()

    [row] = await table_of(page, UserSubscription)

    assert (row["Tier in force"], row["Stored tier"]) == ("Free", "Pro")


@pytest.mark.parametrize("model", EXPORTABLE)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_every_list_with_the_button_gives_both_files(page, model, kind):
    rows = await make(make_rows)(model, 0, 3)

    answer, content = await file_of(page, model, kind)

    table = re.escape(model._meta.db_table)
    assert re.fullmatch(
        rf'attachment; filename="{table}_\d{{4}}-\d\d-\d\d\.{kind}"', answer["Content-Disposition"]
    )
    found = (
        list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
        if kind == "csv"
        else list(load_workbook(io.BytesIO(content)).active.values)
    )
    assert len(found) == len(rows) + 1
    assert all(found[0])


# ---- Which rows


async def test_filter_search_and_order_of_the_list_are_those_of_the_file(page):
    def payments():
        buyer = UserFactory.create(telegram_id=77)
        for number in range(3):
            order = OrderFactory.create(user=buyer, tier="pro" if number else "premium", stars=100 + number)
            PaymentFactory.create(order=order, created_at=AT + timedelta(hours=number))
        PaymentFactory.create()

    await make(payments)()

    chosen = await table_of(page, Payment, q="77", tier__exact="pro")
    turned = await table_of(page, Payment, q="77", o="5")

    assert [row["Stars"] for row in chosen] == ["102", "101"]
    assert [row["Stars"] for row in turned] == ["100", "101", "102"]


async def test_days_of_a_look_up_are_those_of_the_bot_as_on_the_page(page):
    def payments():
        for stars, at in ((1, AT - timedelta(hours=2)), (10, AT)):  # both sides of midnight in Moscow
            PaymentFactory.create(order=OrderFactory.create(stars=stars), created_at=at)

    await make(payments)()
    day = {"created_at__date": "2026-04-01"}

    shown = await page.get(reverse("admin:subscriptions_payment_changelist"), day)
    rows = await table_of(page, Payment, **day)

    assert [row.amount for row in shown.context["cl"].result_list] == [10]
    assert [row["Stars"] for row in rows] == ["10"]


async def test_the_file_is_named_after_table_filter_and_day(page):
    await make(PaymentFactory.create)()

    answer, _content = await file_of(page, Payment, status__exact="pending", q="x")

    assert re.search(r'"payments_status-pending_\d{4}-\d\d-\d\d\.csv"', answer["Content-Disposition"])


async def test_more_rows_than_a_spreadsheet_takes_are_refused_with_a_way_out(page, boss, monkeypatch):
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 2)
    await make(make_rows)(Payment, 0, 3)

    answer = await page.post(address(Payment, "xlsx"), follow=True)

    assert "A spreadsheet takes 2 rows, these are 3. Export them as CSV, or choose fewer." in answer.text
    assert await AuditEntry.objects.acount() == 0
    assert len(await table_of(page, Payment)) == 3


async def test_an_address_that_makes_no_sense_leads_back_to_the_list(page):
    answer = await page.post(address(Payment), query_params={"nonsense": "1"})

    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('admin:subscriptions_payment_changelist')}?nonsense=1"


# ---- The log


async def test_an_export_is_in_the_audit_log_before_its_first_row(page, boss):
    await make(make_rows)(Payment, 0, 3)

    answer = await page.post(
        address(Payment), query_params={"status__exact": "pending", "tier__exact": "premium"}
    )

    [entry] = [entry async for entry in AuditEntry.objects.select_related("actor")]
    assert (entry.actor, entry.action, entry.object_label) == (
        boss,
        "list.exported",
        "subscriptions.payment",
    )
    assert entry.after == {
        "format": "csv",
        "rows": 3,
        "filter": ["status__exact=pending", "tier__exact=premium"],
    }
    await make(answer.close)()
    await make(eventually)(nothing_is_left)


async def test_the_log_does_not_keep_whom_somebody_searched_for(page):
    await make(UserFactory.create)(telegram_id=123_456_789)

    await table_of(page, User, q="123456789")
    await table_of(page, User, telegram_id__exact="123456789")

    searched, looked_up = [entry.after async for entry in AuditEntry.objects.order_by("id")]
    assert searched == {"format": "csv", "rows": 1, "searched": True}
    assert looked_up == {"format": "csv", "rows": 1, "besides": ["telegram_id__exact"]}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_who_may_not_see_the_list_gets_no_file(kind):
    stranger, nobody = AsyncClient(), AsyncClient()
    await stranger.aforce_login(await make(StaffFactory.create)(is_superuser=False))

    statuses = [(await client.post(address(Payment, kind))).status_code for client in (stranger, nobody)]

    assert statuses == [403, 302]
    assert await AuditEntry.objects.acount() == 0


@pytest.mark.parametrize(("role", "status"), [("support", 403), ("finance", 200)])
@pytest.mark.parametrize("model", [Payment, Order, StarTransaction], ids=lambda model: model.__name__)
async def test_lists_of_money_are_taken_out_by_finance_alone(model, role, status):
    client = AsyncClient()
    await client.aforce_login(await make(member)(role))
    name = f"admin:subscriptions_{model._meta.model_name}_changelist"

    answer: Any = await client.post(address(model))

    assert answer.status_code == status
    if answer.streaming:
        assert [piece async for piece in answer.streaming_content]
    shown: Any = await client.get(reverse(name))
    assert ("export/csv/" in shown.text) is (status == 200)


async def test_an_export_is_asked_for_by_a_form_only(page):
    assert (await page.get(address(Payment))).status_code == 405


# ---- While it runs


async def begun(page, model=User):
    """Begin an export and take its first piece."""
    answer = await page.post(address(model))
    pieces = aiter(answer.streaming_content)
    await anext(pieces)
    return answer, pieces


def crowd():
    User.objects.bulk_create(
        User(telegram_id=number, faceit_nickname=uuid.uuid4().hex) for number in range(1, 10_001)
    )


async def test_a_download_that_is_broken_off_leaves_nothing_behind(page):
    await make(crowd)()
    answer, pieces = await begun(page)
    assert not await make(nothing_is_left)()

    await pieces.aclose()
    await make(answer.close)()

    await make(eventually)(nothing_is_left)


async def test_an_answer_that_nobody_reads_leaves_nothing_behind(page):
    await make(crowd)()
    answer = await page.post(address(User))
    assert not await make(nothing_is_left)()

    del answer

    await make(eventually)(lambda: gc.collect() >= 0 and nothing_is_left())


async def test_a_third_export_at_a_time_is_asked_to_wait_and_the_pages_are_not(page):
    await make(crowd)()
    running = [await begun(page) for _number in range(downloads.AT_ONCE)]

    refused = await page.post(address(User), follow=True)
    shown = await page.get(reverse("admin:users_user_changelist"))
    for answer, pieces in running:
        await pieces.aclose()
        await make(answer.close)()
    await make(eventually)(nothing_is_left)

    assert "Others are exporting at this moment. Try again in a minute." in refused.text
    assert shown.status_code == 200
    assert len(await table_of(page, User)) == 10_000


async def test_the_file_shows_one_moment(page):
    """Rows that come in while it is sent are not in it, and it has as many as the log says."""
    await make(crowd)()
    _answer, pieces = await begun(page)

    await make(UserFactory.create_batch)(50)
    lines = 1_000 + sum([piece.count(b"\r\n") async for piece in pieces])

    entry = await AuditEntry.objects.aget()
    assert (lines, entry.after["rows"]) == (10_001, 10_000)


async def test_an_export_whose_time_is_over_breaks_off_instead_of_looking_whole(page):
    await make(crowd)()
    answer, pieces = await begun(page)

    answer._resource_closers[0]()

    with pytest.raises(RuntimeError):
        await anext(pieces)
    await make(eventually)(nothing_is_left)
