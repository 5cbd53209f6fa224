"""Whitelist files: what is written is read again, and nothing else than that is read."""

import re

import pytest
import yaml
from goldens import assert_golden
from hypothesis import given
from hypothesis import strategies as st
from whitelist_strategies import AWKWARD, documents, entries, texts

from policy.diagnostics import WhitelistError, render_all
from policy.whitelist.canonical import block, dump
from policy.whitelist.codes import Code
from policy.whitelist.document import Document, load

ENTRY = """\
- command: docker restart {service}
  tier: medium
  expires: 2026-11-29T12:00:00Z
  approved:
    by: [alice]
    at: 2026-11-22T12:00:00Z
"""
FILE = f"version: 1\nentries:\n{ENTRY}"


def file(**changed: str) -> str:
    """The file above, lines of its entry replaced by key; an empty text removes the line."""
    text = ENTRY
    for key, line in changed.items():
        text = re.sub(rf"^(  |- |    ){key}:.*\n", lambda found, line=line: line and
                      f"{found[1]}{line}\n", text, count=1, flags=re.MULTILINE)
    return f"version: 1\nentries:\n{text}"
