"""What all files together define, by name: the symbol table of checks and of the builder.

Files come in two layers: the shipped ones (`base`) and those of a user, which add to them and
replace only with `override`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from policy.diagnostics import Finding, Note, did_you_mean
from policy.dsl.codes import Code, finding
from policy.dsl.recover import File
from policy.dsl.syntax import (
    AdjustItem,
    DefaultLine,
    EffectsLine,
    EnvironmentLine,
    Item,
    OptionLine,
    ProgramItem,
    RuleItem,
    SecretItem,
    SetItem,
    Statement,
    SubcommandBlock,
    SubcommandLine,
    Text,
    Value,
)
from policy.dsl.vocabulary import CONSTRUCTS, is_glob
from policy.frozen import frozen
from policy.source import Region


@dataclass
class Definitions:
    """Every definition that counts, after overrides. Filled by `collect`, then only read."""

    sets: dict[str, SetItem] = field(default_factory=dict)
    programs: dict[str, ProgramItem] = field(default_factory=dict)  # by each of its names
    rules: dict[str, RuleItem] = field(default_factory=dict)
    secrets: dict[str, SecretItem] = field(default_factory=dict)
    environment: list[EnvironmentLine] = field(default_factory=list)
    adjustments: list[AdjustItem] = field(default_factory=list)
    default: DefaultLine | None = None
    overridden: list[tuple[str, Region]] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)  # ids of items with syntax errors
    items: list[Item] = field(default_factory=list)  # keeps the ids of `broken` alive
    _members: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def is_broken(self, item: Item) -> bool:
        """Whether parts of the item are missing because of a syntax error."""
        return id(item) in self.broken

    def expand(self, values: Iterable[Value]) -> list[tuple[str, Region]]:
        """The words that values stand for, each with the place where it is used.

        Members of a set stand at the reference to it; what is undefined or cyclic is left
        out (checks report it).
        """
        words: list[tuple[str, Region]] = []
        for value in values:
            if isinstance(value, Text):
                words.append((value.value, value.at))
            else:
                words += [(word, value.at) for word in self.members(value.name)]
        return words

    def members(self, name: str, above: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The words of a set and of the sets in it, in order, each once."""
        if name in self._members:
            return self._members[name]
        item = self.sets.get(name)
        if item is None or name in above:
            return ()
        found: dict[str, None] = {}
        for member in item.members:
            if isinstance(member, Text):
                found[member.value] = None
            else:
                found.update(dict.fromkeys(self.members(member.name, (*above, name))))
        if not above:
            self._members[name] = tuple(found)
        return tuple(found)

    def program(self, name: str) -> ProgramItem | None:
        """The block that declares a program, by its exact name or by a glob.

        A glob is found only as it is declared: a rule set is indexed by that text.
        """
        found = self.programs.get(name)
        if found is None and not is_glob(name):
            for pattern, item in self.programs.items():
                if is_glob(pattern) and fnmatchcase(name, pattern):
                    return item
        return found

    def blocks(self) -> list[ProgramItem]:
        """Every program block once, in the order of the files."""
        return list({id(item): item for item in self.programs.values()}.values())

    def vocabulary(self) -> Vocabulary:
        """The words that conditions can name because something defines them."""
        effects = {effect for item in self.items for effect in _effects(item)}
        variables = {name.value for line in environment_in(self.items) for name in line.names}
        vias = {*CONSTRUCTS, *self.programs, *variables}
        return Vocabulary(frozenset(effects), frozenset(vias))


@frozen
class Vocabulary:
    """Words that depend on all files: effects, and what an action can be reached through."""

    effects: frozenset[str]
    vias: frozenset[str]


def _effects(node: Item | Statement) -> Iterable[str]:
    """Every effect that an item gives to something."""
    match node:
        case EffectsLine():
            yield from (name.value for name in node.names)
        case RuleItem():
            for clause in node.clauses:
                if isinstance(clause, EffectsLine):
                    yield from (name.value for name in clause.names)
        case ProgramItem() | SubcommandBlock():
            for line in node.body:
                yield from _effects(line)
        case _:
            pass


def collect(base: Sequence[File], files: Sequence[File]) -> tuple[Definitions, list[Finding]]:
    """The definitions of all files, and what is wrong with their names."""
    definitions = Definitions()
    findings: list[Finding] = []
    for layer, upper in ((base, False), (files, True)):
        names = _Layer(definitions, findings, upper and bool(base))
        for file in layer:
            definitions.broken.update(id(item) for item in file.broken)
            for item in (*file.items, *file.broken):
                definitions.items.append(item)
                names.add(item)
    return definitions, findings


