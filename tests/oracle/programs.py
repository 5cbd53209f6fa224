"""Real programs as judges of `rules/*.rules` and of the reading of argument vectors.

    options      which options real programs have, and which of them take a value
    getopt       the C library's parser, given the declarations' own tables
    promise      what is allowed leaves no trace
    delegation   what real wrappers start is in the Plan

Each is a module of its own; this one shares out the work.
"""

from __future__ import annotations

from dataclasses import replace

from oracle import delegation, getopt, options_declared, programs_promise
from oracle.report import Part, Row

_TABLES = 20
"""Asking a program for its table takes as long as some twenty lines."""


def run(part: Part) -> list[Row]:
    """Six of ten lines are allowed ones, three are delegation; the rest are questions."""
    return [
        *programs_promise.run(replace(part, count=part.count * 6 // 10)),
        *delegation.run(replace(part, count=part.count * 3 // 10)),
        *options_declared.run(replace(part, count=max(1, part.count // _TABLES))),
        *getopt.run(replace(part, count=part.count * 4)),
    ]
