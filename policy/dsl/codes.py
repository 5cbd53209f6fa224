"""The codes of findings in rule files. Stable: a code is never reused for something else.

PL1xx the text can't be read; PL2xx a word that the language doesn't know; PL3xx names and
what they stand for; PL4xx rules; PL5xx programs; PL6xx conditions; PL7xx warnings.
"""

from __future__ import annotations

from enum import Enum

from policy.diagnostics import Finding, Note, Severity
from policy.source import Region


class Code(Enum):
    """A code and what it means, in one line."""

    SYNTAX = ("PL101", "something else is expected at this place")
    KEYWORD = ("PL102", "no clause, statement or condition begins with this word")
    CHARACTER = ("PL103", "a character that has no meaning here, such as in an unquoted glob")
    STRING = ("PL104", "a string is not closed on its line")
    ESCAPE = ("PL105", "an escape that strings don't have")
    UNFINISHED = ("PL106", "the text ends, or the next item begins, inside a block")
    ENCODING = ("PL107", "a character that isn't text, or that nobody can see")
    NESTING = ("PL108", "parts are nested deeper than anyone can follow")

    TIER = ("PL201", "a tier is low, medium or high")
    MARKER = ("PL202", "not a marker of options and operands")
    STYLE = ("PL203", "not a style of options, or not a shell, that is known")
    TYPE = ("PL204", "not a type of values")
    DIALECT = ("PL205", "not a dialect of SQL, or one is missing")
    OPAQUE = ("PL206", "not a reason for which something can't be understood")
    INPUT = ("PL207", "not a source of standard input")
    DYNAMIC = ("PL208", "not a part that can be known only at run time")
    VIA = ("PL209", "no program or construct of that name runs anything")
    EFFECT = ("PL210", "no rule and no program has that effect")

    DUPLICATE_RULE = ("PL301", "two rules have the same name")
    DUPLICATE_PROGRAM = ("PL302", "two blocks declare the same program")
    DUPLICATE_SET = ("PL303", "two sets have the same name")
    DUPLICATE_DEFAULT = ("PL304", "there are two defaults for the same")
    DUPLICATE_VARIABLE = ("PL305", "an environment variable is declared in two ways")
    OVERRIDE_OF_NOTHING = ("PL306", "an override has nothing to replace")
    UNDEFINED_SET = ("PL307", "no set has this name")
    CYCLIC_SET = ("PL308", "a set contains itself")
    UNKNOWN_PROGRAM = ("PL309", "a rule is about a program that nothing declares")
    NO_SUBCOMMANDS = ("PL310", "a rule names a subcommand of a program that has none")
    UNDECLARED_OPTION = ("PL311", "no program of the rule declares the option")
    EMPTY_SET = ("PL312", "a set has no members")
    DUPLICATE_SECRET = ("PL313", "two secrets have the same name")

    MISSING_TIER = ("PL401", "a rule says no tier")
    MISSING_SCORE = ("PL402", "a rule says no score")
    MISSING_ON = ("PL403", "a rule doesn't say what it is about")
    MISSING_EXAMPLE = ("PL404", "a rule or a secret has no example that it matches")
    MISSING_NEAR_MISS = ("PL405", "a rule with a condition, or a secret, has no near miss")
    REPEATED_CLAUSE = ("PL406", "a clause stands twice where one is allowed")
    SCORE_OUTSIDE_BAND = ("PL407", "a score lies outside the band of its tier")
    TTL_WITHOUT_MEDIUM = ("PL408", "only what is medium may be whitelisted for a time")
    APPROVALS = ("PL409", "a number of approvals that can't be")
    OPTIONS_WITHOUT_LOW = ("PL410", "only a low rule says which options it accepts")
    DENY_CONFLICT = ("PL411", "a rule that denies needs neither approvals nor a ttl")
    NEVER_CONFLICT = ("PL412", "never whitelist contradicts another clause or says nothing")
    EXAMPLE_TWICE = ("PL413", "a text is an example twice")
    EMPTY_TEXT = ("PL414", "a text that must say something is empty")
    ZERO_TTL = ("PL415", "a ttl of no time")
    EMPTY_SECRET = ("PL416", "a secret doesn't say what it looks like")
    OPEN_SECRET = ("PL417", "nearly everything looks like the secret, or nothing")

    DUPLICATE_OPTION = ("PL501", "an option is declared twice at one level of a program")
    DUPLICATE_SUBCOMMAND = ("PL502", "a subcommand is declared twice")
    REPEATED_STATEMENT = ("PL503", "a statement stands twice where one is allowed")
    OPTION_NAME = ("PL504", "an option's name that no program would read as an option")
    GUARD_OPTION = ("PL505", "a guard names an option that isn't declared")
    POSITION = ("PL506", "operands are counted from 1")
    NEGATIVE_SCORE = ("PL507", "an adjustment may only raise a score")
    TYPE_HERE = ("PL508", "a type that means nothing at this place")
    OPERANDS_WITH_SUBCOMMANDS = ("PL509", "what takes subcommands can't run its operands")
    SUBCOMMAND_NAME = ("PL510", "a subcommand's name is one exact word")
    SAME_OPERAND = ("PL511", "two lines describe the same operand")
    PROGRAM_NAME = ("PL512", "programs are known by their base names")
    VARIABLE_NAME = ("PL513", "not the name of an environment variable")
    SECRET_OPTION = ("PL514", "a secret is the value of an option that has none, or isn't known")

    WRONG_SUBJECT = ("PL601", "a condition that what the rule is about can never meet")
    TIER_CONDITION = ("PL602", "only adjust may ask for the tier")
    COUNT = ("PL603", "a count that can't be met or always is")

    UNUSED_SET = ("PL701", "nothing uses the set")
    REPEATED_MEMBER = ("PL702", "a value stands twice in a list")

    def __init__(self, code: str, meaning: str) -> None:
        self.code = code
        self.meaning = meaning

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.code.startswith("PL7") else Severity.ERROR


def finding(
    code: Code,
    message: str,
    at: Region | None,
    *,
    label: str = "",
    hint: str = "",
    notes: tuple[Note, ...] = (),
) -> Finding:
    """A finding with the severity of its code."""
    return Finding(code.code, code.severity, message, at, label, hint, notes)
