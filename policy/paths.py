r"""Paths of words, made canonical without a file system.

A canonical path is absolute (`/etc/hosts`), below a home (`\0/x`, see `globs.HOME`) or, where
the working directory is unknown, relative (`src/x`, `../x`). It has no `.`, no empty segment
and no `..` but in front of a relative path or directly below a home.
"""

from __future__ import annotations

from collections.abc import Iterator

from policy.frozen import frozen
from policy.globs import HOME, escape, unescape
from policy.plan import Word, WordKind


@frozen
class PathValue:
    """The path that a word means.

    `text` is the canonical path of a static value, the canonical glob of a pattern, and for a
    dynamic value the path that it suggests or "". A dynamic value begins with `prefix`, unless
    `..` follows, and ends with `suffix`; `many` says that it may be several paths. `globs` are
    canonical path globs, one of which it matches (a hole of a pattern), or () for no such bound.
    """

    kind: WordKind
    text: str = ""
    prefix: str = ""
    suffix: str = ""
    many: bool = False
    globs: tuple[str, ...] = ()


def normalise(path: str, cwd: str | None = None) -> str:
    """`path` without `.`, `..`, doubled and trailing slashes, below `cwd` where it is relative.

    Lexical: symbolic links are not followed. A relative path stays so if `cwd` is unknown.
    """
    if cwd and path[:1] not in {"/", HOME}:
        path = f"{cwd}/{path}"
    return _joined(path, _walk(path)[0])


def resolve(word: Word, directory: Word | None = None, cwd: str | None = None) -> PathValue:
    """The path of `word` where `directory` (or, without one, the caller's `cwd`) is current."""
    return _resolve(word, _base(directory, cwd))


def home_form(path: str) -> str | None:
    r"""The same canonical path as one below some user's home, or None where it is none.

    `/root/x`, `/home/bob/x`, `/Users/bob/x` and `\0bob/x` are `\0/x`.
    """
    if path.startswith(HOME):
        return HOME + "".join(path.partition("/")[1:])
    if path == "/root" or path.startswith("/root/"):
        return HOME + path[5:]
    for homes in ("/home/", "/Users/"):
        if path.startswith(homes):
            return HOME + "".join(path[len(homes) :].partition("/")[1:])
    return None


def _base(directory: Word | None, cwd: str | None) -> PathValue | None:
    caller = None
    if cwd is not None and cwd.startswith("/"):
        caller = _static(cwd)
    return caller if directory is None else _resolve(directory, caller)


def _resolve(word: Word, base: PathValue | None) -> PathValue:
    match word.kind:
        case WordKind.STATIC:
            return _below(_home(word, word.text), base)
        case WordKind.PATTERN:
            return _glob_below(_home(word, word.text.replace("\\/", "/")), word, base)
        case WordKind.DYNAMIC:
            return _dynamic_below(word, base)


def _home(word: Word, text: str) -> str:
    return HOME + text.removeprefix("~") if word.home else text


def _rooted(text: str) -> bool:
    return text[:1] in {"/", HOME}


def _below(text: str, base: PathValue | None) -> PathValue:
    if base is None or _rooted(text):
        return _static(text)
    match base.kind:
        case WordKind.STATIC:
            return _static(f"{base.text}/{text}")
        case WordKind.PATTERN:
            return _pattern(f"{base.text}/{escape(text)}", "")
        case WordKind.DYNAMIC:
            suggested = normalise(f"{base.text}/{text}") if base.text else ""
            below = normalise(text)
            inside = below != ".." and not below.startswith("../")
            globs = tuple(f"{glob}/{escape(below)}" for glob in base.globs) if inside else ()
            return PathValue(
                WordKind.DYNAMIC,
                suggested,
                base.prefix,
                _canonical_suffix(f"/{text}"),
                globs=base.globs if below == "." else globs,
            )


