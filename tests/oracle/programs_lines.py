"""Command lines for real programs: put together from declarations, or mutated from real ones."""

from __future__ import annotations

import ast
import gzip
import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random

from policy.program import Option, Program, ValueType

_RULES = Path(__file__).parents[2] / "rules"
_EXAMPLE = re.compile(r"""^\s*(?:no )?match\s+("(?:[^"\\]|\\.)*"|'[^'\n]*')""", re.MULTILINE)
_OPTION = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]*")
_SHORT = re.compile(r"-[A-Za-z0-9]")
_WORD = re.compile(r"[\w.+/-]+")

PATHS = (
    "text.txt", "other.txt", "sub", "sub/c.txt", ".", "some.tar", "some.tgz", "some.zip", "some.db",
    "text.gz", "text.xz", "data.json", "data.csv", "names", "sums", "binary", "main.c", "Makefile",
    "change.diff", "made", "sub/made", "/tmp/made", "-", "/dev/null", "/dev/stdout", "none/x",
    "*.txt", "script.sh", "script.py", ".git/config", "/project/made", "./made",
)  # fmt: skip
"""Names of files that are there, and of some that would be made."""

PLAIN = (
    "x", "one", "1", "0", "5", "-1", "100", "+1", "1,2", "1-2", "2024-01-01", "always", "never",
    "all", "none", "name", "size", "a=b", "a:b", "%s", "%n", "+%F", "{}", "*", "", "1k", "utf-8",
    "C", "user", "root", "TERM", "eth0", "lo", "main", "HEAD", "v1", "topic", "HEAD~1", "made",
)  # fmt: skip
"""Words that may mean anything."""

CODE: Mapping[str, tuple[str, ...]] = {
    "sed": (
        "p", "s/one/1/", "s/one/1/g;p", "1d", "$!N;P;D", "1w made", "s/one/1/w made", "1W made",
        "s/one/touch made/e", "1e touch made", "1r other.txt", "1R other.txt", "w /dev/stdout",
        "y/abc/xyz/", "1i x", "1a\\\nx", "/one/,/two/{p}", "s/a/b/;w made", "s/a/\\nw made/",
        "s,one,1,pw made", "1{w made\n}", "1,3!w made", "s/one/touch made/;e", "0~2p", "l 5", "Q1",
    ),
    "awk": (
        "{print}", "{print $1}", "NR==1", "/one/{n++} END{print n}", 'BEGIN{system("touch made")}',
        '{print > "made"}', '{print >> "made"}', '{print | "cat > made"}', '"date" | getline',
        'BEGIN{"touch made" | getline x; print x}', '{printf "%s\\n", $1}',
        'BEGIN{getline < "names"}',
        'BEGIN { while ((getline l < "text.txt") > 0) print l }', 'END{close("x")}',
        "-f script.awk",
        'BEGIN { printf "x" > ("ma" "de") }', "{gsub(/one/, 1); print > $1}", "$1 > 0", "a>b",
    ),
    "find": (
        "-name '*.txt'", "-type f -print0", "-newer text.txt", "-delete", "-exec touch made ';'",
        "-exec cat {} +", "-fprint made", "-fprintf made %p", "-fls made", "-ls", "-printf '%p\\n'",
        "-execdir touch made ';'", "-ok rm {} ';'", "-size +1k -o -empty", "-maxdepth 1",
        "-fprint0 made", "-regex '.*t' -prune", "-files0-from names", "-quit", "-perm -4000",
    ),
    "sqlite3": (
        "select * from t", ".tables", ".schema", "insert into t values (3,4)", ".output made",
        "select writefile('made', 'x')", ".once made", ".backup made", ".dump", ".shell touch made",
        "attach 'made' as m; create table m.x(a)", "pragma user_version", "pragma user_version=5",
        "vacuum into 'made'", "explain select 1", ".read script.sh", ".log made", ".import x t",
    ),
    "jq": (".", ".a", ".a[1].b", "keys", "input_filename", "env", "$__loc__", "halt_error",
    "debug"),
    "perl": ("print 1", "open F, '>made'", "unlink 'text.txt'", "system 'touch made'"),
    "python3": ("print(1)", "open('made', 'w')", "import os; os.system('touch made')"),
    "git": (
        "--no-pager", "-c core.pager=touch", "-c alias.x='!touch made'", "--output=made",
        "--ext-diff", "-p", "--stat", "--textconv", "-c core.fsmonitor='touch made'",
        "--exec-path=/project", "-c diff.external='touch made'", "--open-files-in-pager=touch",
    ),
    "date": ("+%F", "-s 2024-01-01", "-d yesterday", "010100002024", "-r text.txt"),
    "test": ("-f text.txt", "x = x", "-n x -a -z ''"),
    "expr": ("1 + 1", "length one", "a : b"),
    "openssl": (
        "version", "rand -hex 4", "rand -out made 4", "dgst -sha256 text.txt",
        "dgst -out made text.txt",
        "x509 -in text.txt -noout -text", "x509 -in text.txt -out made", "enc -base64 -in text.txt",
        "enc -base64 -out made", "genrsa", "genrsa -out made", "asn1parse -in text.txt -out made",
        "base64 -in text.txt", "ciphers -v", "list -commands", "prime 7", "speed -seconds 1",
    ),
}  # fmt: skip
"""What some programs take as their first operand, or as expressions: what reads, what doesn't."""

