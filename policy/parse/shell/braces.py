"""Brace expansion (bash manual 3.5.1): `{a,b}` and `{1..9..2}`, before anything else."""

from __future__ import annotations

import re
from dataclasses import replace

from policy.parse.shell.parts import Literal, Parameter, Part, Parts

_SEQUENCE = re.compile(
    r"(?P<first>[+-]?[0-9]+|[A-Za-z])\.\.(?P<last>[+-]?[0-9]+|[A-Za-z])"
    r"(?:\.\.(?P<step>[+-]?[0-9]+))?"
)


_MOST_TOKENS = 262_144  # of all the words that one makes
_MOST_LOOKED_AT = 4_194_304  # tokens, by all its braces together
_LONGEST_NUMBER = 18  # digits


class TooManyBraces(Exception):
    """The words of a brace expansion are more, or longer, than the limit."""


Token = str | Part
"""One unquoted character, or a part that braces don't look into."""


def expand_braces(parts: Parts, limit: int) -> list[Parts]:
    """The words that the braces of one word make; the word itself where it has none."""
    if not any(isinstance(p, Literal) and not p.quoted and "{" in p.text for p in parts):
        return [parts]
    opened = sum(p.text.count("{") for p in parts if isinstance(p, Literal) and not p.quoted)
    if opened > limit:
        raise TooManyBraces
    tokens: list[Token] = []
    for part in parts:
        if isinstance(part, Literal) and not part.quoted:
            tokens.extend(part.text)
        else:
            tokens.append(part)
    if opened * len(tokens) > _MOST_LOOKED_AT:
        raise TooManyBraces
    return [_join(row) for row in _expand(tokens, limit)]


def has_braces(parts: Parts) -> bool:
    """Whether brace expansion makes anything of a word but the word itself."""
    try:
        return expand_braces(parts, 1) != [parts]
    except TooManyBraces:
        return True


def _join(tokens: list[Token]) -> Parts:
    joined: list[Part] = []
    plain: list[str] = []
    for token in tokens:
        if isinstance(token, str):
            last = joined[-1] if joined and not plain else None
            if isinstance(last, Parameter) and _continues(last, token):
                # Braces come before parameters: $V{a,b} is $Va $Vb.
                joined[-1] = replace(last, name=last.name + token)
            else:
                plain.append(token)
            continue
        if plain:
            joined.append(Literal("".join(plain), quoted=False))
            plain = []
        joined.append(token)
    if plain:
        joined.append(Literal("".join(plain), quoted=False))
    return tuple(joined)


def _continues(parameter: Parameter, character: str) -> bool:
    """Whether a character behind an unquoted `$name` is part of the name."""
    start, end = parameter.span
    bare = not parameter.quoted and end - start <= len(parameter.name) + 1
    named = parameter.name[0].isalpha() or parameter.name[0] == "_"
    return bare and named and (character == "_" or (character.isascii() and character.isalnum()))


def _expand(tokens: list[Token], limit: int) -> list[list[Token]]:
    for start, token in enumerate(tokens):
        if token != "{":
            continue
        closed = _closing(tokens, start)
        if closed is None:
            continue
        choices = _choices(tokens[start + 1 : closed], limit)
        if choices is None:
            continue
        tails = _expand(tokens[closed + 1 :], limit)
        if len(choices) * len(tails) > limit:
            raise TooManyBraces
        each = start * len(choices) + sum(map(len, choices))
        if each * len(tails) + len(choices) * sum(map(len, tails)) > _MOST_TOKENS:
            raise TooManyBraces
        return [[*tokens[:start], *choice, *tail] for choice in choices for tail in tails]
    return [tokens]


def _closing(tokens: list[Token], start: int) -> int | None:
    depth = 0
    for index in range(start, len(tokens)):
        if tokens[index] == "{":
            depth += 1
        elif tokens[index] == "}":
            depth -= 1
            if depth == 0:
                return index
    return None


def _choices(inner: list[Token], limit: int) -> list[list[Token]] | None:
    """What stands between the braces: items at commas, or a sequence, or (None) neither."""
    items: list[list[Token]] = [[]]
    depth = 0
    for token in inner:
        if token == "," and depth == 0:
            items.append([])
            continue
        depth += {"{": 1, "}": -1}.get(token, 0) if isinstance(token, str) else 0
        items[-1].append(token)
    if len(items) > 1:
        expanded: list[list[Token]] = []
        for item in items:
            expanded.extend(_expand(item, limit))
            if len(expanded) > limit:
                raise TooManyBraces
        return expanded
    if all(isinstance(token, str) for token in inner):
        return _sequence("".join(t for t in inner if isinstance(t, str)), limit)
    return None


def _sequence(text: str, limit: int) -> list[list[Token]] | None:
    match = _SEQUENCE.fullmatch(text)
    if match is None:
        return None
    if any(len(number or "") > _LONGEST_NUMBER for number in match.groups()):
        raise TooManyBraces
    first, last, step = match["first"], match["last"], abs(int(match["step"] or 1)) or 1
    letters = first.isalpha()
    if letters != last.isalpha():
        return None
    if letters and first.isupper() != last.isupper():  # `{Z..a}` has quotes among its words
        raise TooManyBraces
    if re.search(r"\+0[0-9]", text):  # versions differ in how wide they make the numbers
        raise TooManyBraces
    low, high = (ord(first), ord(last)) if letters else (int(first), int(last))
    if abs(high - low) // step >= limit:
        raise TooManyBraces
    numbers = range(low, high + 1, step) if low <= high else range(low, high - 1, -step)
    if letters:
        return [[chr(number)] for number in numbers]
    padded = any(re.match(r"-?0[0-9]", text) for text in (first, last))
    width = max(len(first), len(last)) if padded else 0
    return [list(f"{number:0{width}d}" if width else str(number)) for number in numbers]
