"""Words made of words: the part behind a prefix, several joined, a placeholder filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from policy.plan import Assignment, Word, WordKind, dynamic, holed, static


def after(word: Word, count: int) -> Word:
    """`word` without its first `count` characters, which its prefix must fix.

    `--output=x` after 9 is `x`. Its span is exact where the text has no quotes.
    """
    start, end = word.span
    prefix, rest = word.prefix[count:], word.text[count:]
    if word.kind is WordKind.STATIC:
        return static(rest, (start + count, end) if end - start == len(word.text) else word.span)
    if word.parts:
        first, *others = word.parts
        assert isinstance(first, str)  # noqa: S101  # the prefix is its first part
        kept = (first[count:],) if first[count:] else ()
        return holed((*kept, *others), rest, word.span)
    plain = word.text.startswith(word.prefix[:count])  # else something is quoted or escaped
    if word.kind is WordKind.PATTERN and plain:
        return replace(word, text=rest, prefix=prefix)
    return Word(
        WordKind.DYNAMIC, rest if plain else word.text, word.span, prefix, word.suffix, word.many
    )


def as_text(word: Word) -> Word:
    """`word` where text that is run is expected: a static word, or a dynamic one.

    The shell that reads the text expands a `~` again, so it stays what it was.
    """
    if word.kind is WordKind.STATIC:
        return static(word.text, word.span) if word.home else word
    return dynamic(word.text, word.span, word.prefix, word.suffix, word.many)


def joined(words: Sequence[Word]) -> Word:
    """The words with one blank between them, as text that is run (`ssh host a b`).

    `words` isn't empty. One word known only at run time makes the whole text so.
    """
    if len(words) == 1:
        return as_text(words[0])
    text = " ".join(word.text for word in words)
    span = (words[0].span[0], words[-1].span[1])
    if all(word.kind is WordKind.STATIC for word in words):
        return static(text, span)
    return dynamic(text, span, words[0].prefix, words[-1].suffix)


def filled(words: Sequence[Word], placeholder: Word, many: bool) -> tuple[Word, ...]:
    """The words with every `placeholder` in them replaced by something unknown.

    `many`: a word that is the placeholder and nothing else may become several words
    (`find -exec … {} +`). An unknown placeholder may be anywhere.
    """
    mark = placeholder.value
    if mark is None:
        return tuple(dynamic(word.text, word.span, many=word.many) for word in words)
    if not mark:
        return tuple(words)
    return tuple(_filled(word, mark, many) for word in words)


def _filled(word: Word, mark: str, many: bool) -> Word:
    if mark not in word.text:
        return word
    if word.kind is WordKind.STATIC and not word.home:
        prefix, suffix = word.text.partition(mark)[0], word.text.rpartition(mark)[2]
    else:
        prefix, suffix = word.prefix.partition(mark)[0], word.suffix.rpartition(mark)[2]
    return dynamic(word.text, word.span, prefix, suffix, word.many or (many and word.text == mark))


def assigned(word: Word) -> str | None:
    """What stands before the `=` of a word that is certainly `NAME=value`, else None."""
    if word.home:
        return None
    fixed = word.text if word.kind is WordKind.STATIC else word.prefix
    name, equals, _ = fixed.partition("=")
    return name if equals and name else None


def assignment(word: Word, name: str) -> Assignment:
    """The exported assignment that `word` makes, which begins with `name` and `=`."""
    return Assignment(name, after(word, len(name) + 1), word.span, exported=True)


def aliased(word: Word) -> Word | None:
    """What stands behind the `=` of `name=text`; None where there certainly is no `=`."""
    name = assigned(word)
    if name is not None:
        return after(word, len(name) + 1)
    return None if word.kind is WordKind.STATIC else word


def unfinished(word: Word) -> Word | None:
    """Shell text to which a program adds words that nobody knows; None where there is none."""
    if word.kind is not WordKind.STATIC:
        return as_text(word)
    return static(f'{word.text} "$@"', word.span) if word.text else None
