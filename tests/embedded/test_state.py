"""One process holds a checkout's state; others hear what it offers, and may join."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from faceitbot.embedded import State, StateInUseError
from tests.eventually import eventually

ROOT = Path(__file__).resolve().parents[2]
OFFER = {"url": "http://127.0.0.1:8000/admin/"}
HOLDER = f"""
import signal, sys
from pathlib import Path
from faceitbot.embedded import State
state = State(Path(sys.argv[1]))
with state.hold():
    state.offer({OFFER})
    print(flush=True)
    signal.pause()
"""


def test_a_second_holder_hears_what_the_first_one_offers(state: State) -> None:
    with state.hold():
        state.offer(OFFER)

        with pytest.raises(StateInUseError) as refusal, State(state.folder).hold():
            pass

    assert refusal.value.offer == OFFER


def test_a_second_holder_hears_nothing_while_the_first_one_is_starting(state: State) -> None:
    with state.hold(), pytest.raises(StateInUseError) as refusal, State(state.folder).hold():
        pass

    assert refusal.value.offer == {}


def test_the_offer_of_a_killed_holder_is_not_believed(state: State) -> None:
    # given
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, state.folder], stdout=subprocess.PIPE, cwd=ROOT)
    holder.stdout.readline()
    assert state.offered() == OFFER

    # when
    holder.kill()
    holder.communicate()

    # then
    with state.hold():
        assert state.offered() == {}


def test_the_holder_can_wait_for_those_who_joined(state: State) -> None:
    # given
    order: list[str] = []
    with state.joined():
        holder = threading.Thread(
            target=lambda: (
                order.append("waits"),
                state.wait_until_nobody_has_joined(lambda: order.append("says so")),
                order.append("goes on"),
            )
        )
        holder.start()
        eventually(lambda: "says so" in order)

        # when
        order.append("joined one ends")

    # then
    holder.join(timeout=10)
    assert order == ["waits", "says so", "joined one ends", "goes on"]
