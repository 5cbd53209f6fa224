"""Where the shipped grammar and rules are.

A wheel carries them as package data, `policy/_data/`; in a checkout and an editable install
they stand beside the package.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def data_directory() -> Path:
    """The directory that holds `grammar/` and `rules/`."""
    packaged = _PACKAGE / "_data"
    return packaged if (packaged / "grammar").is_dir() else _PACKAGE.parent


def grammar_file() -> Path:
    return data_directory() / "grammar" / "rules.lark"


def rules_directory() -> Path:
    return data_directory() / "rules"
