"""The package shows what it has, knows no framework, and says where each formula comes from."""

import ast
import inspect
import re
import subprocess
import sys

import stats.ratings
from tests.architecture.sources import ROOT, modules

FOLDER = ROOT / "stats" / "ratings"


def test_it_is_imported_without_django_or_any_other_part():
    """In a process of its own: here Django has long been loaded."""
    code = (
        "import sys, stats.ratings\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('django', 'faceitbot', 'users')])"
    )

    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "[]"


def test_every_module_is_on_the_map():
    there = {path.stem for path in modules("product") if path.parent == FOLDER and path.stem != "__init__"}

    assert set(re.findall(r"(?m)^(\w+)  +\S", stats.ratings.__doc__)) == there


def test_every_public_function_is_exported():
    public = {
        node.name
        for path in FOLDER.glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    own_tools = {"present", "ratio", "percent", "rounded", "mean", "weighted_mean", "sums", "rating_1_0_from"}

    assert public - own_tools <= set(stats.ratings.__all__)


def test_formulas_say_where_they_come_from():
    formulas = [
        "average_adr",
        "average_rating",
        "clutch_stats",
        "compare_maps",
        "danger_level",
        "distinct_matches",
        "expected_score",
        "form_trend",
        "kd_ratio",
        "kill_death_ratio",
        "map_performance",
        "map_strengths",
        "playstyle",
        "prediction_quality",
        "rating_1_0",
        "rating_1_0_estimated",
        "rating_2_0",
        "single_kills",
        "slope_per_day",
        "team_averages",
        "trend",
        "weapon_shares",
        "win_rate",
    ]

    assert [name for name in formulas if "Source:" not in inspect.getdoc(getattr(stats.ratings, name))] == []
