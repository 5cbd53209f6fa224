"""Where checks put what they find, and checks that several of them share."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from policy.diagnostics import Finding, Note, did_you_mean, one_of
from policy.dsl.codes import Code, finding
from policy.dsl.syntax import Text
from policy.source import Region

_FEW = 12


class Report:
    """Collects findings."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(
        self,
        code: Code,
        message: str,
        at: Region | None,
        *,
        label: str = "",
        hint: str = "",
        first: Region | None = None,
    ) -> None:
        """Add a finding; `first` is where the same thing was said before."""
        notes = (Note("the first is", first),) if first else ()
        self.findings.append(finding(code, message, at, label=label, hint=hint, notes=notes))

    def unknown(self, code: Code, what: str, word: str, at: Region, known: Collection[str]) -> None:
        """`word` is none of the `known` ones; they are listed if they are few and have an order."""
        hint = did_you_mean(word, known)
        listed = (
            f"expected {one_of(known)}"
            if len(known) <= _FEW and not isinstance(known, frozenset)
            else ""
        )
        self.add(code, f"unknown {what} `{word}`", at, label=listed, hint=hint)

    def word(self, code: Code, what: str, text: Text, known: Collection[str]) -> bool:
        """Whether `text` is one of the known words; if not, that is found."""
        if text.value in known:
            return True
        self.unknown(code, what, text.value, text.at, known)
        return False

    def repeated(self, words: Iterable[Text], what: str) -> None:
        """Warn of each word of a list that stands in it before."""
        seen: dict[str, Region] = {}
        for word in words:
            if word.value in seen:
                message = f"{what} `{word.value}` stands here twice"
                self.add(Code.REPEATED_MEMBER, message, word.at)
            seen.setdefault(word.value, word.at)