_ALIASES = {
    "gawk": "awk", "mawk": "awk", "nawk": "awk", "rvim": "vim", "[": "test", "gsed": "sed",
    "python": "python3",
}  # fmt: skip


class Lines:
    """Draws command lines for programs; `extra` are real options that nothing declares."""

    def __init__(
        self,
        random: Random,
        programs: Mapping[str, Program],
        extra: Mapping[str, Sequence[str]],
    ) -> None:
        self._random = random
        self._programs = programs
        self._extra = extra

    def composed(self, program: str) -> str:
        """A use of one program, put together from its declaration and its real options."""
        random, level = self._random, self._programs[program]
        words: list[str] = [program]
        options = list(level.options)
        everywhere = [option for option in options if option.everywhere]
        self._add_options(words, options, program, random.choice((0, 0, 0, 1)))
        while level.subcommands and random.random() < 0.92:
            name = random.choice(sorted(level.subcommands))
            level = level.subcommands[name]
            words.append(name)
            everywhere += [option for option in level.options if option.everywhere]
            options = [*level.options, *everywhere]
        self._add_options(words, options, program, random.choice((0, 1, 1, 2, 3)))
        written = CODE.get(_ALIASES.get(program, program), ())
        if written and random.random() < 0.7:
            code = random.choice(written)
            words += shlex.split(code) if program in _SPLIT or code[:1] in {"-", "+"} else [code]
        types = [line.value for line in level.operands]
        for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3))):
            words.append(self.value(random.choice(types) if types else ValueType.VALUE))
        self._shuffle_a_little(words)
        self._merge_a_little(words)
        if random.random() < 0.15:
            words.insert(random.randint(1, len(words)), "--")
        return _joined(words)

    def _merge_a_little(self, words: list[str]) -> None:
        """Short options that stand beside each other as one word: `-a -x5` → `-ax5`."""
        pairs = [
            at
            for at, (one, other) in enumerate(pairwise(words))
            if _SHORT.fullmatch(one) and re.match("-[A-Za-z0-9]", other)
        ]
        if pairs and self._random.random() < 0.3:
            at = self._random.choice(pairs)
            words[at : at + 2] = [words[at] + words[at + 1][1:]]

    def _add_options(
        self, words: list[str], options: Sequence[Option], program: str, count: int
    ) -> None:
        for _ in range(count):
            more = self._extra.get(program, ())
            if more and self._random.random() < 0.3:
                words.append(self._random.choice(more))
                if self._random.random() < 0.5:
                    words.append(self.value(ValueType.PATH))
            elif options:
                words += self.option(self._random.choice(options))

    def option(self, option: Option) -> list[str]:
        name = self._random.choice(option.names)
        if name == "-NUMBER":
            return [f"-{self._random.randint(0, 9)}"]
        if name.startswith("--") and len(name) > 5 and self._random.random() < 0.2:
            name = name[: self._random.randint(4, len(name))]  # some abbreviate no other
        if option.value is None:
            return [name]
        value = self.value(option.value)
        long = name.startswith("--")
        attached = f"{name}={value}" if long else f"{name}{value}"
        if option.optional:
            return [self._random.choice((name, attached))]
        return self._random.choice(([name, value], [attached]))

    def value(self, kind: ValueType) -> str:
        """A value of that type, or now and then of another."""
        random = self._random
        if random.random() < 0.1:
            return random.choice(PLAIN + PATHS)
        match kind:
            case ValueType.PATH | ValueType.SCRIPT | ValueType.DIRECTORY:
                return random.choice(PATHS)
            case ValueType.AT_PATH:
                return random.choice((f"@{random.choice(PATHS)}", "a=b"))
            case ValueType.NUMBER:
                return random.choice(("0", "1", "2", "5", "10", "-1", "+2", "x"))
            case ValueType.SHELL:
                return random.choice(("ls", "touch made", "cat text.txt", "echo x > made"))
            case ValueType.SQL:
                return random.choice(CODE["sqlite3"])
            case ValueType.URL:
                return random.choice(
                    ("http://localhost/x", "file:///project/text.txt", "localhost:1")
                )
            case ValueType.ASSIGNMENT:
                return random.choice(("A=1", "LANG=C", "B=x y"))
            case _:
                return random.choice(PLAIN + PATHS[:6])

    def mutated(self, texts: Sequence[str]) -> str | None:
        """One of the texts with some of its words changed; None for what isn't one command."""
        random = self._random
        try:
            words = shlex.split(random.choice(texts))
        except ValueError:
            return None
        if not words:
            return None
        program = self._programs.get(words[0])
        for _ in range(random.choice((0, 1, 1, 2, 3))):
            at = random.randint(1, len(words))
            match random.randint(0, 5):
                case 0:
                    del words[at : at + 1]
                case 1:
                    words[at : at + 1] = [random.choice(PATHS)]
                case 2:
                    words.insert(at, random.choice(PATHS + PLAIN))
                case 3 if program is not None and program.options:
                    words[at:at] = self.option(random.choice(program.options))
                case 4 if self._extra.get(words[0]):
                    words.insert(at, random.choice(self._extra[words[0]]))
                case _:
                    self._shuffle_a_little(words)
        return _joined(words)

    def _shuffle_a_little(self, words: list[str]) -> None:
        if len(words) > 2 and self._random.random() < 0.3:
            word = words.pop(self._random.randrange(1, len(words)))
            words.insert(self._random.randint(1, len(words)), word)


