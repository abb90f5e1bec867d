"""docs/migration.md, exactly as it is written: the commands, their answers, and the bot before and after."""

import json
import shutil

import pytest
from aiogram.methods import AnswerPreCheckoutQuery, SendInvoice

from examples.old_bot import storage as old
from faceitbot.core import atomically
from faceitbot.texts import say
from subscriptions.models import Grant, Payment
from subscriptions.repositories import SubscriptionRepository
from tests.examples.moving import ROOT, RunningBot, apply, commands, diffs, type_in
from users.models import User
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)
# Of the file: free, pro for ever, premium with an end that cannot be read, premium that has ended.
ANNA, BORIS, CLARA, DAVID = range(5_000_000_101, 5_000_000_105)
STRANGER = 7
COPIED = ("examples", "manage.py")
access = SubscriptionRepository()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with what the page finds in the project's own."""
    for name in COPIED:
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def bot_file(folder):
    shutil.copytree(ROOT / "examples" / "old_bot", folder / "old_bot")
    return folder / "old_bot" / "bot.py"


@pytest.fixture
def moved(folder):
    """The folder after all commands, the first of which copies the bot."""
    for command, _lines in commands():
        type_in(command)
    return folder


async def tier_of(telegram_id):
    return (await access.get_by_telegram_user_id(telegram_id)).tier


def test_the_commands_answer_as_the_page_says(folder):
    answered = [(command, type_in(command)) for command, _lines in commands()]

    shown = [(command, lines) for command, lines in commands() if lines]
    assert [answer for answer in answered if answer[0] in dict(shown)] == shown
    assert {user.telegram_id for user in User.objects.all()} >= {ANNA, BORIS, CLARA, DAVID}
    assert Grant.objects.filter(source="legacy", user__telegram_id=CLARA).count() == 1


def test_the_page_has_a_command_for_each_step():
    typed = {command.split()[2] for command, _lines in commands() if command.startswith("python")}

    assert typed >= {"migrate", "validate_legacy", "import_legacy", "verify_import", "export_legacy"}


async def test_the_old_bot_reads_what_is_written_back(moved):
    back = moved / "old_bot" / "data.json"

    boris = await old.Storage(back).get_user(BORIS)

    rows = {row["user_id"]: row for row in json.loads(back.read_text("utf-8"))["users"]}
    assert boris.total_requests == 903
    assert rows[BORIS]["subscription"]["tier"] == "pro"
    assert rows[CLARA]["subscription"]["expires_at"] == "2098-12-31T12:00:00"


# ---- The bot's code


async def test_the_old_bot_works_and_knows_nobody_when_it_starts_anew(bot_file):
    """Control: the same updates, before the changes."""
    bot = RunningBot(bot_file)
    said = [await bot.write("/analyse", STRANGER) for _time in range(11)]
    await bot.feed("button", STRANGER, data="buy:premium")
    (invoice,) = bot.session.of(SendInvoice)
    await bot.feed("payment", STRANGER, payload=invoice.payload, stars=199, charge="one")
    after = await bot.write("/analyse", STRANGER)
    anew = RunningBot(bot_file)
    for _time in range(10):
        await anew.write("/analyse", STRANGER)

    assert said == [["Анализирую."]] * 10 + [["На сегодня всё."]]
    assert after == ["Анализирую."]
    assert await anew.write("/analyse", STRANGER) == ["На сегодня всё."]


async def test_after_the_first_change_users_are_in_the_database(bot_file, closed_links):
    apply(diffs()[0], bot_file)
    bot = RunningBot(bot_file)

    said = await bot.write("/start", STRANGER)

    user = await UserRepository().get_by_telegram_id(STRANGER)
    assert said == ["Какой у вас ник на FACEIT?"]
    assert user.waiting_for_nickname is True


async def test_after_the_second_change_limits_are_those_of_the_tier(moved, closed_links):
    bot_file = moved / "old_bot" / "bot.py"
    for diff in diffs()[:2]:
        apply(diff, bot_file)
    bot = RunningBot(bot_file)

    said = {user: [await bot.write("/analyse", user) for _time in range(11)] for user in (STRANGER, BORIS)}

    assert said[STRANGER][:10] == said[BORIS][:10] == [["Анализирую."]] * 10
    assert said[STRANGER][10][0].startswith("Лимит на сегодня исчерпан")
    assert said[BORIS][10] == ["Анализирую."]


async def test_after_the_third_change_what_is_bought_stays_bought(bot_file, closed_links):
    for diff in diffs():
        apply(diff, bot_file)
    bot = RunningBot(bot_file)
    await bot.write("/start", STRANGER)

    await bot.feed("button", STRANGER, data="buy:premium")
    (invoice,) = bot.session.of(SendInvoice)
    offer = {"payload": invoice.payload, "stars": invoice.prices[0].amount}
    await bot.feed("pre_checkout", STRANGER, **offer)
    (answer,) = bot.session.of(AnswerPreCheckoutQuery)
    said = await bot.feed("payment", STRANGER, **offer, charge="one")
    again = await bot.feed("payment", STRANGER, **offer, charge="one")

    assert answer.ok is True
    assert said == [say("payment_granted", "ru", tier="premium", days=30)]
    assert again == []
    assert await atomically(Payment.objects.count) == 1
    assert await tier_of(STRANGER) == "premium"


async def test_an_invoice_of_the_old_bot_is_still_good(bot_file, closed_links):
    for diff in diffs():
        apply(diff, bot_file)
    bot = RunningBot(bot_file)
    await bot.write("/start", STRANGER)
    offer = {"payload": f"premium_monthly_{STRANGER}", "stars": 199}

    await bot.feed("pre_checkout", STRANGER, **offer)
    (answer,) = bot.session.of(AnswerPreCheckoutQuery)
    await bot.feed("payment", STRANGER, **offer, charge="one")

    assert answer.ok is True
    assert await tier_of(STRANGER) == "premium"
