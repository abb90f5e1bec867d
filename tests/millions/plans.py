"""What a page or a method asks the database, and how the database finds it."""

import json
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Statement:
    """A statement as it was sent."""

    sql: str
    values: Any
    seconds: float


@contextmanager
def heard(statements: list[Statement]) -> Iterator[None]:
    def hear(execute: Callable[..., Any], text: str, values: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(text, values, many, context)
        finally:
            statements.append(Statement(text, values, time.perf_counter() - began))

    with connection.execute_wrapper(hear):
        yield


def explained(statement: Statement, options: str = "ANALYZE, BUFFERS") -> str:
    """Give the plan of a statement, and how it went."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN ({options}) {statement.sql}", statement.values)
        lines = [line if isinstance(line, str) else json.dumps(line) for (line,) in cursor.fetchall()]
    return "\n".join(lines)


def plan_of(statement: Statement, options: str = "ANALYZE") -> dict[str, Any]:
    """Give the plan of a statement as a tree. With ANALYZE it is run once more."""
    [found] = json.loads(explained(statement, f"{options}, FORMAT JSON" if options else "FORMAT JSON"))
    plan: dict[str, Any] = found["Plan"]
    return plan


def rows_read(statement: Statement) -> int:
    """Give how many rows of tables a statement looked at, those that it threw away among them.

    Counts are bounded by themselves, in rows and in time.
    """
    if not statement.sql.startswith("SELECT") or statement.sql.startswith("SELECT COUNT("):
        return 0
    return sum(read_by(node) for node in nodes_of(plan_of(statement)))


def nodes_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from nodes_of(child)


def read_by(node: dict[str, Any]) -> int:
    if "Relation Name" not in node:
        return 0
    thrown_away = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    rows = sum(node.get(name, 0) for name in ("Actual Rows", *thrown_away))
    return round(rows * node["Actual Loops"])


def scanned(plan: dict[str, Any], tables: Collection[str]) -> set[str]:
    """Give which of some tables a plan reads as a whole, one row after the other."""
    return {node["Relation Name"] for node in nodes_of(plan) if node["Node Type"] == "Seq Scan"} & {*tables}
