"""A word of a script becomes the words that bash would hand to the program.

Rows are the words behind `echo`, and what it would get: see `shell_plans` for the notation.
"""

from __future__ import annotations

import pytest
from shell_plans import actions, words

from policy.plan import Command, WordKind

QUOTING = [
    # written, what the program gets
    ("a", "a"),
    ("'a b'", "a_b"),
    ('"a b"', "a_b"),
    ("a\\ b", "a_b"),
    ('r""m', "rm"),
    ("r''m", "rm"),
    ("\\r\\m", "rm"),
    ("'r'\"m\"", "rm"),
    ("\"a b\"'c'd", "a_bcd"),
    ("''", "''"),
    ('""', "''"),
    ("a''", "a"),
    ("'' \"\" a", "'' '' a"),
    ("'$x'", "$x"),
    ('"\\$x"', "$x"),
    ("\\$x", "$x"),
    ('"\\a"', "\\a"),
    ('"\\""', '"'),
    ('"\\\\"', "\\"),
    ('"\\`"', "`"),
    ("'\\'", "\\"),
    ('"a\'b"', "a'b"),
    ("'a\"b'", 'a"b'),
    ("'a\nb'", "a\\nb"),
    ("a#b", "a#b"),
    ("a #b", "a"),
    ("\\#b", "#b"),
    ("$", "$"),
    ("a$", "a$"),
    ('"$"', "$"),
    ("%", "%"),
    ("!x !!", "!x !!"),
    ("a=b", "a=b"),
    ("a\\\nb", "ab"),
    ('"a\\\nb"', "ab"),
    ("'a\\\nb'", "a\\\\nb"),
    ("a \\\n b", "a b"),
    ("\u00e4\u00f6 '\u4e2d'", "\u00e4\u00f6 \u4e2d"),
]

ANSI_C = [
    ("$'a b'", "a_b"),
    ("$'\\x72\\x6d'", "rm"),
    ("$'\\162\\155'", "rm"),
    ("$'\\u0072m'", "rm"),
    ("$'\\U00000072m'", "rm"),
    ("$'\\u72'm", "rm"),
    ("$'\\x72'm", "rm"),
    ("$'\\x72m'", "rm"),
    ("$'\\0162'", "\x0e2"),
    ("$'\\n\\t'", "\\n\\t"),
    ("$'\\''", "'"),
    ("$'\\\"'", '"'),
    ("$'\\\\'", "\\"),
    ("$'\\e\\E\\a\\b'", "\x1b\x1b\a\b"),
    ("$'\\cA\\ca'", "\x01\x01"),
    ("$'\\c?'", "\x7f"),
    ("$'\\q'", "\\q"),
    ("$'\\xg'", "\\xg"),
    ("$'a\\0b'", "a"),
    ("$'a\\x00b'c", "ac"),
    ("$'a\\u0000b'", "a"),
    ("$'\\xc3\\xa4'", "\u00e4"),
    ("$'\\400'x", "x"),
    ("$''", "''"),
    ("\"$'a'\"", "$'a'"),
    ('$"a b"', "a_b"),
    ('$"a $x"', "a_?"),
    ('$""', "''"),
]

EXPANSIONS = [
    ("$x", "??"),
    ('"$x"', "?"),
    ("${x}", "??"),
    ('"a$x"', "a?"),
    ('"${x}a"', "?a"),
    ('"a$x/b"', "a?/b"),
    ('"$x$y"', "?"),
    ("a$x", "a? ??"),
    ("$x/b", "??"),
    ("a${x}b", "a? ??"),
    ("'a'$x", "a? ??"),
    ('"a $x"', "a_?"),
    ("$@ $*", "?? ??"),
    ('"$@"', "??"),
    ('"$*"', "?"),
    ('"a$@"', "a? ??"),
    ("$1 ${10}", "?? ??"),
    ('"$1"', "?"),
    ("$# $? $$ $!", "? ? ? ??"),
    ("${#x}", "?"),
    ("${x:-a} ${x:+a} ${x-a}", "?? ?? ??"),
    ('"${x:-a b}"', "?"),
    ("${x%.*} ${x##*/} ${x//a/b} ${x^^} ${x,,}", "?? ?? ?? ?? ??"),
    ('"${x%.*}"', "?"),
    ("${x:1:2} ${x: -1}", "?? ??"),
    ("${!x} ${!x*} ${x@Q}", "?? ?? ??"),
    ("${a[1]} ${a[@]}", "?? ??"),
    ('"${a[@]}" "${a[*]}" "${a[1]}"', "?? ? ?"),
    ('"${x:-${y:-${z:-a}}}"', "?"),
    ("$((1 + 2)) a$((1))b", "? a?b"),
    ("$[1 + 1]", "?"),
    ("$(id)", "??"),
    ('"$(id)"', "?"),
    ('"a$(id)b"', "a?b"),
    ("`id`", "??"),
    ('"`id`"', "?"),
    ("<(id)", "/dev/fd/63"),
    ("${x}{a,b}", "?? ??"),
    ('"$x"{a,b}', "?a ?b"),
]