class _Layer:
    """Adds the items of one layer; what it adds itself can't be added again."""

    def __init__(self, definitions: Definitions, findings: list[Finding], upper: bool) -> None:
        self.definitions = definitions
        self.findings = findings
        self.upper = upper
        self.own: set[tuple[str, str]] = set()

    def add(self, item: Item) -> None:
        known = self.definitions
        match item:
            case SetItem(name=name):
                if self._may_add("set", name, known.sets.get(name.value), item.override):
                    known.sets[name.value] = item
            case RuleItem(name=name):
                if self._may_add("rule", name, known.rules.get(name.value), item.override):
                    known.rules[name.value] = item
            case ProgramItem(names=names):
                for name in names:
                    before = known.programs.get(name.value)
                    if self._may_add("program", name, before, item.override):
                        known.programs[name.value] = item
            case DefaultLine():
                word = Text("default", item.at)
                if self._may_add("default", word, known.default, item.override):
                    known.default = item
            case SecretItem(name=name):
                if self._may_add("redact", name, known.secrets.get(name.value), item.override):
                    known.secrets[name.value] = item
            case EnvironmentLine():
                known.environment.append(item)
            case AdjustItem():
                known.adjustments.append(item)

    def _may_add(
        self, kind: str, name: Text, before: Item | DefaultLine | None, override: bool
    ) -> bool:
        """Whether a definition is the first of its name, or replaces one of the layer below."""
        key = (kind, name.value)
        own = key in self.own
        self.own.add(key)
        called = "secret" if kind == "redact" else kind
        shown = f"{called} `{name.value}`" if kind != "default" else "default for unknown programs"
        if before is None or (override and not own and not self.upper):
            if override:
                names = {
                    "set": list(self.definitions.sets),
                    "rule": list(self.definitions.rules),
                    "program": list(self.definitions.programs),
                    "redact": list(self.definitions.secrets),
                }.get(kind, [])
                message = f"there is no shipped {shown} to override"
                hint = did_you_mean(name.value, names) or f"leave out `override` to add the {kind}"
                self.findings.append(finding(Code.OVERRIDE_OF_NOTHING, message, name.at, hint=hint))
            return True
        if override and not own:
            self.definitions.overridden.append((name.value, name.at))
            return True
        code = {
            "set": Code.DUPLICATE_SET,
            "rule": Code.DUPLICATE_RULE,
            "program": Code.DUPLICATE_PROGRAM,
            "default": Code.DUPLICATE_DEFAULT,
            "redact": Code.DUPLICATE_SECRET,
        }[kind]
        note = Note("the first is", _name_of(before, name.value))
        hint = "" if own else f"write `override {kind}` to replace the shipped one"
        message = f"duplicate {shown}"
        self.findings.append(finding(code, message, name.at, hint=hint, notes=(note,)))
        return False


def _name_of(item: Item | DefaultLine, name: str) -> Region:
    """Where an item says its name."""
    match item:
        case SetItem() | RuleItem() | SecretItem():
            return item.name.at
        case ProgramItem():
            return next((text.at for text in item.names if text.value == name), item.at)
        case _:
            return item.at


def environment_in(nodes: Iterable[Item | Statement]) -> Iterable[EnvironmentLine]:
    """Every `environment` line among items and in their blocks."""
    for node in nodes:
        if isinstance(node, EnvironmentLine):
            yield node
        elif isinstance(node, ProgramItem | SubcommandBlock):
            yield from environment_in(node.body)


# Levels of a program ----------------------------------------------------------------------


def options_in(body: Sequence[Statement]) -> Iterable[OptionLine]:
    """The option lines of one level."""
    return (line for line in body if isinstance(line, OptionLine))


def blocks_in(body: Sequence[Statement]) -> Iterable[SubcommandBlock]:
    """The subcommand blocks of one level."""
    return (line for line in body if isinstance(line, SubcommandBlock))


def takes_subcommands(body: Sequence[Statement]) -> bool:
    return any(isinstance(line, SubcommandBlock | SubcommandLine) for line in body)


def visible_options(body: Sequence[Statement], path: Sequence[str]) -> set[str]:
    """Every spelling of an option that a use of that subcommand path (a prefix) may have.

    Those of the levels above count: `git -C x push` is a use of `git push` with `-C`.
    """
    names = {name.value for line in options_in(body) for name in line.names}
    for block in blocks_in(body):
        if not path or any(name.value == path[0] for name in block.names):
            names |= visible_options(block.body, path[1:])
    return names
