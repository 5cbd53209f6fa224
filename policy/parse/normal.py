"""The normal form of a command's words: what counts for an approval, and not how it is spelled.

`rm -rf x`, `rm -r -f x` and `rm x -rf` have the same; so have `head -n5 f` and `head f -n 5`.
Different names of one option stay different: nothing says that `-f` and `--force` are one.
"""

from __future__ import annotations

from collections.abc import Sequence

from policy.parse.scan import Scan
from policy.plan import Role, Term, Word, static
from policy.program import Style

WORDS, TEXT, INPUT = static("{}"), static("'{}'"), static("<<< '{}'")
"""Where a wrapper has what it runs: as words, as text in one word, as its standard input."""


def normal(scan: Scan, mark: Word | None = None, handed: tuple[Word, ...] = ()) -> tuple[Term, ...]:
    """The words of a command; of a wrapper, `mark` for those that it runs (`handed`)."""
    trace = scan.trace
    if mark is not None:
        return tuple(_without(trace, handed, mark))
    if scan.level.program.style is Style.GNU and scan.slots and _permutable(scan):
        trace = _options_first(trace)
    return tuple([Term(role, word) for role, word in trace])


def _permutable(scan: Scan) -> bool:
    """Whether the place of the options among the operands says nothing: each is declared, since
    another may take the word behind it, and none is positional or begins a command or an end.
    """
    if not scan.level.declared or scan.groups:
        return False
    options = [used.option for used in scan.used]
    return not any(one is None or one.positional or one.ends for one in options)


def _options_first(trace: Sequence[tuple[Role, Word]]) -> list[tuple[Role, Word]]:
    """The words behind the last subcommand, options before operands; up to a `--`."""
    roles = [role for role, _ in trace]
    begin = max(i for i, role in enumerate(roles) if role in (Role.PROGRAM, Role.SUBCOMMAND)) + 1
    end = roles.index(Role.END) if Role.END in roles else len(trace)
    options = [one for one in trace[begin:end] if one[0] is not Role.OPERAND]
    operands = [one for one in trace[begin:end] if one[0] is Role.OPERAND]
    return [*trace[:begin], *options, *operands, *trace[end:]]


def _without(
    trace: Sequence[tuple[Role, Word]], handed: tuple[Word, ...], mark: Word
) -> list[Term]:
    ours: list[Term] = []
    marked = False
    theirs = set(map(id, handed))  # the very words: another may be equal to one of them
    for role, word in trace:
        if id(word) not in theirs:
            ours.append(Term(role, word))
        elif not marked:
            ours.append(Term(Role.RUNS, mark))
            marked = True
    return ours if marked else [*ours, Term(Role.RUNS, mark)]
