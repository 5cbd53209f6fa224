"""URLs as programs read them: scheme, host and path of a text, for comparison with a rule.

Lenient where clients are (no scheme, numeric addresses), and without an answer where clients
differ: what can't be read for certain may be any host.
"""

from __future__ import annotations

from policy.frozen import frozen

_ENDS = "/?#"
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-._")


@frozen
class UrlParts:
    """`host` is in lower case, without a trailing dot, an IPv4 address in its usual form."""

    scheme: str
    host: str
    path: str


def read_url(text: str) -> UrlParts | None:
    """The parts of a URL, or None where clients may disagree about them.

    Without a scheme: `user@host:path` is ssh, `/x` and `./x` a file, anything else http (as
    curl guesses; curl(1), URL).
    """
    scheme, separator, rest = text.partition("://")
    if separator:
        if not scheme.isascii() or not scheme.replace("+", "").replace("-", "").isalnum():
            return None
        scheme = scheme.lower()
    elif text.startswith(("/", ".", "~")):
        return UrlParts("file", "", text)
    else:
        scheme, rest = "http", text
        before, colon, after = text.partition(":")
        if colon and "/" not in before and not after[:1].isdigit():
            scheme, rest = "ssh", f"{before}/{after}"
    cut = min((rest.find(end) for end in _ENDS if end in rest), default=len(rest))
    authority, path = rest[:cut], rest[cut:]
    if authority.count("@") > 1:
        return None
    host = _host(authority.rpartition("@")[2])
    return None if host is None else UrlParts(scheme, host, path or "/")


def fixed_parts(prefix: str) -> tuple[str | None, str | None]:
    """Scheme and host of every URL that begins with `prefix`; None for what it leaves open."""
    scheme, separator, rest = prefix.partition("://")
    if not separator:
        return None, None
    if not any(end in rest for end in _ENDS):
        return scheme.lower(), None  # more of the host, a port or `@` may follow
    parts = read_url(prefix)
    return (parts.scheme, parts.host) if parts is not None else (None, None)


def path_start(prefix: str) -> int | None:
    """Where the path stands in every URL that begins with `prefix`; None where that is open."""
    if fixed_parts(prefix)[1] is None:
        return None
    begin = prefix.index("://") + 3
    return min(at for end in _ENDS if (at := prefix.find(end, begin)) >= 0)


def _host(text: str) -> str | None:
    if text.startswith("["):
        return _ipv6(text[1:].partition("]")[0])
    host, _, port = text.partition(":")
    host = host.lower().removesuffix(".")
    if (port and not port.isdigit()) or not _PLAIN.issuperset(host):
        return None
    return _ipv4(host)


def _ipv6(text: str) -> str | None:
    import ipaddress  # slow to import, rarely needed

    try:
        address = ipaddress.IPv6Address(text.partition("%")[0])
    except ValueError:
        return None
    return str(address.ipv4_mapped or address)


def _ipv4(host: str) -> str | None:
    """The dotted form of `2852039166`, `0xa9.254.43518` and the like (inet_aton(3))."""
    pieces = host.split(".")
    if len(pieces) > 4 or not all(piece[:1].isdigit() for piece in pieces):
        return host
    try:
        numbers = [_number(piece) for piece in pieces]
    except ValueError:
        return host  # a name that begins with a digit
    *bytes_, last = numbers
    room = 8 * (4 - len(bytes_))
    if any(number > 255 for number in bytes_) or last >= 1 << room:
        return None
    value = last
    for index, number in enumerate(bytes_):
        value |= number << (24 - 8 * index)
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def _number(piece: str) -> int:
    if piece.startswith("0x"):
        return int(piece[2:] or "0", 16)
    if "_" in piece:
        raise ValueError(piece)
    return int(piece, 8) if len(piece) > 1 and piece.startswith("0") else int(piece)
