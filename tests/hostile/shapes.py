"""Texts that grow without end in one direction: every construct, deep, long or many times.

A shape makes a text of about a given size. Twice the size may take about twice the time; what
takes more is cut off by a limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True)
class Shape:
    """`make(size)` is a text of at most `size` characters (a little more, where it is small)."""

    name: str
    language: str
    make: Callable[[int], str]


def many(unit: str, head: str = "", tail: str = "") -> Callable[[int], str]:
    """`unit` again and again; `@` in it is a number that is new each time."""

    def make(size: int) -> str:
        parts, length = [head], len(head) + len(tail)
        for number in count():
            part = unit.replace("@", str(number))
            length += len(part)
            if length > size:
                return "".join(parts) + tail
            parts.append(part)
        raise AssertionError

    return make


def deep(
    opens: str, core: str, closes: str, head: str = "", tail: str = ""
) -> Callable[[int], str]:
    """`opens` and `closes` around `core`, as often as fits; `@` in them is the level."""

    def make(size: int) -> str:
        level = len(opens) + len(closes)
        levels = range(max(1, (size - len(core) - len(head) - len(tail)) // level))
        left = "".join(opens.replace("@", str(one % 10)) for one in levels)
        right = "".join(closes.replace("@", str(one % 10)) for one in reversed(levels))
        return f"{head}{left}{core}{right}{tail}"

    return make


def doubled(size: int) -> str:
    """Variables that each hold the one before twice."""
    lines = ["a0=xxxxxxxx"]
    length = len(lines[0])
    for number in count(1):
        line = f"a{number}=$a{number - 1}$a{number - 1}"
        length += len(line) + 1
        if length > size - 12:
            return "\n".join([*lines, f"echo $a{number - 1}"])
        lines.append(line)
    raise AssertionError


def documents(size: int) -> str:
    """Many here-documents of one command, their bodies behind it."""
    number = max(1, size // 24)
    heads = " ".join(f"<<E{one}" for one in range(number))
    bodies = "\n".join(f"x\nE{one}" for one in range(number))
    return f"cat {heads}\n{bodies}\n"


def quoted_in_quotes(size: int) -> str:
    """`bash -c` of `bash -c` of …, each level quoted for the one around it."""
    text = "rm -rf /srv"
    while True:
        inner = text.replace("'", "'\\''")
        longer = f"bash -c '{inner}'"
        if len(longer) > size:
            return text
        text = longer


def backticks(size: int) -> str:
    """Backquotes in backquotes, whose backslashes double at each level."""
    text = "id"
    while True:
        inner = text.replace("\\", "\\\\").replace("`", "\\`")
        longer = f"echo `{inner}`"
        if len(longer) > size:
            return text
        text = longer


def calls(size: int) -> str:
    """Functions each of which calls the one before twice."""
    lines = ["f0() { ls; }"]
    length = len(lines[0])
    for number in count(1):
        line = f"f{number}() {{ f{number - 1}; f{number - 1}; }}"
        length += len(line) + 1
        if length > size - 12:
            return "\n".join([*lines, f"f{number - 1}"])
        lines.append(line)
    raise AssertionError


def aliases(size: int) -> str:
    """Aliases each of which stands for the one before twice."""
    lines = ["alias a0=ls"]
    length = len(lines[0])
    for number in count(1):
        line = f"alias a{number}='a{number - 1}; a{number - 1}'"
        length += len(line) + 1
        if length > size - 12:
            return "\n".join([*lines, f"a{number - 1}"])
        lines.append(line)
    raise AssertionError


def one(character: str, head: str = "", tail: str = "") -> Callable[[int], str]:
    """One word of nothing but `character`."""
    return lambda size: f"{head}{character * (size - len(head) - len(tail))}{tail}"


SHELL = {
    # length
    "a long word": one("a"),
    "a long program": one("a", "/usr/bin/"),
    "a long argument": one("a", "cat "),
    "a long path": many("a/", "cat /"),
    "a path of dots": many("../", "cat /"),
    "a long single-quoted word": one("a", "echo '", "'"),
    "a long double-quoted word": one("a", 'echo "', '"'),
    "a long comment": one("a", "ls # "),
    "a long option": one("a", "git log --"),
    "a cluster of short options": one("a", "tar -"),
    "blanks": one(" ", "ls", "-l"),
    "newlines": one("\n", "ls", "ls"),
    "backslashes": one("\\", "echo "),
    "continued lines": many("\\\n", "ls ", "-l"),
    "dollars": one("$", "echo "),
    "single quotes": one("'", "echo "),
    "double quotes": one('"', "echo "),
    "open braces": one("{", "echo "),
    "open parentheses": one("("),
    "semicolons": one(";", "ls "),
    "ampersands": one("&", "ls "),
    "less-than signs": one("<", "cat "),
    "greater-than signs": one(">", "ls "),
    "bars": one("|", "ls "),
    "close parentheses": one(")"),
    "arrays without an end": many("a=("),
    "arrays and blanks without an end": many("a=( "),
    "functions without a body": many("f()"),
    "signs of all kinds": many("a(;<& "),
    "subscripts without an end": many("a[ "),
    "exclamation marks": many("! ", "", "ls"),
    "carriage returns": one("\r", "ls "),
    # many
    "many words": many("a@ ", "echo "),
    "many paths": many("/srv/a@ ", "cat "),
    "many deleted paths": many("/srv/a@ ", "rm "),
    "many short options": many("-a ", "ls "),
    "many long options": many("--option@=x ", "git log "),
    "many options with values": many("-o A=@ ", "ssh "),
    "many commands": many("ls a@\n"),
    "many unknown commands": many("x@ a;"),
    "many commands in a row": many("ls && ", "", "ls"),
    "many in the background": many("ls & "),
    "a long pipe": many("cat | ", "", "cat"),
    "many assignments": many("a@=x\n"),
    "many assignments before a command": many("a@=x ", "", "ls"),
    "many environment words": many("A@=x ", "env ", "ls"),
    "many functions": many("f@() { ls; }\n"),
    "functions that call twice": calls,
    "many aliases": many("alias a@=ls\n"),
    "aliases that call twice": aliases,
    "many uses of an alias": many("a\n", "alias a='ls -l'\n"),
    "many loops": many("for i in a b; do ls $i; done\n"),
    "many whiles": many("while ls; do ls; done\n"),
    "many ifs": many("if ls; then ls; fi\n"),
    "a long elif": many("elif ls; then ls; ", "if ls; then ls; ", "fi"),
    "many cases": many("case a in b) ls;; esac\n"),
    "a case with many patterns": many("|a@", "case a in x", ") ls;; esac"),
    "a case with many branches": many("a@) ls;; ", "case a in ", "esac"),
    "many substitutions": many("$(id) ", "echo "),
    "many substitutions in a word": many("$(id)", "echo "),
    "many backquotes": many("`id` ", "echo "),
    "many variables": many("$a@ ", "echo "),
    "many variables in a word": many("$a@", "echo "),
    "many defaults": many("${a@:-x} ", "echo "),
    "many arithmetic words": many("$((@+1)) ", "echo "),
    "one long sum": many("1+", "echo $((", "1))"),
    "many process substitutions": many("<(ls) ", "cat "),
    "many redirects": many("> /srv/a@ ", "ls "),
    "many duplicated descriptors": many("2>&1 ", "ls "),
    "many here-documents": many("cat <<E\nx\nE\n"),
    "here-documents of one command": documents,
    "here-documents that never end": many("cat <<E@\n"),
    "a long here-document": many("$(id)\n", "cat <<E\n", "E\n"),
    "a long quoted here-document": many("$(id)\n", "cat <<'E'\n", "E\n"),
    "many here-strings": many("<<< a@ ", "cat "),
    "a long list of a loop": many("a@ ", "for i in ", "; do rm $i; done"),
    "variables that double": doubled,
    "an array of many": many("x@ ", "a=(", ")"),
    "many array elements": many("a[@]=x\n"),
    "appending to a variable": many("a+=x\n"),
    "many xargs": many("xargs ", "ls | ", "ls"),
    "many traps": many("trap 'ls @' EXIT\n"),
    "many evals": many("eval 'ls @'\n"),
    "many cds": many("cd a@\n", "", "rm x"),
    "many cds that may fail": many("cd a@ || ls\n", "", "rm x"),
    "many finds": many("-exec rm {} + ", "find . "),
    "many sed expressions": many("-e s/a/b@/ ", "sed "),
    "a long sed program": many("s/a/b@/;", "sed '", "'"),
    "a long awk program": many("x@=1;", "awk '{", "}'"),
    "a long python program": many("x@=1;", "python -c '", "'"),
    "a long jq program": many(".a@|", "jq '", ".'"),
    "a URL of many parts": many("a@=b&", "curl 'https://x.example/?", "'"),
    "many URLs": many("https://x@.example/ ", "curl "),
    "many key expressions": many("k@=v ", "kubectl label pod x "),
    "many tests": many("-n a@ -a ", "[ ", "-n b ]"),
    "a long condition": many("-n a@ && ", "[[ ", "-n b ]]"),
    "many reads": many("read a@\n"),
    "many exports": many("export a@=x\n"),
    "many unsets": many("unset a@\n"),
    "many printfs": many("printf -v a@ x\n"),
    # globs and braces
    "a glob of stars": many("*a", "rm /srv/", "b"),
    "stars against a long word": many("*a", "case aaaaaaaaaaaa in ", "b) ls;; esac"),
    "only stars": one("*", "rm "),
    "question marks": one("?", "rm "),
    "brackets": many("[a-z]", "rm "),
    "directories of stars": many("/*", "rm ", "/x"),
    "directories of two stars": many("/**", "rm ", "/x"),
    "many globs of many stars": many(f"{'/**' * 16}/x@ ", "rm "),
    "many globs of question marks": many(f"/srv/{'?' * 16}@ ", "rm "),
    "many long globs": many(f"/srv/{'a' * 400}*@ ", "rm "),
    "many globs": many("*@.log ", "rm "),
    "open brackets": one("[", "rm "),
    "one bracket of many": many("@", "rm [", "]"),
    "braces of two": many("{a,b}", "echo "),
    "braces in braces": deep("{a,", "b", "}", "echo "),
    "a brace of many": many("a@,", "echo {", "b}"),
    "many braces": many("{a,b} ", "echo "),
    "ranges": many("{1..9}", "echo "),
    "a huge range": lambda size: "echo {1..99999999999999999999}" + " x" * (size // 4),
    "open braces and commas": many("{,", "echo "),
    "extended globs": deep("@(a|", "b", ")", "rm "),
    "many tildes": many("~a@/x ", "cat "),
    "braces of many before a long word": one("a", "echo {1..1000}"),
    "a padded range": one("0", "echo {", "..1000}"),
    "a long number in a range": one("9", "echo {1..", "}"),
    "a long step of a range": one("9", "echo {1..3..", "}"),
    "many ranges": many("{1..1000} ", "echo "),
    "a thousand open braces before a long word": one("a", "echo " + "{" * 1000),
    "nested braces around a long word": one("a", "echo " + "{" * 1000, "}" * 1000),
    # what multiplies
    "a long value used many times": lambda size: (
        f"a={'x' * (size // 2)}\n" + many("$a ", "ls ")(size // 2)
    ),
    "a long command in a loop": many("w@ ", "for i in {1..60}; do cat $i ", "; done"),
    "a long SQL text in a loop": many(
        "a@,", 'for i in {1..60}; do psql -c "SELECT $i,', 'b"; done'
    ),
    "a long script in a loop": many("ls a@;", 'for i in {1..60}; do bash -c "ls $i;', '"; done'),
    "unknown words before a command": many("$a ", "sudo ", "ls"),
    "unknown words before an environment": many("$a ", "env ", "ls"),
    "unknown words before what xargs runs": many("$a ", "xargs ", "ls"),
    "unknown options": many("-$a ", "sudo ", "ls"),
    "many variables and loops": lambda size: (
        many("a@=x\n")(size // 2) + deep("while ls; do b@=$b@$a1; ", "ls", "; done")(240)
    ),
    "many functions and loops": lambda size: (
        many("f@() { ls; }\n")(size // 2) + deep("while ls; do b@=$b@$a1; ", "ls", "; done")(240)
    ),
    "branches with values": many("if ls; then a=@; fi\n", "", "rm $a"),
    "cases with values": many("x@) a=@;; ", "case $x in ", "esac; rm $a$a$a"),
    "a long subscript": many("1+", "a[", "1]=x"),
    "a long numeral in a subscript": one("9", "a=(x y); echo ${a[", "]}"),
    # depth
    "subshells": deep("( ", "ls", " )"),
    "groups": deep("{ ", "ls", "; }"),
    "ifs": deep("if ls; then ", "ls", "; fi"),
    "elses": deep("if ls; then ls; else ", "ls", "; fi"),
    "loops in loops": deep("for i@ in a b; do ", "ls $i1", "; done"),
    "whiles in whiles": deep("while ls; do ", "ls", "; done"),
    "cases in cases": deep("case a in b) ", "ls", ";; esac"),
    "functions in functions": deep("f@() { ", "ls", "; }"),
    "substitutions": deep("$(", "id", ")", "echo "),
    "quoted substitutions": deep('"$(echo ', "id", ')"', "echo "),
    "defaults": deep("${a:-", "x", "}", "echo "),
    "replacements": deep("${a//", "x", "}", "echo "),
    "arithmetic": deep("$((", "1", "))", "echo "),
    "parentheses in arithmetic": deep("(", "1", ")", "echo $((", "))"),
    "conditionals in arithmetic": deep("1?", "1", ":1", "echo $((", "))"),
    "arrays in subscripts": deep("${a[", "1", "]}", "echo "),
    "process substitutions": deep("<(cat ", "x", ")", "cat "),
    "parentheses in a condition": deep("( ", "-n a", " )", "[[ ", " ]]"),
    "parentheses in a test": deep("\\( ", "-n a", " \\)", "[ ", " ]"),
    "backquotes in backquotes": backticks,
    "shells in shells": quoted_in_quotes,
    "sudos": many("sudo ", "", "rm x"),
    "wrappers": many("env A=1 timeout 5 nice ", "", "rm x"),
    "envs that split": many("env -S ", "", "ls"),
    "double quotes in substitutions": deep('"${a:-', "x", '}"', "echo "),
    "here-documents in substitutions": deep("$(cat <<E\n", "x", "\nE\n)", "echo "),
    "coprocesses": many("coproc ", "", "ls"),
    "times": many("time ", "", "ls"),
    # SQL within
    "a long statement within": many("a@,", 'psql -c "SELECT ', 'b"'),
    "many clients": many("psql -c 'SELECT 1'\n"),
}
SQL = {
    "a long name": one("a", "SELECT "),
    "a long string": one("a", "SELECT '", "'"),
    "a long number": one("1", "SELECT "),
    "a long comment": one("a", "SELECT 1 -- "),
    "a long block comment": one("a", "SELECT 1 /* ", "*/"),
    "many comments": many("/* @ */ ", "SELECT 1 "),
    "comment openers": many("/*", "SELECT 1 "),
    "nested comments": deep("/*", "x", "*/", "SELECT 1 "),
    "quotes": one("'", "SELECT "),
    "double quotes": one('"', "SELECT "),
    "backslashes": one("\\", "SELECT '", "'"),
    "dollars": one("$", "SELECT "),
    "dollar quotes": many("$a@$", "SELECT "),
    "open parentheses": one("(", "SELECT "),
    "parentheses": deep("(", "1", ")", "SELECT "),
    "subqueries": deep("(SELECT ", "1", ")", "SELECT "),
    "subqueries as tables": deep("(SELECT * FROM ", "t", ") a", "SELECT * FROM "),
    "calls": deep("abs(", "1", ")", "SELECT "),
    "casts": many("::int", "SELECT 1"),
    "casts of casts": deep("CAST(", "1", " AS int)", "SELECT "),
    "arrays": deep("ARRAY[", "1", "]", "SELECT "),
    "cases": deep("CASE WHEN a THEN ", "1", " END", "SELECT "),
    "a case of many": many("WHEN @ THEN 1 ", "SELECT CASE a ", "END"),
    "nots": many("NOT ", "SELECT ", "a"),
    "minuses": many("- ", "SELECT ", "1"),
    "a sum": many("1+", "SELECT ", "1"),
    "ands": many("a=@ AND ", "SELECT * FROM t WHERE ", "b"),
    "ors": many("a=@ OR ", "DELETE FROM t WHERE ", "b = 1"),
    "an IN of many": many("@,", "SELECT * FROM t WHERE a IN (", "1)"),
    "values of many": many("(@,'x'),", "INSERT INTO t VALUES ", "(1,'x')"),
    "columns": many("c@,", "SELECT ", "x FROM t"),
    "columns with names": many("a.c@ AS x@,", "SELECT ", "x FROM t a"),
    "a table of many": many("c@ int,", "CREATE TABLE t (", "x int)"),
    "unions": many("SELECT @ UNION ", "", "SELECT 1"),
    "joins": many("JOIN t@ ON true ", "SELECT * FROM t "),
    "commas of tables": many("t@,", "SELECT * FROM ", "t"),
    "common tables": many("c@ AS (SELECT 1),", "WITH ", "x AS (SELECT 1) SELECT 1"),
    "common tables in common tables": deep("WITH a AS (", "SELECT 1", ") SELECT 1"),
    "many statements": many("SELECT @;"),
    "many short statements": many("a;"),
    "many deletes": many("DELETE FROM t@;"),
    "semicolons": one(";"),
    "commas": one(",", "SELECT "),
    "dots": many("a.", "SELECT ", "a"),
    "stars": many("*,", "SELECT ", "*"),
    "conditions on columns": many("(a = @) AND ", "UPDATE t SET a = 1 WHERE ", "b = 1"),
    "assignments": many("c@ = @,", "UPDATE t SET ", "x = 1 WHERE id = 7"),
    "likes": many(" LIKE 'a'", "SELECT a"),
    "brackets": many("[1]", "SELECT a"),
    "windows": many("sum(a) OVER (PARTITION BY b),", "SELECT ", "1 FROM t"),
    "orders": many("c@ DESC,", "SELECT * FROM t ORDER BY ", "x"),
    "grants": many("u@,", "GRANT SELECT ON t TO ", "x"),
    "drops": many("t@,", "DROP TABLE ", "x"),
    "explains": many("EXPLAIN ", "", "SELECT 1"),
    "types": deep("STRUCT<a ", "int", ">", "SELECT CAST(x AS ", ")"),
    "alternating quotes": many("'a' \"b\" ", "SELECT "),
    "alterations": many("ADD c@ int,", "ALTER TABLE t ", "ADD x int"),
}
DIALECTS = ("postgres", "psql", "mysql", "mysql-client", "sqlite", "sqlite-client", "tsql")
CLIENT = {
    "psql": {
        "loops in shell lines": many(f"\\! {deep('while ls; do a=$a$b; ', 'ls', '; done')(150)}\n"),
        "lines": many("\\d t@\n"),
        "shell lines": many("\\! ls @\n"),
        "variables": many("\\set a@ 1\n"),
        "copies": many("\\copy t@ from '/srv/x'\n"),
        "ifs": deep("\\if true\n", "SELECT 1;\n", "\\endif\n"),
    },
    "mysql-client": {"lines": many("\\. a@\n"), "shell lines": many("\\! ls @\n")},
    "sqlite-client": {"lines": many(".tables a@\n"), "shell lines": many(".shell ls @\n")},
    "tsql": {"batches": many("SELECT @\nGO\n"), "procedures": many("EXEC p@;")},
}

SHAPES = (
    *(Shape(name, "shell", make) for name, make in SHELL.items()),
    *(
        Shape(name, f"sql:{dialect}", make)
        for dialect in DIALECTS
        for name, make in (SQL | CLIENT.get(dialect, {})).items()
    ),
)
