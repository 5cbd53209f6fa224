"""Whole outputs kept in files under tests/golden, to be read and reviewed as people see them."""

import os
from pathlib import Path

DIRECTORY = Path(__file__).parent / "golden"


def assert_golden(name: str, shown: str) -> None:
    """`shown` is what the file holds. UPDATE_GOLDEN=1 writes it instead; look at the diff."""
    path = DIRECTORY / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")
