"""What a repository refuses is told to staff in the language of their page."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from faceitbot.core.errors import FaceitBotError, InvalidInput, OutcomeUnknown, Refused
from faceitbot.core.refusals import sentence
from subscriptions.errors import AlreadyRevoked, PaymentStateError
from users.errors import ACCOUNT_TAKEN, FaceitAccountTaken


def errors(base: type[FaceitBotError] = FaceitBotError) -> Iterator[type[FaceitBotError]]:
    """Give the errors that staff may meet; those of the import are for operators, at a terminal."""
    yield base
    for each in base.__subclasses__():
        if not each.__module__.startswith("faceitbot.legacy."):
            yield from errors(each)


@pytest.mark.parametrize(
    ("error", "russian", "english"),
    [
        (
            AlreadyRevoked("the grant has been revoked before"),
            "Начисление уже отозвано.",
            "The grant has been revoked before.",
        ),
        (Refused("selling is switched off"), "Продажи остановлены.", "Selling is switched off."),
        (
            FaceitAccountTaken(ACCOUNT_TAKEN),
            "Этот аккаунт FACEIT привязан к другому пользователю.",
            "Another user has linked this FACEIT account.",
        ),
        (
            PaymentStateError("a payment that is refunded is not in review"),
            "Состояние платежа этого не допускает. Откройте страницу заново.",
            "A payment that is refunded is not in review.",
        ),
        (
            InvalidInput("telegram_id must be int, not str", field="telegram_id"),
            "Недопустимое значение. Проверьте введённое.",
            "Telegram_id must be int, not str.",
        ),
        (
            OutcomeUnknown(""),
            "Неизвестно, сделано ли это: связь прервалась. Откройте страницу заново и проверьте.",
            "Whether it was done is not known: the connection was lost. Open the page again and look.",
        ),
    ],
)
def test_a_refusal_is_a_sentence_in_both_languages(error, russian, english):
    with translation.override("ru"):
        assert sentence(error) == russian
    with translation.override("en"):
        assert sentence(error) == english


@pytest.mark.parametrize("error", sorted(set(errors()), key=str))
def test_every_error_has_something_to_say_in_russian(error):
    with translation.override("ru"):
        told = sentence(error("never seen before"))

    assert not any(letter.isascii() and letter.isalpha() for letter in told)
