"""Reads what Prometheus would read, and decides the expressions of the alert rules as far as they use it.

`evaluate` knows the forms that stand in ops/alerts.yml, and refuses others: an alert that it cannot decide is
an alert that nobody has tried.
"""

import re
from collections import defaultdict
from time import time

import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.other_process import ROOT

SELECTOR = r"(?P<name>[a-z_:]+)(?:\{(?P<labels>[^}]*)\})?"
COMPARISON = r"(?P<operator>==|>) (?P<number>[0-9.]+)"
INSTANT = re.compile(rf"{SELECTOR} {COMPARISON}")
AGE = re.compile(rf"time\(\) - \(max\({SELECTOR}\) or vector\(0\)\) {COMPARISON}")
INCREASE = re.compile(rf"(?:sum by \((?P<by>\w+)\) \()?increase\({SELECTOR}\[\w+\]\)\)? {COMPARISON}")
QUANTILE = re.compile(
    rf"histogram_quantile\((?P<quantile>[0-9.]+), sum by \(le\) \(rate\({SELECTOR}\[\w+\]\)\)\) {COMPARISON}"
)


def rules():
    """Give the alert rules."""
    groups = yaml.safe_load((ROOT / "ops" / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def read(text, *names):
    """Give the samples of an exposition, or those of these names: {(name, labels): value}."""
    if names:
        text = "".join(line + "\n" for line in text.splitlines() if line.startswith(names))
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def names_of(expression):
    """Give the metrics that an expression names."""
    return set(re.findall(r"\b(?:up|faceitbot_[a-z_]+)\b", re.sub(r"\{[^}]*\}", "", expression)))


def evaluate(expression, before, after):
    """Say whether an alert's condition holds after two looks, the second at the end of each range."""
    if found := AGE.fullmatch(expression):
        return _holds(found, time() - max(_select(found, after).values(), default=0.0))
    if found := INSTANT.fullmatch(expression):
        return any(_holds(found, value) for value in _select(found, after).values())
    if found := INCREASE.fullmatch(expression):
        earlier = _select(found, before)
        # Prometheus sees no increase of a series that it has not seen before.
        grown = {key: value - earlier[key] for key, value in _select(found, after).items() if key in earlier}
        sums: dict[object, float] = defaultdict(float)
        for (name, labels), value in grown.items():
            by = found["by"]
            sums[dict(labels).get(by) if by else (name, labels)] += value
        return any(_holds(found, value) for value in sums.values())
    if found := QUANTILE.fullmatch(expression):
        buckets: dict[float, float] = defaultdict(float)
        for key, value in _select(found, after).items():
            buckets[float(dict(key[1])["le"])] += value - before.get(key, 0.0)
        bounds = sorted(buckets)
        if not bounds:
            return False
        rank = float(found["quantile"]) * buckets[bounds[-1]]
        # The beginning of the bucket: what is above that is above it in Prometheus, too.
        place = next(place for place, bound in enumerate(bounds) if buckets[bound] >= rank)
        return bool(rank) and _holds(found, bounds[place - 1] + 1e-9 if place else 0.0)
    raise AssertionError(f"nobody can decide {expression!r} here")


def _select(found, samples):
    matchers = re.findall(r'(\w+)(=~|=)"([^"]*)"', found["labels"] or "")
    return {
        (name, labels): value
        for (name, labels), value in samples.items()
        if name == found["name"]
        and all(
            re.fullmatch(wanted if operator == "=~" else re.escape(wanted), dict(labels).get(label, ""))
            for label, operator, wanted in matchers
        )
    }


def _holds(found, value):
    number = float(found["number"])
    return value > number if found["operator"] == ">" else value == number