def _glob_below(glob: str, word: Word, base: PathValue | None) -> PathValue:
    if base is None or _rooted(glob):
        return _pattern(glob, word.suffix)
    match base.kind:
        case WordKind.STATIC:
            return _pattern(f"{escape(base.text)}/{glob}", word.suffix)
        case WordKind.PATTERN:
            return _pattern(f"{base.text}/{glob}", word.suffix)
        case WordKind.DYNAMIC:
            suffix = _canonical_suffix(word.suffix)
            return PathValue(WordKind.DYNAMIC, "", base.prefix, suffix)


def _dynamic_below(word: Word, base: PathValue | None) -> PathValue:
    globs = tuple(_hole_globs(word, base))
    if globs:
        return PathValue(WordKind.DYNAMIC, many=word.many, globs=globs)
    prefix = _home(word, word.prefix)
    if prefix and not _rooted(prefix) and base is not None:
        # A pattern's own prefix would say little: whatever it matched is unknown as well.
        above = base.text if base.kind is WordKind.STATIC else base.prefix
        prefix = f"{above}/{prefix}" if above else ""
    head, slash, last = prefix.rpartition("/")
    if slash:
        stack, link = _walk(head)
        prefix = "" if link is not None else _joined(head or "/", stack).rstrip("/") + "/" + last
    return PathValue(WordKind.DYNAMIC, "", prefix, _canonical_suffix(word.suffix), many=word.many)


def _hole_globs(word: Word, base: PathValue | None) -> Iterator[str]:
    """The globs that bound a word of a pattern; it has no `..`."""
    if not word.parts:
        return
    from policy.holes import bounds

    for glob in bounds(word.parts):
        if _rooted(glob) or base is None:
            yield glob
        elif base.kind is WordKind.STATIC:
            yield f"{escape(base.text)}/{glob}"
        elif base.kind is WordKind.DYNAMIC and base.globs:
            yield from (f"{above}/{glob}" for above in base.globs)
        else:
            yield f"**/{glob}"


def _static(text: str) -> PathValue:
    stack, link = _walk(text)
    if link is not None:
        return PathValue(WordKind.DYNAMIC, link)
    return PathValue(WordKind.STATIC, _joined(text, stack))


def _pattern(glob: str, suffix: str) -> PathValue:
    stack, link = _walk(glob)
    if link is not None:
        return PathValue(WordKind.DYNAMIC, suffix=_canonical_suffix(suffix))
    return PathValue(WordKind.PATTERN, _joined(glob, stack))


def _joined(path: str, stack: list[str]) -> str:
    if path.startswith("/"):
        return "/" + "/".join(stack)
    return "/".join(stack) or "."


def _walk(path: str) -> tuple[list[str], str | None]:
    """The canonical segments, and where the path passes `/proc/…/root` or `/proc/…/cwd`, which
    lead anywhere, the path that this suggests ("" for none) as the second.
    """
    stack: list[str] = []
    absolute = path.startswith("/")
    segments = path.split("/")
    for index, segment in enumerate(segments):
        name = unescape(segment)
        if name in {"", "."}:
            continue
        if name == "..":
            if stack and stack[-1] != ".." and not stack[-1].startswith(HOME):
                stack.pop()
            elif not absolute:
                stack.append(segment)
            continue
        stack.append(segment)
        if absolute and name in {"root", "cwd"} and len(stack) > 2 and stack[0] == "proc":
            rest = "/" + "/".join(segments[index + 1 :])
            return stack, normalise(rest) if name == "root" else ""
    return stack, None


def _canonical_suffix(suffix: str) -> str:
    """What the canonical path certainly ends with, where the word ends with `suffix`."""
    first, *rest = suffix.split("/")
    rest = [segment for segment in rest if segment not in {"", "."}]
    if ".." in rest:
        first = ""
        while ".." in rest:
            del rest[: rest.index("..") + 1]
    if first.endswith("."):  # with what stands before it, it may be `..`
        first = ""
    return first + "".join(f"/{segment}" for segment in rest)
