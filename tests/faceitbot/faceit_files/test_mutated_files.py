"""A saved body that is refused leaves nothing, whatever is wrong with it: no new row, no changed one."""

import io
import json
import random
from collections import Counter

import pytest
from django.db import connection, transaction

from faceitbot.core.progress import stages
from faceitbot.faceit_files.importing import import_files
from faceitbot.faceit_files.storing import store
from matches.models import MatchAnalysis, MatchCache
from matches.repositories import MatchRepository
from stats.models import PlayerMapStats, PlayerMatch, PlayerStatsCache, PlayerStatsPoint, Prediction
from stats.repositories import StatsRepository
from tests.faceit.made import BODIES, MATCH
from tests.faceit.mutating import mutate
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db
FULL, SMALL = 3_000, 60
FILLED = (
    MatchAnalysis,
    MatchCache,
    PlayerStatsCache,
    PlayerMapStats,
    PlayerMatch,
    PlayerStatsPoint,
    Prediction,
)


def fingerprint():
    """Say what all rows of all tables are, in one statement."""
    tables = connection.introspection.django_table_names(only_existing=True)
    rows = "md5(string_agg(md5(row::text), '' ORDER BY row::text))"
    each = (f"SELECT '{table}', {rows} FROM \"{table}\" AS row" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return dict(cursor.fetchall())


def fill():
    """Let everything be known that the unchanged bodies tell, and be analysed and predicted."""
    known = {"match_info": {"game": "cs2", "status": "VOTING"}}
    user = UserRepository().create_user.blocking(7)
    MatchRepository().create_analysis.blocking(user.pk, MATCH.match_id, known)
    StatsRepository().record_prediction.blocking(MATCH.match_id, 0.6)
    for kind, body in BODIES:
        store(kind, body)
    assert all(model.objects.exists() for model in FILLED)


def text_of(mutant):
    """Give what a file would hold, None for what none can."""
    try:
        return mutant.body if isinstance(mutant.body, bytes) else json.dumps(mutant.body).encode()
    except (ValueError, RecursionError):
        return None


@pytest.mark.proof("mutated_bodies")
def test_a_refused_file_leaves_every_table_as_it_was(full_size, report, tmp_path):
    number = FULL if full_size else SMALL
    rng, path = random.Random(20260302), tmp_path / "body.json"
    outcomes, written = Counter[str](), 0

    for filled in (False, True):
        if filled:
            fill()
        before = fingerprint()
        for _ in range(number // 2):
            text = None
            while text is None:
                text = text_of(mutate(rng.choice(BODIES)[1], rng))
            path.write_bytes(text)
            with transaction.atomic():  # each body meets the same tables
                became = import_files([path], stages(io.StringIO()))
                after = fingerprint()
                transaction.set_rollback(True)
            if became.refused:
                outcomes["refused"] += 1
                assert after == before, (became.refused, text)
            elif became.not_kept:
                outcomes["not kept"] += 1
                assert after == before, text
            else:
                outcomes["stored"] += 1
                written += after != before

    report(
        f"{outcomes.total()} mutated files: {outcomes['stored']} stored, of which {written} changed a table; "
        f"{outcomes['refused']} refused and {outcomes['not kept']} not kept, which changed none"
    )
    assert outcomes.total() == number
    assert outcomes["refused"] > number / 5
    assert written > number / 5  # control: what changes a table is seen
