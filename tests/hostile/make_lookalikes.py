"""Writes `policy/lookalikes.txt`: which characters look like one of ASCII.

    PYTHONPATH=tests python -m hostile.make_lookalikes > policy/lookalikes.txt

The source is Unicode's table of confusables (UTS #39), as `confusable_homoglyphs` ships it. What
it has is taken but for scripts that nobody reads as Latin, and dashes and compatibility forms
that it leaves out are added.
"""

from __future__ import annotations

import sys
import unicodedata
from collections import defaultdict

# Signs and syllables among which a stroke that looks like `/` or `-` is ordinary text.
_OTHER_SCRIPTS = (
    "CJK", "KANGXI", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "YI", "THAI", "LAO", "KHMER",
    "MYANMAR", "ETHIOPIC", "TIBETAN", "VERTICAL KANA", "HALFWIDTH", "IDEOGRAPHIC", "BOX DRAWINGS",
    "SUPERSCRIPT", "SUBSCRIPT", "COMBINING", "GREEK VOCAL", "GREEK INSTRUMENTAL", "MUSICAL",
    "DOMINO", "BYZANTINE", "CUNEIFORM", "EGYPTIAN", "PARENTHESIZED", "TORTOISE",
    "PRESENTATION FORM",
)  # fmt: skip
# Letters of Turkish and Dutch, and `...`, which is no name that means anything.
_ORDINARY = "ıĲĳ…"


def main() -> None:
    table = lookalikes()
    for target in sorted(table):
        codes = " ".join(f"{ord(one):04X}" for one in sorted(table[target]))
        sys.stdout.write(f"{target} {codes}\n")


def lookalikes() -> dict[str, set[str]]:
    """For each text of ASCII the single characters that look like it."""
    from confusable_homoglyphs.confusables import confusables_data

    found: defaultdict[str, set[str]] = defaultdict(set)
    for character, others in confusables_data.items():
        for other in others:
            # `bl` for a single letter is said of one typeface or another.
            single = len(other["c"]) == 1 or not any(map(str.isalnum, other["c"]))
            if single and _poses(character):
                _add(found, character, other["c"])
    for code in range(0x80, sys.maxunicode + 1):
        character = chr(code)
        if unicodedata.category(character) == "Pd":
            _add(found, character, "-")
        kind = unicodedata.decomposition(character).partition(">")[0]
        if kind in ("<wide", "<narrow", "<font", "<compat") and _poses(character):
            _add(found, character, unicodedata.normalize("NFKC", character))
    return found


def _poses(character: str) -> bool:
    if character in _ORDINARY:
        return False
    if len(character) != 1 or character.isascii() or not character.isprintable():
        return False
    category = unicodedata.category(character)
    name = unicodedata.name(character, "")
    numbered = name.startswith("DIGIT ")
    return category[0] not in "MZ" and not name.startswith(_OTHER_SCRIPTS) and not numbered


def _add(found: dict[str, set[str]], character: str, target: str) -> None:
    if target.isascii() and target.isprintable() and target.strip() and len(target) <= 3:
        found[target].add(character)


if __name__ == "__main__":
    main()
