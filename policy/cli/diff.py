"""`policy diff`, also called `policy-diff`: what changed in meaning between two policies."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

import click

from policy.cli.terminal import colours

if TYPE_CHECKING:
    from policy.cli.diff_formats.report import Report, RulesReport
    from policy.cli.diff_inputs import Side
    from policy.diff.commands import Asked
    from policy.diff.model import Diff
    from policy.diff.rules import Version
    from policy.engine import Engine
    from policy.ruleset import RuleSet
    from policy.source import Source
    from policy.whitelist.document import Document

_PATHS = "policy-diff paths"
_FORMATS = ("text", "json", "markdown", "github")


class _Command(click.Command):
    """Keeps apart what stands before and behind `--`, as git does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            at = args.index("--")
            ctx.meta[_PATHS] = tuple(args[at + 1 :])
            args = args[:at]
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["[OPTIONS]", "OLD NEW | REVISION[..REVISION] -- PATH..."]


@click.command(cls=_Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("operands", nargs=-1)
@click.option(
    "--rules", "about_rules", is_flag=True, help="Compare rule files (`*.rules`), not whitelists."
)
@click.option("--log", metavar="FILE", help="Decide each command of this decision log by both.")
@click.option("--format", "shape", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option(
    "--extra-rules",
    metavar="DIR",
    help="Rules that add to the shipped ones, under which whitelists are compared.",
)
@click.option(
    "--git-setup",
    is_flag=True,
    help="Make `git diff` and `git merge` of this repository understand whitelists, and end; "
    "operands are the files' names (whitelist.yaml unless given).",
)
@click.option("--git-diff", "diff_driver", is_flag=True, hidden=True)
@click.option("--git-merge", "merge_driver", is_flag=True, hidden=True)
@click.option("--now", "at", metavar="INSTANT", hidden=True)
@click.pass_context
def diff(
    ctx: click.Context,
    operands: tuple[str, ...],
    about_rules: bool,
    log: str | None,
    shape: str,
    extra_rules: str | None,
    git_setup: bool,
    diff_driver: bool,
    merge_driver: bool,
    at: str | None,
) -> int:
    """Say what a changed policy newly allows, and what it no longer does.

    OLD and NEW are whitelists, or directories of them (`*.yaml`). Behind a revision of git, or
    two with `..` between them, `--` and a path name the file or directory; one revision is
    compared with the working tree.

    \b
      policy-diff old.yaml new.yaml
      policy-diff main..HEAD -- whitelist.yaml
      policy-diff --rules --log decisions.jsonl main -- rules

    Each change comes with a command that one side allows and the other does not, which was
    decided by both.

    Exit status: 0 the new one allows nothing that the old one did not, 1 it allows more, 3 that
    could not be decided, 2 bad usage or input.
    """
    gc.enable()
    paths: tuple[str, ...] | None = ctx.meta.get(_PATHS)
    if diff_driver or merge_driver:
        from policy.cli.git_drivers import external_diff, merge_files

        given = (*operands, *(paths or ()))
        if merge_driver:
            return merge_files(given)
        return external_diff(given, sys.stdout, colours(sys.stdout))
    if git_setup:
        from policy.cli.git_setup import set_up

        return set_up((*operands, *(paths or ())), sys.stdout)
    now = _instant(at)
    if about_rules:
        if extra_rules is not None:
            raise click.UsageError("--rules and --extra-rules exclude each other")
        return _rules(operands, paths, log, shape, now)
    return _whitelists(operands, paths, log, shape, extra_rules, now)


def show(old: Document, new: Document, engine: Engine, *, stream: TextIO, coloured: bool) -> Diff:
    """Write what changes when `new` replaces `old`, as text; return it.

    `engine` says under which rules. For whoever asks a person before a whitelist is written.
    """
    from policy.cli.diff_formats.report import Report
    from policy.cli.diff_formats.text import write_whitelists
    from policy.diff.whole import compare

    now = datetime.now(UTC)
    found = compare(old.entries, new.entries, engine.rules, now=now, limits=engine.limits)
    write_whitelists(Report("as it is", "as it would be", found), stream, coloured)
    return found


def main() -> None:
    """The entry point of the console script `policy-diff`."""
    from policy.cli.main import main as policy

    policy("diff")


# Whitelists --------------------------------------------------------------------------------


def _whitelists(
    operands: Sequence[str],
    paths: Sequence[str] | None,
    log: str | None,
    shape: str,
    extra_rules: str | None,
    now: datetime,
) -> int:
    from policy.cli.diff_formats.report import Report
    from policy.cli.diff_inputs import entries_of, sides
    from policy.diff.whole import compare, replays
    from policy.plan import Limits

    old, new = entries_of(*sides(operands, paths, ".yaml"))
    asked, skipped = _asked(log)
    rules = _ruleset(extra_rules)
    found = compare(old.entries, new.entries, rules, now=now)
    told = None
    if asked is not None:
        told = replays(asked, old.entries, new.entries, rules, Limits(), now, skipped)
    notes = (*old.notes, *new.notes)
    report = Report(old.title, new.title, found, told, notes, new.places)
    _write_whitelists(report, shape)
    return int(report.outcome)


def _ruleset(extra: str | None) -> RuleSet:
    from pathlib import Path

    from policy.diagnostics import RuleError
    from policy.shipped import ruleset

    if extra == "":  # an unset variable
        raise click.BadParameter("an empty path", param_hint="--extra-rules")
    try:
        return ruleset(None if extra is None else Path(extra))
    except RuleError as error:
        raise click.ClickException(f"the rules don't compile\n\n{error}") from None
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        raise click.ClickException(f"the rules can't be read: {reason}") from None


def _write_whitelists(report: Report, shape: str) -> None:
    match shape:
        case "json":
            from policy.cli.diff_formats.json_form import whitelists_object
            from policy.cli.json_form import dumps

            sys.stdout.write(dumps(whitelists_object(report)) + "\n")
        case "markdown":
            from policy.cli.diff_formats.markdown import whitelists

            sys.stdout.write(whitelists(report))
        case "github":
            from policy.cli.diff_formats.github import whitelists

            sys.stdout.write(whitelists(report))
        case _:
            from policy.cli.diff_formats.text import write_whitelists

            write_whitelists(report, sys.stdout, colours(sys.stdout))


# Rules -------------------------------------------------------------------------------------


def _rules(
    operands: Sequence[str],
    paths: Sequence[str] | None,
    log: str | None,
    shape: str,
    now: datetime,
) -> int:
    from policy.cli.diff_formats.report import RulesReport
    from policy.cli.diff_inputs import are_whole, sides, sources_of
    from policy.diff.rules import compare_rules
    from policy.dsl import read_directory
    from policy.dsl.locate import rules_directory

    old, new = sides(operands, paths, ".rules")
    shipped = read_directory(rules_directory())
    texts = sources_of(old), sources_of(new)
    base = () if are_whole(texts, shipped) else shipped
    asked, skipped = _asked(log)
    found = compare_rules(
        _version(old, texts[0], base),
        _version(new, texts[1], base),
        now=now,
        log=asked,
        skipped=skipped,
    )
    files = {file.name: file.shown for file in new.files}
    notes = (*old.notes, *new.notes)
    _write_rules(RulesReport(old.title, new.title, found, notes, files), shape)
    return int(found.outcome)


def _version(side: Side, added: tuple[Source, ...], base: tuple[Source, ...]) -> Version:
    """The rules of a side: by themselves, or on top of the shipped ones."""
    from policy.cli.diff_inputs import uncompiled
    from policy.diagnostics import RuleError, errors
    from policy.diff.rules import Version
    from policy.dsl import compile_sources

    compiled = compile_sources(added, base) if added else compile_sources(base)
    if compiled.ruleset is None:
        raise uncompiled(side, RuleError(errors(compiled.findings)))
    return Version(compiled.ruleset, (*base, *added))


def _write_rules(report: RulesReport, shape: str) -> None:
    match shape:
        case "json":
            from policy.cli.diff_formats.json_form import rules_object
            from policy.cli.json_form import dumps

            sys.stdout.write(dumps(rules_object(report)) + "\n")
        case "markdown":
            from policy.cli.diff_formats.markdown import rules

            sys.stdout.write(rules(report))
        case "github":
            from policy.cli.diff_formats.github import rules

            sys.stdout.write(rules(report))
        case _:
            from policy.cli.diff_formats.text import write_rules

            write_rules(report, sys.stdout, colours(sys.stdout))


# What both need ----------------------------------------------------------------------------


def _asked(log: str | None) -> tuple[dict[Asked, int] | None, int]:
    """The commands of a log with how often they were asked, and how many were redacted."""
    if log is None:
        return None, 0
    if log == "":  # an unset variable
        raise click.BadParameter("an empty path", param_hint="--log")
    from policy.diff.commands import Asked, counted
    from policy.journal.chain import JournalError, records

    asked: list[Asked] = []
    skipped = 0
    try:
        for record in records(log):
            if record.redacted:
                skipped += 1
            else:
                asked.append(Asked(record.command, record.language, record.context))
    except JournalError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{log}: {error.strerror or error}") from None
    return counted(asked), skipped


def _instant(text: str | None) -> datetime:
    from policy.times import read_instant

    if text is None:
        return datetime.now(UTC)
    try:
        return read_instant(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--now") from None


if __name__ == "__main__":
    main()
