"""Lark's tree of a rule file → syntax nodes: items, the clauses of a rule, conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policy.dsl.read_programs import ProgramReader
from policy.dsl.read_words import only
from policy.dsl.syntax import (
    AdjustItem,
    Alternatives,
    And,
    ApprovalsLine,
    Atom,
    DefaultLine,
    DenyLine,
    EnvironmentLine,
    ExampleLine,
    Item,
    LooksLine,
    Negation,
    NeverLine,
    Number,
    OnLine,
    OptionsLine,
    Or,
    ProgramItem,
    RuleItem,
    ScoreLine,
    SecretItem,
    SetItem,
    Test,
    Text,
    TierLine,
    TtlLine,
    UndoLine,
    WhenLine,
)

if TYPE_CHECKING:
    from policy.dsl.read_words import Node


class Reader(ProgramReader):
    """Reads the trees of one source."""

    def items(self, tree: Node) -> tuple[Item, ...]:
        """`start: item*`"""
        return tuple(self._read(child) for child in tree.children)

    # Items

    def set(self, node: Node) -> SetItem:
        """`set: override? "set" NAME "{" (NAME | STRING | REFERENCE)* "}"`"""
        override, children = self._override(node)
        name, *members = map(self._read, children)
        return SetItem(name, tuple(members), override, self._at(node))

    def program(self, node: Node) -> ProgramItem:
        """`program: override? "program" (NAME | STRING)+ "{" statement* "}"`"""
        override, children = self._override(node)
        names, body = self._block(children)
        return ProgramItem(names, body, override, self._at(node))

    def rule(self, node: Node) -> RuleItem:
        """`rule: override? "rule" NAME STRING "{" clause* "}"`"""
        override, children = self._override(node)
        name, message, *clauses = map(self._read, children)
        return RuleItem(name, message, tuple(clauses), override, self._at(node))

    def adjust(self, node: Node) -> AdjustItem:
        """`adjust: "adjust" STRING "when" _disjunction "{" "score" SIGNED "}"`"""
        message, condition, score = map(self._read, node.children)
        return AdjustItem(message, condition, score, self._at(node))

    def unknown_default(self, node: Node) -> DefaultLine:
        """`unknown_default: override? "default" NAME INT ttl? approvals? STRING`"""
        override, children = self._override(node)
        return self._default(node, children, override)

    def environment(self, node: Node) -> EnvironmentLine:
        """`environment: "environment" text+ typed? marker*`"""
        return EnvironmentLine(
            names=tuple(self._each(node, "text")),
            typed=next(iter(self._each(node, "required", "optional")), None),
            markers=tuple(self._each(node, "marker")),
            at=self._at(node),
        )

    def secret(self, node: Node) -> SecretItem:
        """`secret: override? "redact" STRING "{" _secret_line* "}"`"""
        override, children = self._override(node)
        name, *lines = map(self._read, children)
        return SecretItem(name, tuple(lines), override, self._at(node))

    def named(self, node: Node) -> LooksLine:
        """`named: "named" (NAME | STRING)+`"""
        return LooksLine("named", self._all(node), self._at(node))

    def texts(self, node: Node) -> LooksLine:
        """`texts: "text" STRING+`"""
        return LooksLine("text", self._all(node), self._at(node))

    def sql_words(self, node: Node) -> LooksLine:
        """`sql_words: "sql" (NAME | STRING)+`"""
        return LooksLine("sql", self._all(node), self._at(node))

    # Clauses of a rule

    def on_any(self, node: Node) -> OnLine:
        """`on: "on" "any"`"""
        return OnLine("any", (), self._at(node))

    def on_command(self, node: Node) -> OnLine:
        """`on: "on" "command"`"""
        return OnLine("command", (), self._at(node))

    def on_sql(self, node: Node) -> OnLine:
        """`on: "on" "sql" (alternatives | "any")`"""
        return OnLine("sql", self._all(node), self._at(node))

    def on_assignment(self, node: Node) -> OnLine:
        """`on: "on" "assignment" alternatives`"""
        return OnLine("assignment", self._all(node), self._at(node))

    def on_opaque(self, node: Node) -> OnLine:
        """`on: "on" "opaque" (alternatives | "any")`"""
        return OnLine("opaque", self._all(node), self._at(node))

    def on_program(self, node: Node) -> OnLine:
        """`on: "on" alternatives+`"""
        return OnLine("program", self._all(node), self._at(node))

    def when(self, node: Node) -> WhenLine:
        """`when: "when" _disjunction`"""
        return WhenLine(self._read(node.children[0]), self._at(node))

    def options_any(self, node: Node) -> OptionsLine:
        """`options: "options" "any"`"""
        return OptionsLine("any", (), self._at(node))

    def options_declared(self, node: Node) -> OptionsLine:
        """`options: "options" "declared"`"""
        return OptionsLine("declared", (), self._at(node))

    def options_only(self, node: Node) -> OptionsLine:
        """`options: "options" options_named`"""
        return OptionsLine("only", self._read(node.children[0]), self._at(node))

    def tier(self, node: Node) -> TierLine:
        """`tier: "tier" NAME`"""
        return TierLine(self._read(node.children[0]), self._at(node))

    def score(self, node: Node) -> ScoreLine:
        """`score: "score" INT`"""
        return ScoreLine(self._read(node.children[0]), self._at(node))

    def ttl(self, node: Node) -> TtlLine:
        """`ttl: "ttl" DURATION`"""
        return TtlLine(self._read(node.children[0]), self._at(node))

    def approvals(self, node: Node) -> ApprovalsLine:
        """`approvals: "approvals" INT`"""
        return ApprovalsLine(self._read(node.children[0]), self._at(node))

    def never(self, node: Node) -> NeverLine:
        """`never: "never" "whitelist"`"""
        return NeverLine(self._at(node))

    def deny(self, node: Node) -> DenyLine:
        """`deny: "deny"`"""
        return DenyLine(self._at(node))

    def undo(self, node: Node) -> UndoLine:
        """`undo: "undo" STRING`"""
        return UndoLine(self._read(node.children[0]), self._at(node))

    def match(self, node: Node) -> ExampleLine:
        """`example: "match" language? STRING`"""
        return self._example(node, True)

    def no_match(self, node: Node) -> ExampleLine:
        """`example: "no" "match" language? STRING`"""
        return self._example(node, False)

    def _example(self, node: Node, matches: bool) -> ExampleLine:
        *language, text = map(self._read, node.children)
        return ExampleLine(matches, language[0] if language else None, text, self._at(node))

    def language(self, node: Node) -> Text:
        """`language: "sql" NAME?`"""
        if node.children:
            text: Text = self._read(node.children[0])
            return text
        return Text("", self._at(node))

    # Conditions

    def or_(self, node: Node) -> Or:
        """`or: _conjunction ("or" _conjunction)+`"""
        return Or(self._all(node))

    def and_(self, node: Node) -> And:
        """`and: _negation ("and" _negation)+`"""
        return And(self._all(node))

    def not_(self, node: Node) -> Negation:
        """`not: "not" _negation`"""
        return Negation(self._read(node.children[0]))

    def has_option(self, node: Node) -> Atom:
        """`atom: "option" options_named ("is" test)?`"""
        options, *values = map(self._read, node.children)
        value = values[0] if values else None
        return Atom(Test.OPTION, self._at(node), options=options, values=value)

    def has_argument(self, node: Node) -> Atom:
        """`atom: "argument" position? test`"""
        *position, values = map(self._read, node.children)
        number = position[0] if position else None
        return Atom(Test.ARGUMENT, self._at(node), values=values, number=number)

    def no_arguments(self, node: Node) -> Atom:
        """`atom: "no" "arguments"`"""
        at = self._at(node)
        return Atom(Test.ARGUMENTS_MOST, at, number=Number(0, at))

    def _read_tree(self, rule: str, node: Node) -> Any:
        test = _ATOMS.get(rule)
        return self._atom(test, node) if test else super()._read_tree(rule, node)

    def _atom(self, test: Test, node: Node) -> Atom:
        """The atoms that are a keyword, a word that says of what, a number and a test."""
        parts = [self._read(child) for child in node.children]
        return Atom(
            test,
            self._at(node),
            part=only(parts, Text),
            values=only(parts, Alternatives),
            number=only(parts, Number),
        )


_ATOMS = {
    "arguments_least": Test.ARGUMENTS_LEAST,
    "arguments_most": Test.ARGUMENTS_MOST,
    "paths": Test.PATHS,
    "paths_in": Test.PATHS_IN,
    "paths_outside": Test.PATHS_OUTSIDE,
    "url": Test.URL,
    "input_from": Test.INPUT_FROM,
    "input_is": Test.INPUT,
    "via": Test.VIA,
    "has_effect": Test.EFFECT,
    "is_dynamic": Test.DYNAMIC,
    "sets": Test.SETS,
    "bounded": Test.BOUNDED,
    "sql_name": Test.SQL,
    "functions_within": Test.FUNCTIONS_WITHIN,
    "context_is": Test.CONTEXT,
    "tier_at_least": Test.TIER_AT_LEAST,
}
