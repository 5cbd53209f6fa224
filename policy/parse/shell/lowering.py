"""What both parsers' lowerings share: words and redirects by their place in the text.

A parser only says where something stands. Its boundaries are checked against those that the
bash manual gives (section 2, "metacharacter", "word"), and a parser that disagrees with them
is not accepted for this text.
"""

from __future__ import annotations

import re
from itertools import pairwise

from policy.parse.shell.parts import WordError
from policy.parse.shell.scan import arithmetic_end
from policy.parse.shell.syntax import (
    ArithmeticFor,
    Case,
    Coprocess,
    Expression,
    For,
    Function,
    Group,
    If,
    Node,
    NotAccepted,
    Pipeline,
    Redir,
    Sequence,
    Simple,
    Slice,
    While,
)
from policy.parse.shell.words import Reader, read_word

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\+?=|\[)")
_DESCRIPTOR = re.compile(r"[0-9]+|\{[A-Za-z_][A-Za-z0-9_]*\}")
_DESCRIPTOR_WORD = re.compile(r"[0-9]+|\{[A-Za-z_][A-Za-z0-9_]*\}")
_REDIRECT_OPERATOR = re.compile(r"&>>|&>|<<<|<<-|<<|<>|<&|>>|>&|>\||<|>")
_SPECIAL = frozenset(
    "if then else elif fi for while until do done case esac select function in time coproc "
    "{ } ! [[ ]] declare typeset export readonly local unset unsetenv".split()
)
"""Words that parsers read otherwise than others where a program may stand."""
_TIME = re.compile(r"\btime(?:[ \t]|\\\n|-p|--)*\Z")
_ARRAY_START = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\[[^]]*\])?\+?=")


def word_end(text: str, start: int) -> int:
    """Where the word that begins at `start` ends; `name=(…)` is one word."""
    _, end = read_word(text, start)
    if text.startswith("(", end) and _ARRAY_START.fullmatch(text, start, end):
        return array_elements(text, end)[1]
    return end


def array_elements(text: str, opened: int) -> tuple[tuple[Slice, ...], int]:
    """The words between the parentheses of an array, and where the array ends."""
    words: list[Slice] = []
    at = opened + 1
    while True:
        at = _skip_blank(text, at, " \t\n")
        if at >= len(text):
            raise NotAccepted("an array that is not closed", opened)
        if text[at] == ")":
            return tuple(words), at + 1
        if text[at] == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
            continue
        _, end = read_word(text, at)
        if end == at:
            raise NotAccepted(f"`{text[at]}` inside an array", at)
        closed = subscript_end(text, at + 1, end) if text[at] == "[" else at
        if closed is None:
            raise NotAccepted("a subscript that goes on behind a blank", at)
        if text.startswith(("\\\n", "+\\\n"), closed):
            raise NotAccepted("an assignment whose `=` stands in another line", at)
        words.append((at, end))
        at = end


def subscript_end(text: str, at: int, end: int) -> int | None:
    """Where the text goes on behind the bracket that closes a subscript, if it is before `end`."""
    reader = Reader(text, at, end)
    depth = 0
    while True:
        try:
            reader.parts(frozenset("[]"))
        except WordError:
            return None
        if reader.at >= end:
            return None
        depth += 1 if text[reader.at] == "[" else -1
        reader.at += 1
        if depth < 0:
            return reader.at


def _check_first(text: str, words: list[Slice]) -> None:
    """Refuses what bash reads otherwise where an assignment or a keyword may stand.

    There `name[` begins a subscript, in which blanks and `#` are ordinary characters.
    """
    for start, end in words:
        opened = ASSIGNMENT.match(text, start, end)
        if opened is None:
            joined = text[start:end].replace("\\\n", "")
            if len(joined) != end - start and (joined in _SPECIAL or ASSIGNMENT.match(joined)):
                raise NotAccepted("a keyword or an assignment that is written in two lines", start)
            if text[start] == "-" and _TIME.search(text[:start]):
                raise NotAccepted("an option of `time` that goes on in the next line", start)
            return
        if opened.group(2) == "[":
            closed = subscript_end(text, opened.end(), end)
            if closed is None:
                raise NotAccepted("a subscript that goes on behind a blank", start)
            if not text.startswith(("=", "+="), closed):
                return


def _skip_blank(text: str, at: int, blanks: str) -> int:
    while at < len(text):
        if text[at] in blanks:
            at += 1
        elif text.startswith("\\\n", at):
            at += 2
        else:
            break
    return at


def checked_word(text: str, span: Slice) -> Slice:
    """`span`, if it is one whole word; without joined lines at its end, where a blank follows."""
    start, end = span
    if word_end(text, start) != end:
        raise NotAccepted("a parser ends a word where bash doesn't", start)
    while text.startswith("\\\n", end - 2) and end - 2 > start:
        end -= 2
    return start, end


def redirect(text: str, start: int) -> Redir:
    """The redirect that is written at `start`, with its own descriptor if it has one."""
    descriptor = _DESCRIPTOR.match(text, start)
    at = descriptor.end() if descriptor else start
    operator = _REDIRECT_OPERATOR.match(text, at)
    if operator is None:
        raise NotAccepted("a redirect without an operator", start)
    if descriptor and operator.group()[0] == "&":
        raise NotAccepted("a word before `&>`, which is no descriptor", start)
    target = _skip_blank(text, operator.end(), " \t")
    end = word_end(text, target)
    if end == target:
        raise NotAccepted("a redirect without a target", start)
    if operator.group() in ("<&", ">&") and text[target] == "-" and end > target + 1:
        raise NotAccepted("a word that begins directly behind `&-`", target)
    name = descriptor.group().strip("{}") if descriptor else None
    return Redir(operator.group(), name, (target, end), (start, end))


