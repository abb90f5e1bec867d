"""What the tests of the import share: files, and the records that are read from them."""

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faceitbot.legacy.reader import LegacyReader, RawRecord

WriteFile = Callable[..., Path]


def read(data: bytes) -> list[RawRecord]:
    """Give the raw records of a file that has these bytes."""
    return list(LegacyReader(io.BytesIO(data)))


@pytest.fixture
def write_file(tmp_path: Path) -> WriteFile:
    """Write users as the old bot did, or anything else as it is; give the file's path."""

    def write(content: Any, name: str = "data.json") -> Path:
        path = tmp_path / name
        if isinstance(content, list):
            content = json.dumps({"users": content}, ensure_ascii=False, indent=2)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def samples() -> Path:
    """Give the folder with real files of each shape; they are not part of the project."""
    folder = os.environ.get("FACEITBOT_SAMPLES")
    if not folder:
        pytest.skip("FACEITBOT_SAMPLES does not name a folder with legacy/*.json")
    return Path(folder) / "legacy"
