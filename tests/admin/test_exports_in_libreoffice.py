"""What LibreOffice makes of a file, asked to compute whatever looks like a formula."""

import shutil
import subprocess
from datetime import datetime

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient
from django.urls import reverse
from openpyxl import load_workbook

from faceitbot.core.exports.columns import Table
from faceitbot.core.exports.csv_file import csv_file, safe
from tests.factories import OrderFactory, PaymentFactory, StaffFactory, UserFactory

OFFICE = shutil.which("soffice")
pytestmark = pytest.mark.skipif(OFFICE is None, reason="LibreOffice (soffice) is not installed")
# UTF-8, from the first line on, as a Russian reads them; numbers and dates recognised, formulas computed.
AS_TRUSTING_AS_CAN_BE = "CSV:%s,34,76,1,,1049,false,true,false,false,false,-1,true"
AS_ITS_DIALOG_HAS_THEM_TICKED = "59/44/9"  # semicolon, comma and tab
AS_AN_ENGLISH_EXCEL_HAS_IT = "44"  # comma
TELEGRAM_ID = 2**52
HOSTILE = [
    "=1+1",
    " =1+1",
    '"=1+1"',
    "x,=1+1",
    "x;=1+1",
    "x\t=1+1",
    "x\n=1+1",
    "x,+1+1,-1+1;@SUM(A1)",
    'x","=1+1',
    'x";"=1+1',
    'x"\n"=1+1',
    '=1+1,"=1+1"\n=1+1',
    "＝1+1,＋1",
    '=1&",=1&"',
]


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    """LibreOffice's own folder, which takes it longer to make than to open a file."""
    return tmp_path_factory.mktemp("profile").as_uri()


@pytest.fixture
def opened(profile, tmp_path):
    """Give a function that opens a file and gives its cells as (value, type) when it has been saved again."""

    def open_one(path, separators=AS_ITS_DIALOG_HAS_THEM_TICKED):
        subprocess.run(
            [
                str(OFFICE),
                f"-env:UserInstallation={profile}",
                "--headless",
                *([f"--infilter={AS_TRUSTING_AS_CAN_BE % separators}"] if path.suffix == ".csv" else []),
                "--convert-to",
                "xlsx",
                "--outdir",
                str(tmp_path / "saved"),
                str(path),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        sheet = load_workbook(tmp_path / "saved" / f"{path.stem}.xlsx").active
        return [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows()]

    return open_one


@pytest.fixture
async def page():
    """A browser of somebody who may export; what it has opened in asgiref's thread is closed at the end."""
    client = AsyncClient()
    await client.aforce_login(await sync_to_async(StaffFactory.create)())
    yield client
    await sync_to_async(connections.close_all)()


@sync_to_async
def a_payment():
    buyer = UserFactory.create(telegram_id=TELEGRAM_ID, faceit_nickname="=cmd()")
    PaymentFactory.create(order=OrderFactory.create(user=buyer, stars=1_500, payload="pay;1"))


@pytest.mark.parametrize(
    ("kind", "nickname", "telegram_id"),
    [("csv", "'=cmd()", f"'{TELEGRAM_ID}"), ("xlsx", "=cmd()", f"{TELEGRAM_ID}")],
)
@pytest.mark.django_db(transaction=True)
async def test_a_file_opens_right(page, opened, tmp_path, kind, nickname, telegram_id):
    await a_payment()

    answer = await page.post(reverse(f"admin:subscriptions_payment_export_{kind}"))
    file = tmp_path / f"payments.{kind}"
    file.write_bytes(b"".join([piece async for piece in answer.streaming_content]))
    titles, row = await sync_to_async(opened)(file)

    found = {title: cell for (title, _type), cell in zip(titles, row, strict=True)}
    assert found["FACEIT nickname"] == (nickname, "s")
    assert found["Telegram id"] == (telegram_id, "s")
    assert found["Payload"] == ("pay;1", "s")
    assert found["Stars"] == (1_500, "n")
    assert found["Made at (Europe/Moscow)"][1] == "d"


def test_hostile_texts_stay_one_text_each_between_numbers_that_stay_numbers(opened, tmp_path):
    file = tmp_path / "hostile.csv"
    moment = datetime(2026, 4, 1, 1, 30, 5)
    rows = [[text, 1.5, -430, moment, moment.date(), None, 10.0, "end"] for text in HOSTILE]
    file.write_bytes(b"".join(csv_file(Table([*"ABCDEFGH"], [], []), rows)))

    found = opened(file)[1:]

    assert [row[0] for row in found] == [(safe(text), "s") for text in HOSTILE]
    midnight = datetime(2026, 4, 1)
    expected = [(1.5, "n"), (-430, "n"), (moment, "d"), (midnight, "d"), (None, "n"), (10, "n"), ("end", "s")]
    assert [row[1:] for row in found] == [expected] * len(HOSTILE)


def test_hostile_texts_stay_texts_where_only_a_comma_separates(opened, tmp_path):
    file = tmp_path / "hostile.csv"
    rows = [[1, f"x,{text},x", text, 1] for text in HOSTILE]
    file.write_bytes(b"".join(csv_file(Table([*"ABCD"], [], []), rows)))

    found = opened(file, AS_AN_ENGLISH_EXCEL_HAS_IT)

    assert [cell for row in found for cell in row if cell[1] not in {"s", "n"}] == []
    assert max(map(len, found)) > 1  # it was split


def test_the_same_values_as_they_are_would_be_computed_split_and_rounded(opened, tmp_path):
    """Control: LibreOffice acts upon what is not defused; quotes alone do not help where no cell begins."""
    file = tmp_path / "raw.csv"
    file.write_text(f'=1+1;{TELEGRAM_ID};x,=1+1;1.5\r\n1;"x,=1+1,x"\r\n', encoding="utf-8")

    together, by_commas = opened(file), opened(file, AS_AN_ENGLISH_EXCEL_HAS_IT)

    [formula, number, _x, split, fraction, *_rest] = together[0]
    assert formula == ("=1+1", "f")
    assert number == (4_503_599_627_370_500, "n")
    assert split == ("=1+1", "f")
    assert fraction == ("1.5", "s")
    assert together[1][1] == ("x,=1+1,x", "s")
    assert by_commas[1][1] == ("=1+1", "f")
