"""A pattern: a class of actions, written as words and holes.

    docker restart {service}                     via sudo -u deploy
    UPDATE jobs SET state = 'queued' WHERE id = {id:int}

`Pattern` is the text as an entry holds it; what it means under a set of rules is a `Form`
(`form.py`), which `reader.py` makes of it.
"""

from __future__ import annotations

from hashlib import sha256

from policy.frozen import frozen
from policy.whitelist.notation import anonymous


@frozen
class Pattern:
    """The text of a pattern.

    `command` is shell text or one statement with holes; `via` are the steps through which the
    action is reached, outermost first, each the words of a wrapper (`sudo -u deploy`), with
    `{}` where what it runs stands if that isn't the end, or a construct (`<substitution>`).
    """

    command: str
    language: str = "shell"
    via: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Of what the text says; the names of holes say nothing."""
        lines = (self.language, *map(anonymous, self.via), anonymous(self.command, self.language))
        total = "\0".join(lines).encode("utf-8", "surrogatepass")
        return sha256(total).hexdigest()