def function_name(text: str, span: Slice) -> str:
    """The name that a definition gives; bash keeps quotes in it, and a call of it has none."""
    name = text[slice(*span)]
    if any(c in name for c in "'\"\\$`"):
        raise NotAccepted("quotes or expansions in the name of a function", span[0])
    return name


def variable_name(text: str, span: Slice) -> str:
    """The name of the variable of a loop."""
    name = text[slice(*span)]
    if _NAME.fullmatch(name) is None:
        raise NotAccepted("a loop whose variable is no name", span[0])
    return name


def simple(text: str, words: list[Slice], redirects: list[Redir]) -> Simple:
    """A simple command; the word of `{fd}>file` or `0<&-` becomes the descriptor."""
    by_start = {r.span[0]: r for r in redirects}
    kept: list[Slice] = []
    for start, end in sorted(words):
        touching = by_start.get(end)
        if touching is not None and "\\\n" in text[start:end]:
            raise NotAccepted("a redirect that a line's continuation joins to a word", start)
        if touching is not None and text[start] == "{" and "[" in text[start:end]:
            raise NotAccepted("a redirect whose descriptor goes to an array", start)
        if (
            touching is not None
            and touching.descriptor is None
            and touching.operator[0] != "&"
            and _DESCRIPTOR_WORD.fullmatch(text, start, end)
        ):
            by_start[end] = Redir(
                touching.operator,
                text[start:end].strip("{}"),
                touching.target,
                (start, touching.span[1]),
            )
        else:
            kept.append(checked_word(text, (start, end)))
    _check_first(text, kept)
    ordered = tuple(by_start[k] for k in sorted(by_start))
    places = sorted([*kept, *(r.span for r in ordered)])
    for (_, end), (start, _) in pairwise(places):
        if _skip_blank(text, end, " \t") != start:
            raise NotAccepted("a parser joins what bash doesn't", end)
    return Simple(tuple(kept), ordered, (places[0][0], places[-1][1]))


def split_words(text: str, start: int, end: int) -> Simple:
    """The simple command between two offsets, split into words and redirects right here."""
    words: list[Slice] = []
    redirects: list[Redir] = []
    at = _skip_blank(text, start, " \t")
    while at < end:
        if _begins_redirect(text, at):
            found = redirect(text, at)
            redirects.append(found)
            at = found.span[1]
        else:
            stop = word_end(text, at)
            if stop == at:
                raise NotAccepted(f"`{text[at]}` where a word was expected", at)
            words.append((at, stop))
            at = stop
        at = _skip_blank(text, at, " \t")
    return simple(text, words, redirects)


def _begins_redirect(text: str, at: int) -> bool:
    """Whether a redirect is written at `at`, its descriptor first if it has one."""
    if text.startswith("&>", at):
        return True
    number = _DESCRIPTOR.match(text, at)
    behind = number.end() if number else at
    following = text[behind : behind + 1]
    return following in ("<", ">") and not text.startswith("(", behind + 1)


def with_redirects(
    text: str, node: Node, added: tuple[Redir, ...], words: tuple[Slice, ...] = ()
) -> Node:
    """`node` with redirects (and words) that stand behind it: they belong to its last command."""
    if not added and not words:
        return node
    match node:
        case Simple():
            return simple(text, [*node.words, *words], [*node.redirects, *added])
        case Pipeline():
            last = with_redirects(text, node.parts[-1], added, words)
            return Pipeline((*node.parts[:-1], last), node.span)
        case Sequence():
            last = with_redirects(text, node.items[-1], added, words)
            return Sequence((*node.items[:-1], last), node.operators, node.span)
        case Coprocess():
            return Coprocess(with_redirects(text, node.body, added, words), node.name, node.span)
        case _ if words:
            raise NotAccepted("words behind a compound command", words[0][0])
        case Group(body, subshell, old, span):
            return Group(body, subshell, (*old, *added), span)
        case If(branches, otherwise, old, span):
            return If(branches, otherwise, (*old, *added), span)
        case While(condition, body, old, span):
            return While(condition, body, (*old, *added), span)
        case For(name, items, body, chosen, old, span):
            return For(name, items, body, chosen, (*old, *added), span)
        case ArithmeticFor(header, body, old, span):
            return ArithmeticFor(header, body, (*old, *added), span)
        case Case(subject, patterns, bodies, old, span):
            return Case(subject, patterns, bodies, (*old, *added), span)
        case Expression(region, old, span):
            return Expression(region, (*old, *added), span)
        case Function(name, body, span):
            return Function(name, with_redirects(text, body, added), span)


def is_arithmetic(text: str, span: Slice) -> bool:
    """Whether what a parser takes for a subshell is `((…))` to bash: it tries that first.

    Raises `NotAccepted` where it begins so and isn't, and a here-document stands in it: bash reads
    its text once more then, and looks for the document behind it.
    """
    start, end = span
    if not text.startswith("((", start):
        return False
    closed = arithmetic_end(text, start + 2, end)
    if closed is None and "<<" in text[start:end]:
        raise NotAccepted("a here-document in subshells that begin with `((`", start)
    if closed is not None and closed + 2 != end:
        raise NotAccepted("an arithmetic command that a parser takes for subshells", start)
    return closed is not None
