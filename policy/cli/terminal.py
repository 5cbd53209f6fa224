"""Whether output may be coloured."""

from __future__ import annotations

import os
from typing import TextIO


def colours(stream: TextIO) -> bool:
    """NO_COLOR (no-color.org) forbids, FORCE_COLOR asks, else terminals have colours."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"
