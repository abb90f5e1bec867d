"""Of what comes again and again one a minute is told, and how many were not."""

from faceitbot.core.monitoring.floods import EVERY_SECONDS, MOST_KINDS, Flood


def test_one_of_a_kind_is_told_each_minute_with_the_number_of_those_left_out():
    flood = Flood[str]()

    assert [flood.admit("away", now=second) for second in range(3)] == [0, None, None]
    assert flood.admit("other", now=2) == 0
    assert flood.admit("away", now=EVERY_SECONDS) == 2
    assert flood.admit("away", now=EVERY_SECONDS + 1) is None


def test_what_has_come_to_an_end_is_told_once():
    flood = Flood[str]()
    for second in range(5):
        flood.admit("away", now=second)
    flood.admit("once", now=5)

    assert flood.take_rest(now=30) == {}
    assert flood.take_rest(now=EVERY_SECONDS + 5) == {"away": 4}
    assert flood.take_rest(now=EVERY_SECONDS + 6) == {}
    assert flood.admit("away", now=EVERY_SECONDS + 7) == 0


def test_kinds_beyond_the_bound_are_not_kept():
    flood = Flood[int]()
    for kind in range(MOST_KINDS + 10):
        assert flood.admit(kind, now=0) == 0

    assert flood.admit(0, now=1) is None
    assert [flood.admit(MOST_KINDS + 1, now=1) for _time in range(2)] == [0, 0]
