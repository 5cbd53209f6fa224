"""What is fed to which reader, and what it may do with it: answer, or refuse as it promises to."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from fuzz import inputs, seeds
from policy.cli.batch import run_batch
from policy.decision import Context, Decision, Verdict
from policy.diagnostics import WhitelistError, render_all
from policy.dsl import compile_sources
from policy.engine import Engine, read
from policy.journal.chain import JournalError, records
from policy.journal.stats import stats
from policy.journal.verify import verify
from policy.judge import judge
from policy.parse.argv import read as read_words
from policy.plan import Limits, Opaque, OpaqueKind, Word, WordKind, static
from policy.shipped import ruleset
from policy.source import Source
from policy.visible import visible
from policy.whitelist import boundary_file, document

DIALECTS = (
    "postgres", "psql", "mysql", "mysql-client", "sqlite", "sqlite-client", "tsql", "ansi",
    "bigquery", "clickhouse", "databricks", "duckdb", "oracle", "redshift", "snowflake", "trino",
)  # fmt: skip
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Target = Callable[[bytes], None]


@cache
def limits() -> Limits:
    """Small ones: what is beyond a limit is reached by short inputs as well."""
    return Limits(characters=16_384, depth=8, actions=100, steps=500, work=200_000)


@cache
def engine() -> Engine:
    return Engine(ruleset(), limits=limits())


def decided(text: str, language: str) -> Decision:
    """The decision, made without what catches exceptions. Every part of it holds together."""
    plan = read(text, language, ruleset(), limits())
    for action in plan.actions:
        start, end = action.span
        assert 0 <= start <= end <= len(text), (language, text, action)
        fault = isinstance(action.does, Opaque) and action.does.kind is OpaqueKind.FAULT
        assert not fault, (language, text, action.does)
    decision = judge(plan, ruleset(), None, Context(), now=NOW)
    assert decision.reasons
    assert (decision.verdict is Verdict.ALLOW) == (decision.approvals == 0), decision
    shown = visible(text)
    assert shown.isprintable() or not shown
    return decision


def shell(data: bytes, more: Sequence[str] = ()) -> None:
    texts = seeds.examples("shell") + tuple(more)
    decided(inputs.text_of(data, inputs.SHELL, texts), "shell")


def sql(data: bytes, more: Sequence[str] = ()) -> None:
    if data:
        texts = seeds.examples("sql") + tuple(more)
        text = inputs.text_of(data[1:], inputs.SQL, texts)
        decided(text, f"sql:{DIALECTS[data[0] % len(DIALECTS)]}")


def words(data: bytes) -> None:
    """Argument vectors of programs that the rules declare; words of every kind."""
    programs = sorted(ruleset().programs)
    if not data:
        return
    found = [static(programs[data[0] % len(programs)])]
    for at in range(1, len(data) - 1, 2):
        text = inputs.SHELL[data[at] % len(inputs.SHELL)]
        kind = list(WordKind)[data[at + 1] % 3]
        many = data[at + 1] >= 128
        match kind:
            case WordKind.STATIC:
                found.append(static(text))
            case WordKind.PATTERN:
                found.append(Word(kind, text, (0, 0), many=many))
            case WordKind.DYNAMIC:
                found.append(Word(kind, text, (0, 0), text[: data[at + 1] % 5], many=many))
    assert read_words(tuple(found), ruleset()).command.words == tuple(found)


def rules(data: bytes) -> None:
    text = inputs.text_of(data, inputs.RULES, seeds.rule_files())
    compiled = compile_sources((Source("fuzz.rules", text),))
    assert render_all(compiled.findings) or compiled.ruleset is not None


def whitelist(data: bytes) -> None:
    text = inputs.text_of(data, inputs.YAML, seeds.whitelists())
    try:
        found = document.load(text.encode("utf-8", "surrogateescape"))
    except (WhitelistError, UnicodeEncodeError):
        return
    Engine(ruleset(), limits=limits())
    for entry in found.entries:
        document.named("w", entry)


def boundary(data: bytes) -> None:
    text = inputs.text_of(data, inputs.YAML, seeds.whitelists())
    with contextlib.suppress(WhitelistError):
        boundary_file.load(text)


def log(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        text = inputs.text_of(data, inputs.JSON, ())
        Path(file.name).write_bytes(text.encode("utf-8", "replace") if data[:1] < b"\x80" else data)
        verify(file.name)
        with contextlib.suppress(JournalError):
            stats(records(file.name))


def batch(data: bytes) -> None:
    text = inputs.text_of(data, inputs.JSON, ())
    lines = text.encode("utf-8", "replace") if data[:1] < b"\x80" else data
    sink = io.StringIO()
    run_batch(engine(), Context(), "shell", io.BytesIO(lines), sink)
    answers = [json.loads(line) for line in sink.getvalue().splitlines()]
    assert len(answers) == len(io.BytesIO(lines).readlines())
    for answer in answers:
        assert "error" in answer or answer["reasons"][0]["rule"] != "engine.fault", lines


TARGETS: dict[str, Target] = {
    "shell": shell,
    "sql": sql,
    "words": words,
    "rules": rules,
    "whitelist": whitelist,
    "boundary": boundary,
    "log": log,
    "batch": batch,
}