OUTPUTS = [
    ("$(echo a b)", "a b"),
    ('"$(echo a b)"', "a_b"),
    ('"$(echo "a b")"', "a_b"),
    ("`echo a`", "a"),
    ("\"`echo 'a b'`\"", "a_b"),
    ('"`echo \\"a b\\"`"', "a_b"),
    ("a$(echo b)c", "abc"),
    ("$(echo)", ""),
]

BRACES = [
    ("{a,b}", "a b"),
    ("{a,b}{c,d}", "ac ad bc bd"),
    ("x{a,b}y", "xay xby"),
    ("{a,{b,c}}x", "ax bx cx"),
    ("{{a,b},c}", "a b c"),
    ("{a,}", "a"),
    ("x{,y}", "x xy"),
    ("{1..3}", "1 2 3"),
    ("{3..1}", "3 2 1"),
    ("{-1..1}", "-1 0 1"),
    ("{01..03}", "01 02 03"),
    ("{1..010..4}", "001 005 009"),
    ("{1..10..3}", "1 4 7 10"),
    ("{a..c}", "a b c"),
    ("{c..a}", "c b a"),
    ("{a..e..2}", "a c e"),
    ("{a..b}{1..2}", "a1 a2 b1 b2"),
    ("{a}", "{a}"),
    ("{}", "{}"),
    ("{a,b", "{a,b"),
    ("a,b}", "a,b}"),
    ("{1..a}", "{1..a}"),
    ("{a..}", "{a..}"),
    ("\\{a,b}", "{a,b}"),
    ("{a\\,b}", "{a,b}"),
    ("'{a,b}'", "{a,b}"),
    ('"{a,b}"', "{a,b}"),
    ("{'a b',c}", "a_b c"),
    ("{$x,b}", "?? b"),
    ("{a,$(echo b)}", "a b"),
    ("~/{a,b}", "~/a ~/b"),
    ("{*.a,b}", "glob(*.a) b"),
]

TILDES = [
    ("~", "~"),
    ("~/x", "~/x"),
    ("~root", "~root"),
    ("~root/x", "~root/x"),
    ("$HOME", "~"),
    ('"$HOME"', "~"),
    ('"$HOME/x"', "~/x"),
    ("${HOME}/x", "~/x"),
    ("'$HOME'", "$HOME"),
    ("a~", "a~"),
    ("a/~", "a/~"),
    ("~+", "?"),
    ("~$x", "??"),
]

GLOBS = [
    ("*", "glob(*)"),
    ("*.log", "glob(*.log)"),
    ("/srv/*.log", "glob(/srv/*.log)"),
    ("a?b", "glob(a?b)"),
    ("[ab]c", "glob([ab]c)"),
    ("/srv/*/'x y'", "glob(/srv/*/x_y)"),
    ("'*'*", "glob(\\**)"),
    ("~/*.log", "glob(~/*.log)"),
    ('"*"', "*"),
    ("'*'", "*"),
    ("a\\*b", "a*b"),
    ("'['a]", "[a]"),
    ("[a", "[a"),
    ("['!'a]", "glob([\\!a])"),
    ("[a'-'c]", "glob([a\\-c])"),
    ("'!'*", "glob(!*)"),
    ("~*", "??"),
]

