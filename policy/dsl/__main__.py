"""`python -m policy.dsl PATH…`: check rule files; exit status 1 if there are errors."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from policy.diagnostics import errors, render_all
from policy.dsl import Compiled, compile_sources, read_directory, read_file
from policy.dsl.locate import rules_directory
from policy.ruleset import RuleSet
from policy.source import Source


def main(arguments: Sequence[str]) -> int:
    """Print what is wrong with the files, or how much they define; return the exit status.

    Shipped files are compiled together, any others on top of the shipped ones; only findings
    in the files that were named are shown.
    """
    if not arguments:
        sys.stderr.write("usage: python -m policy.dsl PATH…\n")
        return 2
    try:
        named = {_identity(source): source for path in arguments for source in _read(Path(path))}
        shipped = {_identity(source): source for source in read_directory(rules_directory())}
    except OSError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    compiled = _compile(named, shipped)
    shown = [f for f in compiled.findings if f.at is None or _identity(f.at.source) in named]
    if shown:
        sys.stdout.write(render_all(shown) + "\n\n")
    wrong, elsewhere = len(errors(shown)), len(errors(compiled.findings)) - len(errors(shown))
    counts = [_count(wrong, "error"), _count(len(shown) - wrong, "warning")]
    if elsewhere:
        counts.append(f"{_count(elsewhere, 'error')} in files that were not named")
    if compiled.ruleset is not None:
        counts.insert(0, _summary(compiled.ruleset))
    sys.stdout.write(", ".join(counts) + "\n")
    return 1 if wrong else 0


def _read(path: Path) -> tuple[Source, ...]:
    return read_directory(path) if path.is_dir() else (read_file(path, path.name),)


def _identity(source: Source) -> Path:
    return Path(source.path).resolve()


def _compile(named: dict[Path, Source], shipped: dict[Path, Source]) -> Compiled:
    base = [named.get(path, source) for path, source in shipped.items()]
    added = [source for path, source in named.items() if path not in shipped]
    return compile_sources(added, base) if added else compile_sources(base)


def _summary(ruleset: RuleSet) -> str:
    programs = len(ruleset.programs) + len(ruleset.patterns)
    variables = len(ruleset.variables) + len(ruleset.variable_patterns)
    examples = sum(len(rule.examples) for rule in ruleset.rules)
    rules = _count(len(ruleset.rules), "rule")
    return ", ".join(
        [
            f"{rules} with {_count(examples, 'example')}",
            _count(programs, "program"),
            _count(variables, "variable"),
            _count(len(ruleset.defaults), "default"),
        ]
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
