"""The bot has a sentence for every code, in Russian and in English, that fits and cannot be broken."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from faceitbot.core.errors import FaceitBotError, InvalidInput
from faceitbot.texts import CODES, MAX_LENGTH, en, ru, say
from subscriptions.models import NoticeKind

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LONGEST = {
    "tier": "premium",
    "next_tier": "premium",
    "days": 999_999,
    "daily_limit": 999_999,
    "stars": 100_000,
    "expires_at": datetime(2036, 9, 23, 9, 0, tzinfo=UTC),
    "resets_at": datetime(2036, 9, 23, 9, 0, tzinfo=UTC),
    "resets_in_seconds": 86_340,
}
INTERNAL = {"error", "cache_unavailable", "stale", "already_running", "stopped"}  # never reach the bot


def codes_of_errors(base=FaceitBotError):
    """Give the codes that a bot may meet; those of the import are for operators."""
    for error in base.__subclasses__():
        if not error.__module__.startswith(("tests.", "faceitbot.legacy")):
            yield error.code
            yield from codes_of_errors(error)


def test_every_code_of_the_product_has_a_sentence():
    refusals = {"limit", "blocked", "unknown_user", "already_referred", "unknown_code", "own_code", "ring"}
    declined = {"unknown", "paid", "expired", "other_payer", "currency", "amount", "closed", "unavailable"}
    outcomes = {"granted", "renewed", "repeated", "in_review", "refunded_before"}
    money = {f"checkout_{code}" for code in declined} | {f"payment_{kind}" for kind in outcomes}
    codes = refusals | money | set(NoticeKind.values) | (set(codes_of_errors()) - INTERNAL)

    assert codes <= set(CODES)


def test_both_languages_say_the_same_things():
    assert set(ru.SENTENCES) == set(en.SENTENCES)
    assert set(ru.TIERS) == set(en.TIERS)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("code", CODES)
def test_a_sentence_fits_and_leaves_no_gap(code, language):
    sentence = say(code, language, now=NOW, **LONGEST)

    assert 0 < len(sentence) <= MAX_LENGTH
    assert not set("{}<>*_`[]") & set(sentence)
    assert sentence[-1] in ".!" or code == "invoice_title"


def test_the_limit_is_told_with_its_end():
    values = {
        "daily_limit": 10,
        "resets_at": datetime(2026, 11, 23, 21, 0, tzinfo=UTC),
        "resets_in_seconds": 12_000,
    }

    assert say("limit", "ru", now=NOW, **values) == (
        "Лимит на сегодня исчерпан: 10 из 10. Новые запросы — 24 ноября в 00:00 (через 3 ч 20 мин)."
    )
    assert say("limit", "en-GB", now=NOW, **values) == (
        "Today's limit is used up: 10 of 10. New requests on 24 November at 00:00 (in 3 h 20 min)."
    )


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "1 день"),
        (2, "2 дня"),
        (4, "4 дня"),
        (5, "5 дней"),
        (11, "11 дней"),
        (12, "12 дней"),
        (21, "21 день"),
        (22, "22 дня"),
        (111, "111 дней"),
        (101, "101 день"),
    ],
)
def test_russian_counts_days_as_people_do(number, words):
    assert ru.days(number) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW + timedelta(hours=1), "сегодня в 13:00"),
        (datetime(2026, 12, 31, 21, 0, tzinfo=UTC), "1 января 2027 в 00:00"),
        ("2026-12-05T07:30:00.000000+00:00", "5 декабря в 10:30"),
    ],
)
def test_moments_are_those_of_the_bots_zone(moment, words):
    sentence = say("expiring", "ru", now=NOW, tier="pro", expires_at=moment)

    assert sentence == f"Pro заканчивается {words}. Продлите подписку, чтобы ничего не потерять."


def test_a_present_may_be_for_ever():
    assert say("granted_by_staff", "ru", tier="pro", days=None) == "Вы получили в подарок Pro, навсегда."
    assert say("granted_by_staff", "de", tier="pro", days=1) == "A present for you: Pro, 1 day."


def test_a_code_without_a_sentence_is_named():
    with pytest.raises(InvalidInput, match="no_such_code"):
        say("no_such_code")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tier", "<b>gold</b>"),
        ("tier", None),
        ("tier", ["pro"]),
        ("expires_at", "tomorrow"),
        ("expires_at", datetime(2026, 1, 1)),
        ("expires_at", None),
    ],
)
def test_a_wrong_value_is_named(name, value):
    values = {"tier": "pro", "expires_at": NOW, name: value}

    with pytest.raises(InvalidInput, match=name):
        say("expiring", **values)


@pytest.mark.parametrize(("code", "language"), [("own_code", None), (["own_code"], "ru"), (None, "ru")])
def test_what_can_be_no_code_or_language_is_named(code, language):
    with pytest.raises(InvalidInput):
        say(code, language)


@pytest.mark.parametrize("days", [-1, 1.5, True, "7", 10_000_000])
def test_a_wrong_number_is_named(days):
    with pytest.raises(InvalidInput, match="days"):
        say("referral_bonus", tier="pro", days=days)


def test_a_missing_value_is_named():
    with pytest.raises(InvalidInput, match="tier"):
        say("expiring", expires_at=NOW)


def test_it_speaks_in_a_bots_process():
    code = (
        "import faceitbot; faceitbot.setup(); from faceitbot.texts import say; print(say('own_code', 'en'))"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout == "This is your own code. Send it to your friends.\n"
