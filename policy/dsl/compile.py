"""Sources → a rule set: the stages of the compiler, in order."""

from __future__ import annotations

from collections.abc import Sequence

from policy.diagnostics import errors, in_order
from policy.dsl import Compiled
from policy.dsl.build import build
from policy.dsl.check import check
from policy.dsl.definitions import collect
from policy.dsl.recover import read
from policy.source import Source


def compile_sources(sources: Sequence[Source], base: Sequence[Source] = ()) -> Compiled:
    """See `policy.dsl.compile_sources`."""
    shipped = [read(source) for source in base]
    files = [read(source) for source in sources]
    definitions, findings = collect(shipped, files)
    for file in (*shipped, *files):
        findings += file.findings
    findings += check(definitions)
    found = in_order(findings)
    if errors(found):
        return Compiled(None, found)
    return Compiled(build(definitions, (*base, *sources)), found)
