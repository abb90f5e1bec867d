"""The catalogue of Russian texts is whole: what the sources say, each text well translated, compiled."""

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.contrib import admin
from django.utils import translation
from django.utils.translation import gettext, ngettext, npgettext

from faceitbot.translating import catalogue
from faceitbot.translating.checking import complaints
from faceitbot.translating.sources import collect, key

AGAIN = "`python3 dev.py messages` brings the catalogue up to date"
# The same word in both languages, or none that a person reads.
SAME = {"ADR", "CSV", "ELO", "FACEIT", "faceitbot", "Free", "K/D", "Premium", "Pro"}


def keys(texts):
    return {key(message) for message in texts if message.id}


def contents(texts):
    return {
        (key(message), message.string if isinstance(message.string, str) else tuple(message.string))
        for message in texts
        if message.id
    }


@pytest.fixture(scope="module")
def texts():
    return catalogue.read()


def test_every_text_of_the_sources_is_in_the_catalogue_and_no_other(texts):
    in_sources = keys(collect())

    assert in_sources - keys(texts) == set(), AGAIN
    assert keys(texts) - in_sources == set(), AGAIN


def test_every_text_is_translated_with_its_placeholders_and_signs(texts):
    assert complaints(texts) == []


def test_no_translation_repeats_the_english_text(texts):
    same = {key(message)[0] for message in texts if message.id and message.string == message.id}

    assert same - SAME == set()


def test_what_is_compiled_is_what_is_written(texts):
    assert contents(catalogue.read_compiled()) == contents(texts), AGAIN


def test_the_catalogue_has_a_head_that_names_the_words(texts):
    head = catalogue.TEXTS.read_text(encoding="utf-8").partition('msgid ""')[0]

    assert all(word in head for word in ("grant", "начисление", "subscription", "подписка"))


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        ('msgid "Days"\nmsgstr ""', "not translated"),
        ('#, fuzzy\nmsgid "Days"\nmsgstr "Дни"', "marked as fuzzy"),
        ('msgid "%(n)s of %(m)s"\nmsgstr "%(n)s из %(k)s"', "other placeholders: %(n)s из %(k)s"),
        ('msgid "Days: {}"\nmsgstr "Дни:"', "other placeholders: Дни:"),
        ('msgid "Done."\nmsgstr "Готово"', "another end: 'Готово'"),
        ('msgid "<b>Days</b>"\nmsgstr "Дни"', "other markup: Дни"),
        ('msgid "Call it %s"\nmsgstr "Имя “%s”"', "quotation marks are « »: Имя “%s”"),
        ('msgid "Give access"\nmsgstr "Дать access"', "not Russian: access"),
        ('msgid "day"\nmsgid_plural "days"\nmsgstr[0] "день"\nmsgstr[1] "дня"\n', "not translated"),
    ],
)
def test_a_bad_translation_is_noticed(tmp_path, entry, wrong):
    """Control: each of the complaints is made."""
    head = catalogue.TEXTS.read_text(encoding="utf-8").partition("\n\n")[0]
    file = tmp_path / "django.po"
    file.write_text(f"{head}\n\n{entry}\n", encoding="utf-8")

    with file.open("rb") as opened:
        found = [said for _text, said in complaints(read_po(opened, locale="ru"))]

    assert wrong in found


def test_a_text_of_the_sources_that_is_new_is_noticed(texts):
    """Control: what is collected are the texts of modules, templates, errors, models and of unfold."""
    found = {text for text, _context in keys(collect())}

    assert {
        "Block this user?",  # a module
        "The bot has not submitted it yet.",  # an f-string
        "Nothing waits for you: all payments are matched, all complaints answered.",  # a template
        "the grant has been revoked before",  # an error
        "renewal failed at",  # a model
        "Apply Filters",  # unfold, which has no Russian
    } <= found
    assert not {"Save", "Password"} & found  # Django has their Russian


def test_merging_keeps_translations_and_drops_what_is_gone():
    old, new = Catalog(locale="ru"), Catalog(locale="ru")
    old.add("Days", "Дни")
    old.add("Gone", "Нет")
    new.add("Days")
    new.add("Day")

    catalogue.merge(old, new)

    assert {message.id: message.string for message in old if message.id} == {"Days": "Дни", "Day": None}


@pytest.mark.parametrize(
    ("number", "days"),
    [
        (1, "день"),
        (2, "дня"),
        (5, "дней"),
        (11, "дней"),
        (21, "день"),
        (22, "дня"),
        (111, "дней"),
        (101, "день"),
    ],
)
def test_a_number_has_its_form_of_the_noun(number, days):
    with translation.override("ru"):
        assert ngettext("%(number)s day", "%(number)s days", number) == f"%(number)s {days}"


def test_ago_and_in_take_the_accusative():
    with translation.override("ru"):
        assert npgettext("length of time", "%(num)d week", "%(num)d weeks", 1) == "%(num)d неделю"


def test_every_field_that_has_a_page_has_a_russian_name():
    with translation.override("ru"):
        names = {
            str(field): str(field.verbose_name)
            for model in admin.site._registry
            for field in model._meta.fields
            if field.name not in ("id", "telegram_id")
        }

    assert names["subscriptions.Payment.status"] == "статус"
    assert {text for text in names.values() if text.isascii()} - {"ADR", "ELO", "K/D", "MVP"} == set()


def test_what_django_says_itself_is_russian():
    with translation.override("ru"):
        assert gettext("Save") == "Сохранить"
