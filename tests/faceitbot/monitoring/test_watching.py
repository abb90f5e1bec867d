"""The thread that watches a process goes on, whatever a reader, a store or a mail server raises."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from faceitbot.core.models import ProcessKind
from faceitbot.core.monitoring import errors, event_loops, watching
from tests.eventually import eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def watch(monkeypatch):
    """A watch whose rounds follow each other at once, and that has no readers yet."""
    errors.take()
    monkeypatch.setattr(watching, "WRITE_SECONDS", 0.01)
    monkeypatch.setattr(watching, "ASK_SECONDS", 0.01)
    monkeypatch.setattr(watching, "_readers", [])
    watch = watching.Watch(ProcessKind.WEB)
    yield watch
    watch.end()
    errors.take()


def meet():
    errors.note("UserMethods.invented", KeyError("gone"))


def test_a_reader_that_fails_keeps_neither_the_others_nor_the_next_round(watch, caplog):
    told: list[errors.Group] = []

    def unsent(_groups):
        raise ImproperlyConfigured("no such mail backend")

    watching.add_reader(unsent)
    watching.add_reader(told.extend)
    watch.start()

    meet()
    eventually(lambda: len(told) == 1)
    meet()
    eventually(lambda: len(told) == 2)

    assert [group.error_class for group in told] == ["KeyError", "KeyError"]
    assert caplog.text.count("ImproperlyConfigured: no such mail backend") == 2, "with its traceback"


@pytest.mark.parametrize(
    ("of", "step"),
    [(watching, "write_what_was_met"), (errors, "tell_of_the_rest"), (event_loops.watch, "ask")],
)
def test_a_step_that_fails_comes_again(watch, monkeypatch, of, step):
    tries = []

    def fail(*_all):
        tries.append(step)
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(of, step, fail)
    watch.start()

    eventually(lambda: len(tries) > 2)


def test_a_sample_that_fails_comes_again_and_ends_in_good_order(watch, monkeypatch):
    tries = []

    def fail(*_all):
        tries.append(1)
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(watching, "EVERY_SECONDS", 0.0)
    monkeypatch.setattr(watch._sampler, "write", fail)
    monkeypatch.setattr(watch._sampler, "end", fail)
    watch.start()

    eventually(lambda: len(tries) > 2)