# `x` holds the first column
VALUES = [
    # assigned, written, what the program gets
    ("a", "$x", "a"),
    ("a", "${x}b", "ab"),
    ("a", "$xb", "??"),
    ("a", '"$x$x"', "aa"),
    ("'a b'", "$x", "a b"),
    ("'a b'", '"$x"', "a_b"),
    ("'a b'", "p$x", "pa b"),
    ("'a b'", '"p${x}q"', "pa_bq"),
    ("'a b'", "$x$x", "a ba b"),
    ("' a '", "p$x.q", "p a .q"),
    ("'a\tb\nc'", "$x", "a b c"),
    ("''", "$x", ""),
    ("''", '"$x"', "''"),
    ("''", "a$x", "a"),
    ("'*.log'", "$x", "glob(*.log)"),
    ("'*.log'", '"$x"', "*.log"),
    ("*.log", "$x", "glob(*.log)"),
    ("'{a,b}'", "$x", "{a,b}"),
    (r"'\*'", "$x", "??"),
    (r"'\*'", '"$x"', r"\*"),
    (r"'a\b'", "$x", "a?"),
    (r"'a\b'", "$x*", "a??"),
    ("a", "${x:+~}", "~"),
    ("a", "${x:+~/b}", "~/b"),
    ("a", '"${x:+~}"', "~"),
    ("", "${x:-~}", "~"),
    ("", "${!#}", "??"),
    ("{a,b}", "$x", "{a,b}"),
    ("'~/a'", "$x", "~/a"),
    ("'$y'", "$x", "$y"),
    ("'a b'", "${x:-c}", "a b"),
    ("a", "${x:+c d}", "c d"),
    ("a", '"${x:+c d}"', "c_d"),
    ("''", "${x:-c}", "c"),
    ("''", "${x-c}", ""),
    ("''", "${x:-'c d'}", "c_d"),
    ("''", "${x:-c d}", "c d"),
    ("''", '"${x:-c d}"', "c_d"),
    ('"a$y"', '"$x"', "a?"),
    ('"a$y"', "$x", "a? ??"),
    ("$(echo a)", "$x", "a"),
    ("$(id)", '"$x"', "?"),
    ("(a b)", "$x", "a"),
    ("(a b)", "${x[1]}", "b"),
    ("(a b)", '"${x[@]}"', "a b"),
    ("(a b)", '"${x[*]}"', "a_b"),
    ("('a b' c)", '"${x[@]}"', "a_b c"),
    ("('a b' c)", "${x[@]}", "a b c"),
    ("(a b)", '"p${x[@]}q"', "pa bq"),
    ("()", '"${x[@]}"', ""),
    ("a", "${x/a/b} ${x^^} ${x:0:1} ${x%a}", "?? ?? ?? ??"),
]


@pytest.mark.parametrize(
    ("written", "expected"),
    [*QUOTING, *ANSI_C, *EXPANSIONS, *OUTPUTS, *BRACES, *TILDES, *GLOBS],
)
def test_a_word_becomes_the_words_that_bash_makes_of_it(written: str, expected: str) -> None:
    assert words(f"echo {written}") == expected.split()


@pytest.mark.parametrize(("assigned", "written", "expected"), VALUES)
def test_a_value_that_the_text_fixes_is_expanded(
    assigned: str, written: str, expected: str
) -> None:
    assert words(f"x={assigned}; echo {written}") == expected.split()


@pytest.mark.parametrize("written", ["~", "~/x", "~root/x", "$HOME", '"$HOME/x"', "~/*.log"])
def test_what_begins_with_the_home_directory_says_so(written: str) -> None:
    (action,) = actions(f"echo {written}")
    assert isinstance(action.does, Command)
    assert action.does.words[1].home
    assert action.does.words[1].value is None


@pytest.mark.parametrize("written", ['"~"', "'~/x'", "\\~/x", "a~", "'$HOME'"])
def test_a_quoted_tilde_is_no_home_directory(written: str) -> None:
    (action,) = actions(f"echo {written}")
    assert isinstance(action.does, Command)
    assert not action.does.words[1].home


PATTERNS = [
    # written, prefix, suffix
    ("*", "", ""),
    ("*.log", "", ".log"),
    ("/srv/*.log", "/srv/", ".log"),
    ("/srv/a?b", "/srv/a", "b"),
    ("/srv/[ab]", "/srv/", ""),
    ("/srv/*/'x y'", "/srv/", "/x y"),
    ("'/srv/'*'.log'", "/srv/", ".log"),
    ("/srv/['ab']", "/srv/", ""),
    ("/srv/['ab']'x y'", "/srv/", "x y"),
]


@pytest.mark.parametrize(("written", "prefix", "suffix"), PATTERNS)
def test_a_pattern_keeps_what_every_name_begins_and_ends_with(
    written: str, prefix: str, suffix: str
) -> None:
    (action,) = actions(f"echo {written}")
    assert isinstance(action.does, Command)
    word = action.does.words[1]
    assert (word.kind, word.prefix, word.suffix) == (WordKind.PATTERN, prefix, suffix)
    assert word.many


def test_another_separator_makes_unquoted_values_unknown() -> None:
    assert words('IFS=,; x=a,b; echo $x "$x"') == ["??", "a,b"]


def test_a_word_stands_where_it_is_written() -> None:
    text = "echo  'a b'  \"$x\"$y  {c,d}"
    (action,) = actions(text)
    assert isinstance(action.does, Command)
    assert [text[slice(*word.span)] for word in action.does.words] == [
        "echo",
        "'a b'",
        '"$x"$y',
        "{c,d}",
        "{c,d}",
    ]
