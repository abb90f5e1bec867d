"""A profile finds what uses the processor, in whichever thread it runs. No times."""

import threading
import time

from bench import sampling


def busy():
    ends = time.thread_time() + 0.1
    while time.thread_time() < ends:
        pass


def busy_elsewhere():
    busy()


def test_each_thread_counts_for_the_place_where_it_is():
    thread = threading.Thread(target=busy_elsewhere)
    with sampling.Sampler() as sampler:
        thread.start()
        busy()
        thread.join()

    here = "bench/test_sampling.py"
    assert sampler.looks > 0
    assert 0.05 < sampler.places[f"{here} busy"] < 1
    assert 0.02 < sampler.within[f"{here} busy_elsewhere"] < sampler.within[f"{here} busy"]
    assert sum(sampler.layers.values()) < 1


def test_a_file_belongs_to_the_first_layer_that_its_path_names():
    root = sampling.ROOT

    assert sampling.layer_of(f"{root}/faceitbot/core/statements/line.py").startswith("shared statements")
    assert sampling.layer_of(f"{root}/faceitbot/core/clock.py").startswith("the rest of the core")
    assert sampling.layer_of(f"{root}/bench/rounds.py") == "the measurement itself"
    assert sampling.layer_of(f"{root}/.venv/lib/site-packages/psycopg/cursor.py").startswith("psycopg")
    assert sampling.layer_of("/usr/lib/python3/heapq.py") == "the rest of Python"
