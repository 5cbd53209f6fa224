"""Programs for the tests of the argument reader, and a short way to write words."""

from __future__ import annotations

from functools import cache

from policy.dsl import compile_sources
from policy.parse.argv import Reading, read
from policy.parse.delegate import Run, RunKind
from policy.plan import INHERITED, Input, InputKind, Word, WordKind, dynamic, static
from policy.ruleset import RuleSet
from policy.source import Source

RULES = r"""
program list { option -a --all  option -l  option -w --width <number>  option --sort <value>
               option --color [<value>]  option -I --ignore [<value>]
               option --since <value>  option --show  option -o --output <path> writes
               option "+e"
               operands <path> reads }
program first { option -<number>  option -n --lines <number>  operands <path> reads }
program remove { option -r -R --recursive  option -f --force  operands <path> deletes }
program copy { option -t <path> writes
               operand last <path> writes unless option -t  operands <path> reads }
program search { option -e <value>  option -f <path> reads  option --in-place writes
                 operand 1 <value> unless option (-e | -f)  operands <path> reads
                 operands <path> writes if option --in-place }
program uniqlike { operand 1 <path> reads  operand 2 <path> writes }
program vcs {
    option -C <directory>
    global option --verbose
    subcommand log { option --oneline  option -<number>  option --output <path> writes
                     operands <value> }
    subcommand push { option -f --force  option -u  operands <value> }
    subcommand remote { subcommand add { option -t <value>  operand 2 <url> } }
}
program box {
    option -c --context <value>
    subcommand exec { style posix  option -i  option -t  option -e --env <assignment>
                      option -u --user <user>  option -v --volume <value> risky
                      operand 1 <target>  runs arguments from 2 }
    effects container
}
program seek { style single-dash  option -name <value>  option -delete deletes  option -print
               option -maxdepth <number>
               runs arguments after (-exec | -ok) until (";" | "+")  placeholder "{}"
               operands <path> reads }
program cloud { style single-dash  option -auto-approve  option -var <value>
                subcommand apply { option -auto-approve } }
program pack { style bundled  option -c  option -x  option -z  option -v  option -b <number>
               option -f --file <path> reads  option --to-command <shell>  operands <path> }
program plain { style none  outputs arguments }
program say { option -n  outputs arguments }
program fetch { option -d <@path> sends  option -o <path> writes  option -s  operands <url> }
program as { style posix  option -u --user <user>  option -n  option -D <directory>
             option -E risky  assignments  runs arguments  effects privilege  adjust score +10 }
program setenv { style posix  option -i  option -C <directory>  option -S <shell> risky
                 assignments  runs arguments }
program limit { style posix  option -s <value>  runs arguments from 2 }
program feed { style posix  option -n <number>  option -0  option -I <placeholder>
               option -i [<placeholder>]  runs arguments with unknown }
program remote { option -p <number>  option -o <value> risky  option -v
                 operand 1 <target>  runs shell from 2  stdin <shell>  effects network }
program every { style posix  option -n <number>  option -x
                runs shell unless option -x  runs arguments if option -x }
program sh { style posix  option -c  option -e  option -s  option -o <value>  option --version
             operand 1 <shell> if option -c  operand 1 <script> unless option (-c | -s)
             stdin <shell> unless option --version }
program py { style posix  option -c <code> ends  option -u  option --version
             operand 1 <script>  stdin <code> unless option (-c | --version) }
program db { option -c --command <sql postgres>  option -f --file <script>  option -d <value>
             option -o <path> writes  stdin <sql postgres> unless option (-c | -f) }
program go { operand 1 <directory>  option -P }
program nick { operands <assignment shell> }
program ask { style posix  option -r  option -p <value>  operands <variable> }
program lang { option -e <code>  option -m <value> ends  option -s  option -r <script> runs
               operand 1 <script> unless option (-e | -s)  stdin <code> unless operands }
program tool { option -v  stdin <code> unless operands }
program hunt { option -H  runs arguments after (-x | --exec) until ";" with unknown
               placeholder "{}" }
program dot { operand 1 <script> }
program pluggable "pluggable-*" { option -x }
"""


@cache
def rules() -> RuleSet:
    compiled = compile_sources([Source("test.rules", RULES)])
    assert compiled.ruleset is not None, [
        f"{finding.message} at {finding.at}" for finding in compiled.findings
    ]
    return compiled.ruleset


# How rows are written ---------------------------------------------------------------------
#
# Words stand between blanks, `_` is a blank within one. `$x` is unquoted and known only at run
# time, `$"x"` the same in quotes, both with what stands around them; `*` makes a glob.


def words(text: str) -> tuple[Word, ...]:
    found, position = [], 0
    for piece in text.split(" "):
        if piece:
            found.append(_word(piece.replace("_", " "), (position, position + len(piece))))
        position += len(piece) + 1
    return tuple(found)


def _word(text: str, span: tuple[int, int]) -> Word:
    for mark, many in (('$"x"', False), ("$x", True)):
        before, found, behind = text.partition(mark)
        if found:
            return dynamic(text, span, before, behind, many)
    if "*" in text:
        return Word(WordKind.PATTERN, text, span, text.partition("*")[0], "", True)
    if text.startswith("~"):
        return Word(WordKind.STATIC, text, span, text, text, home=True)
    return static(text, span)


def reading(text: str, source: Input = INHERITED) -> Reading:
    return read(words(text), rules(), input=source)


def texts(found: tuple[Word, ...]) -> str:
    return " ".join(word.text.replace(" ", "_") for word in found)


def options(found: Reading) -> str:
    """`-w=5`: first name and value; `?` behind one that nothing declares."""
    return " ".join(
        use.names[0]
        + ("" if use.declared else "?")
        + ("" if use.value is None else f"={use.value.text}".replace(" ", "_"))
        for use in found.command.options
    )


def shown(run: Run) -> str:
    match run.kind:
        case RunKind.WORDS:
            return texts(run.words)
        case RunKind.SHELL | RunKind.SQL:
            assert run.text is not None
            mark = "!" if run.text.value is None else ""
            return f"{run.kind.value}{mark}: {run.text.text}"
        case RunKind.UNSEEN:
            assert run.opaque is not None
            return f"{run.kind.value}: {run.opaque.kind.value}"


def runs(found: Reading) -> list[str]:
    return [shown(run) for run in found.runs]


TEXT = Input(InputKind.TEXT, static("ls -l"))
UNKNOWN_TEXT = Input(InputKind.TEXT, dynamic("$x", (0, 2)))
FILE = Input(InputKind.FILE, static("in.txt"))
CURL = Input(InputKind.PIPE, producer="curl")
