"""PostgreSQL as the judge of statements: what it refuses, what it does, how many it sees.

    text ─► decision ─► not allowed: the server says in BEGIN READ ONLY whether it writes
                   └──► allowed: it runs, and nothing may be other than before

Read-only mode doesn't stop COPY to files, large objects, settings, NOTIFY or a killed session;
so what is allowed also runs as a superuser in an ordinary session, in groups between two
snapshots (`postgres_snapshot.py`). What rules allow a session to keep (a setting that changes
only how results look, a prepared statement) must be named by the Plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from oracle.grammars import drawn
from oracle.postgres_server import OWNER, Server
from oracle.postgres_session import Answer, Session
from oracle.postgres_snapshot import State, changed, own, world
from oracle.postgres_texts import calls, collected, mutations, operators
from oracle.postgres_texts import own as examples
from oracle.report import Miss, Part, Row
from policy import Engine, Verdict
from policy.plan import Opaque, Statement

LANGUAGE = "sql:postgres"
JUDGE = "PostgreSQL"
_GROUP = 160
_LAST_VICTIM = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'victim'"
)
_READ_ONLY = "25006"
_SYNTAX = "42601"

# Kinds that leave something in their session, and under which name the snapshot has it.
_KEEPS = {"set": "set", "reset": "set", "prepare": "prepare", "declare": "declare",
          "listen": "listen", "begin": "transaction"}  # fmt: skip
_SESSION_KINDS = frozenset(
    (*_KEEPS, "commit", "rollback", "savepoint", "release", "deallocate", "close", "unlisten")
)
# The first word of a command tag, where it isn't the kind.
_TAG_KINDS = {
    "select": {"select", "create", "execute"}, "start": {"begin"}, "move": {"fetch"},
    "insert": {"insert", "execute"}, "update": {"update", "execute"},
    "delete": {"delete", "execute"}, "merge": {"merge", "execute"}, "refresh": {"refresh"},
    "rollback": {"rollback", "commit", "prepare-transaction", "rollback-prepared"},
    "commit": {"commit", "commit-prepared"}, "prepare": {"prepare", "prepare-transaction"},
    "alter": {"alter", "grant", "revoke"}, "security": {"security-label"}, "import": {"create"},
    "values": {"execute"}, "show": {"show"},
}  # fmt: skip


@dataclass
class Tally:
    """Counts of one row."""

    ran: int = 0
    seen: int = 0
    opaque: int = 0
    missed: list[Miss] = field(default_factory=list)


@dataclass(frozen=True)
class Decided:
    """A text, whether it is allowed, and the statements of its Plan."""

    text: str
    allowed: bool
    opaque: bool
    statements: tuple[Statement, ...]
    top: tuple[Statement, ...]

    @property
    def kept(self) -> set[str]:
        """What it says that its session keeps: `set work_mem`, `prepare q`."""
        return {
            f"{_KEEPS[each.kind]} {name}"
            for each in self.statements
            if each.kind in _KEEPS
            for name in each.names or ("",)
        }


class Judge(AbstractContextManager["Judge"]):
    """A server, and the sessions in which texts are judged."""

    def __init__(self, engine: Engine | None = None) -> None:
        self.engine = engine or Engine.load()
        self.tallies: dict[tuple[str, str], Tally] = {}
        self.answers: Counter[str] = Counter()
        self.server = Server()
        try:
            self.server.fresh("judged")
            self.server.fresh("lived")
            self.reads = Session(self.server, "judged", OWNER)
            self.lives = Session(self.server, "lived", "postgres")
            self.victim = self._victim()
            self._written = self._count()
            self._own, self._world = own(self.lives), self._look()
        except BaseException:
            self.server.stop()
            raise

    def __exit__(self, *_: object) -> None:
        for each in (self.reads, self.lives, self.victim):
            each.close()
        self.server.stop()

    def rows(self) -> list[Row]:
        return [
            Row(JUDGE, f"{construct}: {asked}", one.ran, one.seen, one.opaque, tuple(one.missed))
            for (asked, construct), one in self.tallies.items()
        ]

    def judge(self, construct: str, texts: Iterable[str]) -> None:
        """Every judge's word on each of the texts."""
        waiting: list[Decided] = []
        for text in texts:
            one = self.decide(text)
            try:
                text.encode()
            except UnicodeEncodeError:
                continue  # no client can send it
            if "\0" in text:
                continue
            self._refused(construct, one)
            if one.allowed:
                waiting.append(one)
            if len(waiting) == _GROUP:
                self._lived(construct, waiting)
                waiting = []
        self._lived(construct, waiting)

    def decide(self, text: str) -> Decided:
        decision = self.engine.decide(text, language=LANGUAGE)
        plan = self.engine.plan(text, LANGUAGE)
        found = [(each.does, each.via) for each in plan.actions]
        return Decided(
            text,
            decision.verdict is Verdict.ALLOW,
            any(isinstance(does, Opaque) for does, _ in found),
            tuple(does for does, _ in found if isinstance(does, Statement)),
            tuple(does for does, via in found if isinstance(does, Statement) and not via),
        )

    # What the server refuses to do where nothing may be written.

    def _refused(self, construct: str, one: Decided) -> None:
        tally = self._tally("refused as writes", construct)
        tally.ran += 1
        self.reads.ask("BEGIN READ ONLY")
        answer = self.reads.ask(one.text)
        self.answers[answer.error or "ran"] += 1
        if self.reads.in_transaction:
            self.reads.ask("ROLLBACK")
        if answer.error == _READ_ONLY:
            tally.seen += 1
            tally.opaque += one.opaque
            if one.allowed:
                tally.missed.append(Miss(LANGUAGE, one.text, "the server says that it writes"))
        self._counted(construct, one, answer)
        if not {each.kind for each in one.statements} <= {"select", "explain", "show"}:
            self._mend()

    def _mend(self) -> None:
        """Texts may end the transaction in which they are; what they did then is undone."""
        self.reads.forget()
        if self._count() != self._written:
            self.reads.close()
            self.server.fresh("judged")
            self.reads.again()
            self._written = self._count()

    def _count(self) -> int:
        return int(self.reads.rows("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")[0][0])

    # How many statements the server sees, and of which kinds.

    def _counted(self, construct: str, one: Decided, answer: Answer) -> None:
        tally = self._tally("number and kinds", construct)
        count = len(answer.tags)
        if answer.error == "lost" or (answer.error == _SYNTAX and count == 0):
            return
        tally.ran += 1
        tally.seen += count
        if one.opaque:
            tally.opaque += count
            return
        kinds = [each.kind for each in one.top]
        if answer.error is None and count != len(kinds):
            happened = f"the server ran {count} statements: {', '.join(answer.tags)}"
        elif count > len(kinds) or (answer.error is not None and count == len(kinds)):
            happened = f"the server ran more than {len(kinds)} statements"
        elif other := _other_kind(answer.tags, kinds):
            happened = other
        else:
            return
        tally.missed.append(Miss(LANGUAGE, one.text, happened))

    # What is other than before, after what is allowed has run.

    def _lived(self, construct: str, group: list[Decided]) -> None:
        tally = self._tally("allowed, ran", construct)
        tally.ran += len(group)
        tally.seen += len(group)
        self._world = self._look()  # the other judge's database may have been made anew
        for one, what in self._effects(group):
            tally.missed.append(Miss(LANGUAGE, one.text, f"changed {', '.join(what)}"))

    def _effects(self, group: list[Decided]) -> Iterator[tuple[Decided, list[str]]]:
        """Those of the group that changed something, and what."""
        if not group:
            return
        before = self._world
        what: list[str] = []
        pending: list[Decided] = []
        for one in group:
            pending.append(one)
            if _keeps(one) or one is group[-1]:
                what += self._kept(pending)
                pending = []
        self._world = self._look()
        what += changed(before, self._world)
        if not what:
            return
        self._restore()
        if len(group) == 1:
            yield group[0], what
            return
        half = len(group) // 2
        yield from self._effects(group[:half])
        yield from self._effects(group[half:])

    def _kept(self, texts: list[Decided]) -> list[str]:
        """Runs the texts; what their session keeps that they don't say."""
        said: set[str] = set()
        for one in texts:
            self.lives.ask(one.text)
            said |= one.kept
        found: list[str] = []
        if self.lives.in_transaction:
            if not any(each.startswith("transaction") for each in said):
                found.append("the transaction")
            self.lives.ask("COMMIT")
        found += changed(self._own, own(self.lives))
        self.lives.forget()
        return [each for each in found if each not in said and "set all" not in said]

    def _look(self) -> State:
        return world(self.lives, self.server.data, self.server.files)

    def _restore(self) -> None:
        self.lives.close()
        self.server.fresh("lived")
        self.lives.again()
        self.victim.close()
        self.victim = self._victim()
        self._world = self._look()

    def _victim(self) -> Any:
        """A session of somebody else that is busy, and must stay so."""
        with self.server.connect("postgres") as connection:
            connection.execute(_LAST_VICTIM)
        victim = self.server.connect("postgres", application_name="victim")
        victim.pgconn.send_query(b"SELECT pg_sleep(100000)")
        return victim

    def _tally(self, asked: str, construct: str) -> Tally:
        return self.tallies.setdefault((asked, construct), Tally())


def run(part: Part) -> list[Row]:
    """Generated statements, mutated ones, and uses of what the catalogue has."""
    random = Random(part.seed)
    with Judge() as judge:
        share = part.count // 4
        judge.judge("generated", drawn("postgres.grammar", 2 * share, part.seed))
        sources = examples() + collected(part.corpora)
        judge.judge("mutated", mutations(random, sources, share))
        catalogue = calls(judge.lives) + operators(judge.lives)
        some = random.sample(catalogue, min(share, len(catalogue)))
        judge.judge("functions and operators", some)
        return judge.rows()


def _keeps(one: Decided) -> bool:
    return any(each.kind in _SESSION_KINDS for each in one.statements)


def _other_kind(tags: tuple[str, ...], kinds: list[str]) -> str | None:
    for tag, kind in zip(tags, kinds, strict=False):
        first = tag.split()[0].lower()
        if kind not in _TAG_KINDS.get(first, {first}):
            return f"{tag} is read as {kind}"
    return None