_SPLIT = frozenset({"find", "git", "date", "test", "expr", "openssl"})


def _joined(words: Sequence[str]) -> str:
    """Shell text of which the words come back; globs stay globs."""
    return " ".join(word if word == "*.txt" else shlex.quote(word) for word in words)


@cache
def examples() -> tuple[str, ...]:
    """The rules' own examples of shell commands."""
    found = [
        ast.literal_eval(quoted) if quoted[0] == '"' else quoted[1:-1]
        for path in sorted(_RULES.glob("*.rules"))
        for quoted in _EXAMPLE.findall(path.read_text("utf-8"))
    ]
    return tuple(dict.fromkeys(found))


@cache
def collected(directory: Path) -> tuple[str, ...]:
    """Commands that people wrote down, if that directory holds any."""
    found = []
    for path in sorted(directory.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = (json.loads(line) for line in lines)
            found += [row["command"] for row in rows if "command" in row]
    return tuple(dict.fromkeys(found))


def about(texts: Iterable[str], programs: Iterable[str]) -> dict[str, list[str]]:
    """The texts that begin with one of the programs, by program."""
    found: dict[str, list[str]] = {}
    names = frozenset(programs)
    for text in texts:
        first = text.split(maxsplit=1)[:1]
        if first and first[0] in names and len(text) < 400:
            found.setdefault(first[0], []).append(text)
    return found


def option_names(text: str) -> list[str]:
    """What looks like an option in what a program says about itself."""
    return sorted({name for name in _OPTION.findall(text) if len(name) > 1})
