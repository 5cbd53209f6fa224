"""Where the shipped grammar and rules are, and which files a directory holds.

A wheel carries them as package data, `policy/_data/`; in a checkout and an editable install
they stand beside the package.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
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


def files_below(path: Path, suffix: str) -> Iterator[Path]:
    """The files whose names end in `suffix`, at any depth. Raises `OSError`.

    Dangling links are among them, and a directory that can't be listed raises: a rule that is
    left out would be one that no longer forbids anything. So links to directories are followed,
    each directory once. Two that are somebody's own bookkeeping are left out: `.git`, and the
    `..2026_…` of a mounted config map, whose files are links into it.
    """

    def refuse(error: OSError) -> None:
        raise error

    seen: set[tuple[int, int]] = set()
    for directory, inside, names in os.walk(path, onerror=refuse, followlinks=True):
        status = Path(directory).stat()
        if (status.st_dev, status.st_ino) in seen:
            inside.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        inside[:] = sorted(name for name in inside if name != ".git" and not name.startswith(".."))
        yield from (Path(directory, name) for name in names if name.endswith(suffix))
