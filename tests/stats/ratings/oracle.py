"""The recorded player-matches with their ratings, from the folder that FACEITBOT_SAMPLES names."""

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Recorded:
    """A player's match with the ratings that were published for it."""

    kills: int
    deaths: int
    assists: int
    rounds: int
    adr: float
    kast_percent: float
    multi: tuple[int, int, int, int, int]
    rating_1_0: float
    rating_2_0: float

    @property
    def adds_up(self):
        return self.kills == sum(n * count for n, count in enumerate(self.multi, 1))


def recorded_matches():
    folder = os.environ.get("FACEITBOT_SAMPLES")
    if not folder:
        pytest.skip("FACEITBOT_SAMPLES does not name a folder with cs2_rating_oracle.csv")
    with (Path(folder) / "cs2_rating_oracle.csv").open(encoding="utf-8", newline="") as file:
        return [_recorded(row) for row in csv.DictReader(file)]


def _recorded(row):
    """Rounds are not recorded, but totals and averages are."""
    kills, deaths = int(row["kills"]), int(row["deaths"])
    per_round = float(row["avg_death_per_round"]) or float(row["avg_kills_per_round"])
    return Recorded(
        kills=kills,
        deaths=deaths,
        assists=int(row["assists"]),
        rounds=round((deaths or kills) / per_round),
        adr=float(row["avg_damages_per_round"]),
        kast_percent=float(row["kast"]),
        multi=tuple(int(row[f"k_{n}"]) for n in range(1, 6)),
        rating_1_0=float(row["htlv"]),
        rating_2_0=float(row["htlv_2"]),
    )
