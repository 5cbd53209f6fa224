"""bash judges the scripts that were written by hand for its every construct.

All of them, with every answer of the stand-ins, are run by `make oracle`; here each script of a
share, the same each time, with one answer.
"""

from __future__ import annotations

import pytest

from oracle.constructs import opacity, run
from oracle.needs import unavailable
from oracle.report import Part
from oracle.sandbox import Unavailable
from oracle.written import TABLES, read_table, scripts
from policy import Engine

SHARE = 120
SEED = 20261123
ENGINE = Engine.load()


@pytest.mark.parametrize("part", [1, 2, 3])
def test_bash_does_nothing_that_the_plan_does_not_say(part: int) -> None:
    try:
        rows = run(Part(SHARE, SEED + part))
    except Unavailable as wrong:
        unavailable(str(wrong))
    assert [miss for row in rows for miss in row.missed] == []
    assert sum(row.ran for row in rows) == SHARE


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_what_the_text_fixes_is_understood(table) -> None:
    exact = [one for one in read_table(table) if one.exact]
    found = {one.text: opacity(ENGINE.plan(one.text)) for one in exact}
    assert {text: why for text, why in found.items() if why} == {}


def test_the_tables_are_about_every_section_and_not_excused() -> None:
    known = scripts()
    assert len(known) >= 2_500
    assert len({one.construct for one in known}) >= 35
    assert sum(not one.exact for one in known) / len(known) < 0.12
