"""What LibreOffice makes of a file, asked to compute whatever looks like a formula."""

import shutil
import subprocess

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient
from django.urls import reverse
from openpyxl import load_workbook

from tests.factories import OrderFactory, PaymentFactory, StaffFactory, UserFactory

OFFICE = shutil.which("soffice")
pytestmark = pytest.mark.skipif(OFFICE is None, reason="LibreOffice (soffice) is not installed")
# Semicolons, UTF-8, from the first line on, numbers and dates recognised, formulas computed.
AS_TRUSTING_AS_CAN_BE = "CSV:59,34,76,1,,0,false,true,false,false,false,-1,true"
TELEGRAM_ID = 2**52


@pytest.fixture
async def page():
    """A browser of somebody who may export; what it has opened in asgiref's thread is closed at the end."""
    client = AsyncClient()
    await client.aforce_login(await sync_to_async(StaffFactory.create)())
    yield client
    await sync_to_async(connections.close_all)()


def opened(path, folder):
    """Open a file in LibreOffice, and give its cells as (value, type) when it has been saved again."""
    subprocess.run(
        [
            str(OFFICE),
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            *([f"--infilter={AS_TRUSTING_AS_CAN_BE}"] if path.suffix == ".csv" else []),
            "--convert-to",
            "xlsx",
            "--outdir",
            str(folder / "saved"),
            str(path),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    sheet = load_workbook(folder / "saved" / f"{path.stem}.xlsx").active
    return [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows()]


@sync_to_async
def a_payment():
    buyer = UserFactory.create(telegram_id=TELEGRAM_ID, faceit_nickname="=cmd()")
    PaymentFactory.create(order=OrderFactory.create(user=buyer, stars=1_500, payload="pay;1"))


@pytest.mark.parametrize(
    ("kind", "nickname", "telegram_id"),
    [("csv", "'=cmd()", f"'{TELEGRAM_ID}"), ("xlsx", "=cmd()", f"{TELEGRAM_ID}")],
)
@pytest.mark.django_db(transaction=True)
async def test_a_file_opens_right(page, tmp_path, kind, nickname, telegram_id):
    await a_payment()

    answer = await page.post(reverse(f"admin:subscriptions_payment_export_{kind}"))
    file = tmp_path / f"payments.{kind}"
    file.write_bytes(b"".join([piece async for piece in answer.streaming_content]))
    titles, row = await sync_to_async(opened)(file, tmp_path)

    found = {title: cell for (title, _type), cell in zip(titles, row, strict=True)}
    assert found["FACEIT nickname"] == (nickname, "s")
    assert found["Telegram id"] == (telegram_id, "s")
    assert found["Payload"] == ("pay;1", "s")
    assert found["Stars"] == (1_500, "n")
    assert found["Made at (Europe/Moscow)"][1] == "d"


def test_the_same_values_as_they_are_would_be_computed_and_rounded(tmp_path):
    """Control: LibreOffice acts upon what is not defused."""
    file = tmp_path / "raw.csv"
    file.write_text(f"=1+1;{TELEGRAM_ID}\r\n", encoding="utf-8")

    [[formula, number]] = opened(file, tmp_path)

    assert formula == ("=1+1", "f")
    assert number == (4_503_599_627_370_500, "n")
