"""The project's own source files."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCT = ("faceitbot", "users", "subscriptions", "matches", "stats", "analytics")
AROUND = ("tests", "examples", "bench")


def modules(which: str = "all") -> list[Path]:
    """Give the Python files of the product, or of the product and what is around it."""
    folders = PRODUCT if which == "product" else PRODUCT + AROUND
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    if which != "product":
        found += [ROOT / "manage.py", ROOT / "dev.py"]
    return [path for path in found if "migrations" not in path.parts]
