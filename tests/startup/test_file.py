"""dev.py can be started by any Python, and stays small."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "dev.py"
STANDARD = sys.stdlib_module_names | {"faceitbot"}


def imported_modules(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_it_parses_on_python_3_6() -> None:
    ast.parse(DEV.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_it_is_shorter_than_400_lines() -> None:
    assert len(DEV.read_text(encoding="utf-8").splitlines()) < 400


@pytest.mark.parametrize(
    "path", [DEV, *sorted((ROOT / "faceitbot" / "embedded").glob("*.py"))], ids=lambda path: path.name
)
def test_what_runs_before_the_installation_needs_the_standard_library_only(path: Path) -> None:
    modules = imported_modules(path)

    assert {name.partition(".")[0] for name in modules} <= STANDARD
    assert {name for name in modules if name.startswith("faceitbot") and "embedded" not in name} == set()


@pytest.mark.parametrize("version", [(3, 6, 9), (3, 10, 14)])
def test_an_old_python_gets_one_sentence(version: tuple[int, int, int]) -> None:
    # given
    words = ".".join(map(str, version))
    script = (
        f"import runpy, sys; sys.version_info = {version}; sys.version = '{words} (main)';"
        f" sys.argv = ['dev.py', 'run']; runpy.run_path({str(DEV)!r}, run_name='__main__')"
    )

    # when
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    # then
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == f"dev.py: Python 3.11 or newer is needed; {sys.executable} is {words}.\n"
