"""How the words of a command are read, from declarations alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectors import CURL, FILE, TEXT, UNKNOWN_TEXT, options, reading, rules, texts, words

from policy.parse.argv import Reading, read
from policy.plan import (
    INHERITED,
    Input,
    InputKind,
    Redirect,
    RedirectKind,
    Word,
    WordKind,
    dynamic,
    static,
)

# Options ----------------------------------------------------------------------------------

OPTIONS = [
    # command, options, operands
    ("list -la /srv", "-l -a", "/srv"),
    ("list -l /srv -a", "-l -a", "/srv"),
    ("list --all", "-a", ""),
    ("list -w 5 x", "-w=5", "x"),
    ("list -w5 x", "-w=5", "x"),
    ("list -law 5 x", "-l -a -w=5", "x"),
    ("list -law5 x", "-l -a -w=5", "x"),
    ("list -w=5", "-w==5 -w=5", ""),  # both ways in which programs take it
    ("list --width 5 x", "-w=5", "x"),
    ("list --width=5 x", "-w=5", "x"),
    ("list --width=", "-w=", ""),
    ("list --all=x", "-a=x", ""),
    ("list -w", "-w", ""),
    ("list -w -- -l", "-w=-- -l", ""),
    ("list --color always", "--color", "always"),
    ("list --color=always", "--color=always", ""),
    ("list -I x", "-I", "x"),
    ("list -Ix", "-I=x", ""),
    ("list -- -l --all", "", "-l --all"),
    ("list - x", "", "- x"),
    ("list +x", "", "+x"),
    ("list +e", "+e", ""),
    ("list ~/x", "", "~/x"),
    ("list -lqa", "-l -q? -a", ""),
    ("list --nothing=5 x", "--nothing?=5", "x"),
    ("list -q=5 x", "-q?=5", "x"),
    # abbreviations: what they stand for, and an option that nothing declares
    ("list --wid 5 x", "-w=5 --wid?", "x"),
    ("list --out=x", "-o=x --out?=x", ""),
    ("list --so=x", "--sort=x --so?=x", ""),
    ("list --s x", "--sort --since --show --s?", "x"),
    # numbers
    ("first -5 x", "-NUMBER=5", "x"),
    ("first -n -5", "-n=-5", ""),
    ("first -NUMBER", "-N? -U? -M? -B? -E? -R?", ""),
    ("list -5", "-5?", ""),
    ("first -20q x", "-NUMBER=20 -q?", "x"),
    ("first -q20", "-q? -NUMBER=20", ""),
    # the first operand ends them
    ("limit -s KILL 5 list -s x", "-s=KILL", "5 list -s x"),
    ("remote -p 22 host -v list -v", "-p=22 -v", "host list -v"),
    ("as A=1 -n list", "-n", "A=1 list"),
    # style single-dash
    ("seek . -name x -print", "-name=x -print", "."),
    ("seek . --name=x", "-name=x", "."),
    ("seek . -nam x", "-nam?", ". x"),
    ("cloud -var a=b apply --auto-approve", "-var=a=b -auto-approve", ""),
    # style bundled
    ("pack xzf a.tgz dir", "-x -z -f=a.tgz", "dir"),
    ("pack xfz a.tgz dir", "-x -f=a.tgz -z", "dir"),
    ("pack xfb a.tgz 20 dir", "-x -f=a.tgz -b=20", "dir"),
    ("pack -xf a.tgz xz", "-x -f=a.tgz", "xz"),
    ("pack xq", "-x -q?", ""),
    # style none
    ("plain -n -- --x", "", "-n -- --x"),
    ("py -c print -u x", "-c=print", "-u x"),
    ("py -uc print -u", "-u -c=print", "-u"),
]


@pytest.mark.parametrize(("text", "used", "operands"), OPTIONS)
def test_options_are_read_as_declared(text, used, operands):
    found = reading(text)
    assert (options(found), texts(found.command.operands)) == (used, operands)
    assert not found.command.open_options


def test_an_option_has_every_spelling_and_its_markers():
    (use,) = reading("list -o x").command.options
    assert (use.names, use.markers, use.span) == (("-o", "--output"), ("writes",), (5, 7))


def test_a_value_behind_a_prefix_knows_its_place():
    (use,) = reading("list --output=a/b").command.options
    assert use.value is not None
    assert use.value.span == (14, 17)


SUBCOMMANDS = [
    # command, subcommands, options, declarations that apply
    ("vcs log --oneline -5", "log", "--oneline -NUMBER=5", 2),
    ("vcs -C /srv log", "log", "-C=/srv", 2),
    ("vcs log --verbose", "log", "--verbose", 2),
    ("vcs log -C x", "log", "-C?", 2),
    ("vcs remote add -t x --verbose", "remote add", "-t=x --verbose", 3),
    ("vcs remote frob -t x", "remote frob", "-t?", 2),
    ("vcs frob -f --verbose", "frob", "-f? --verbose", 1),
    ("vcs -- log --oneline", "log", "--oneline", 2),
    ("vcs", "", "", 1),
]


@pytest.mark.parametrize(("text", "path", "used", "depth"), SUBCOMMANDS)
def test_subcommands_follow_the_options_of_their_level(text, path, used, depth):
    found = reading(text)
    assert (" ".join(found.command.subcommands), options(found)) == (path, used)
    assert len(found.chain) == depth


def test_an_undeclared_option_may_take_what_looks_like_the_subcommand():
    found = reading("vcs --frob log push --force").command
    assert found.subcommands == ("log",)
    assert found.open_options


UNKNOWN_PROGRAMS = [
    ("frob --now -abc=x y", "--now? -abc?=x", "y"),
    ("frob -- -x", "", "-x"),
    ("/opt/bin/frob -x", "-x?", ""),
    ("./", "", ""),
]


@pytest.mark.parametrize(("text", "used", "operands"), UNKNOWN_PROGRAMS)
def test_options_of_an_unknown_program_are_guessed(text, used, operands):
    found = reading(text)
    assert (options(found), texts(found.command.operands)) == (used, operands)
    assert not found.command.known
    assert found.chain == ()


@pytest.mark.parametrize(
    ("text", "program"),
    [("/bin/list -l", "list"), ("pluggable-v2 -x", "pluggable-v2"), ("../x/list", "list")],
)
def test_programs_are_known_by_their_base_name(text, program):
    found = reading(text).command
    assert (found.program, found.known) == (program, True)


# Words known only at run time -------------------------------------------------------------

OPEN = [
    # command, options, operands, whether some word may be any option
    ('list $"x"', "", '$"x"', True),
    ('list ./$"x"', "", './$"x"', False),
    ("list ./$x", "", "./$x", True),  # its second word may be an option
    ('list -- $"x"', "", '$"x"', False),
    ("list -- $x", "", "$x", False),
    ("list *.txt", "", "*.txt", True),
    ("list a*", "", "a*", False),
    ('list --output=$"x"', '-o=$"x"', "", False),
    ("list --output=a$x", "-o=a$x", "--output=a$x", True),
    ('list --outp=$"x"', '-o=$"x" --outp?=$"x"', "", False),
    ('list --out$"x"', "", "", True),
    ('list -la$"x"', "-l -a", "", True),
    ('list -w$"x"', '-w=$"x"', "", True),  # empty, it takes the next word
    ('list -w5$"x"', '-w=5$"x"', "", False),
    ('list -$"x"', "", '-$"x"', True),
    ('list -w $"x" y', '-w=$"x"', "y", False),
    ("list -w $x y", "-w=$x", "y", True),
    ('seek . -name=$"x"', '-name=$"x"', ".", False),
    ('seek . -na$"x"', "", ".", True),
    ('pack $"x" a', "", '$"x" a', True),
    ('plain $"x"', "", '$"x"', False),
    ('frob $"x"', "", '$"x"', True),
    ('vcs $"x" push --force', "--force?", '$"x" push', True),
    ('vcs log $"x"', "", '$"x"', True),
    ('vcs log -- $"x"', "", '$"x"', False),
]


@pytest.mark.parametrize(("text", "used", "operands", "may_be_any"), OPEN)
def test_unknown_words_leave_options_open_where_they_may_be_one(text, used, operands, may_be_any):
    found = reading(text)
    assert (options(found), texts(found.command.operands)) == (used, operands)
    assert found.command.open_options is may_be_any


def test_an_unknown_subcommand_selects_nothing():
    assert reading('vcs $"x" push').command.subcommands == ()


# Operands ---------------------------------------------------------------------------------

PATHS = [
    # command, reads, writes, deletes
    ("remove -r a b", "", "", "a b"),
    ("copy a b c", "a b", "c", ""),
    ("copy -t d a b", "a b", "d", ""),
    ("copy a", "", "a", ""),
    ("copy a b $x", "a b $x", "b $x", ""),  # $x may be nothing
    ("copy a b --frob c", "a b", "b c", ""),  # c may be the value of --frob
    ("search pat a b", "a b", "", ""),
    ("search -e pat a", "a", "", ""),
    ("search -f list a", "list a", "", ""),
    ("search --in-place pat a", "a", "a", ""),
    ("uniqlike a b", "a", "b", ""),
    ("uniqlike $x", "$x", "$x", ""),  # $x may be two words
    ("uniqlike *.txt", "*.txt", "*.txt", ""),
    ('uniqlike -- $"x"', '$"x"', "", ""),
    ("uniqlike $x a", "$x a", "$x a", ""),
    ("fetch -d @body u", "body", "", ""),
    ("fetch -d @- u", "", "", ""),
    ("fetch -d a=b u", "", "", ""),
    ('fetch -d $"x" u', '$"x"', "", ""),
    ('fetch -d @a/$"x" u', 'a/$"x"', "", ""),
    ('fetch -d a$"x" u', "", "", ""),
    ("dot ./lib", "./lib", "", ""),
    ("db -f a.sql", "a.sql", "", ""),
]


@pytest.mark.parametrize(("text", "reads", "writes", "deletes"), PATHS)
def test_paths_are_found_where_the_declaration_puts_them(text, reads, writes, deletes):
    found = reading(text).command
    assert (texts(found.reads), texts(found.writes), texts(found.deletes)) == (
        reads,
        writes,
        deletes,
    )


def test_redirects_read_and_write():
    made = [
        Redirect(kind, static(kind.value), "1", (0, 0))
        for kind in (RedirectKind.READ, RedirectKind.APPEND, RedirectKind.READ_WRITE)
    ]
    found = read(words("frob"), rules(), redirects=made).command
    assert (texts(found.reads), texts(found.writes)) == ("read read-write", "append read-write")


def test_redirects_without_a_command_are_a_command_without_a_program():
    target = Redirect(RedirectKind.WRITE, static("x"), "1", (0, 3))
    found = read((), rules(), redirects=[target])
    assert (found.command.program, texts(found.command.writes)) == ("", "x")


def test_urls_are_found():
    assert texts(reading("fetch -s http://a b").command.urls) == "http://a b"
    assert texts(reading("vcs remote add x http://a").command.urls) == "http://a"


DIRECTORIES = [
    ("go /srv", "/srv"),
    ("go -P ~/x", "~/x"),
    ("go", None),
    ("go -", None),
    ("go +1", None),
    ('go $"x"', None),
    ("go a b", "a"),
    ("go /srv/*", None),
]


@pytest.mark.parametrize(("text", "directory"), DIRECTORIES)
def test_the_directory_of_what_follows_is_exact_or_unknown(text, directory):
    found = reading(text).directory
    assert found is not None
    assert (found.text if found.kind is WordKind.STATIC else None) == directory


def test_a_command_may_work_in_another_directory_than_what_follows():
    found = reading("vcs -C /srv log")
    assert found.directory is None
    assert found.within is not None
    assert found.within.text == "/srv"
    nested = reading("vcs -C /srv -C app log").within
    assert nested is not None
    assert nested.kind is WordKind.DYNAMIC


def test_variables_that_become_unknown_are_named():
    assert texts(reading("ask -r -p name: a b").variables) == "a b"


OUTPUTS = [
    ("plain ls -l", None),  # some shells' echo has options
    ("plain ls _ x", "ls   x"),
    ("plain", ""),
    ('plain $"x"', None),
    ("plain a\\x62", None),
    ("say x y", "x y"),
    ("say -n x", None),
    ("list x", None),
    ("plain ~/x", None),
]


@pytest.mark.parametrize(("text", "output"), OUTPUTS)
def test_output_is_known_only_where_the_text_fixes_it(text, output):
    found = reading(text).output
    assert (None if found is None else found.value) == output


# Whatever the words are -------------------------------------------------------------------

PROGRAMS = [*sorted(rules().programs), "frob", ""]
PIECES = ("-", "--", "-c", "-x", "=", "a", "{}", ";", "+", "@", "A=1", "/", "exec", "log", "5", "")
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join) | st.text(max_size=5)
STATIC = st.builds(static, TEXTS)
DYNAMIC = st.builds(
    lambda prefix, suffix, many: dynamic(f"{prefix}$x{suffix}", (0, 0), prefix, suffix, many),
    TEXTS,
    TEXTS,
    st.booleans(),
)
PATTERN = st.builds(lambda text: Word(WordKind.PATTERN, f"{text}*", (0, 0), text, "", True), TEXTS)
HOME = st.builds(lambda text: Word(WordKind.STATIC, f"~{text}", (0, 0), home=True), TEXTS)
ANY_WORD = STATIC | DYNAMIC | PATTERN | HOME
INPUTS = st.sampled_from((INHERITED, TEXT, UNKNOWN_TEXT, FILE, CURL, Input(InputKind.TEXT)))
COMMANDS = st.sampled_from(PROGRAMS).map(static)


@given(COMMANDS | ANY_WORD, st.lists(ANY_WORD, max_size=8), INPUTS)
def test_no_words_raise(program, arguments, source):
    found = read((program, *arguments), rules(), input=source)
    assert found.command.words == (program, *arguments)


def places(found: Reading) -> str:
    """Everything that the words became."""
    command = found.command
    values = [use.value.text for use in command.options if use.value is not None]
    inner = [word.text for run in found.runs for word in run.words]
    return " ".join([texts(command.operands), *command.subcommands, *values, *inner])


@given(COMMANDS, st.lists(st.integers(0, 99), max_size=8), st.data())
def test_every_word_lands_somewhere(program, numbers, data):
    """Words that are no option: among the operands, values, subcommands or inner words."""
    marked = [f"word{i}x{number}" for i, number in enumerate(numbers)]
    filler = st.sampled_from(["-c", "-x", "--all", "-exec", "-I", ";", "--frob", "-o"])
    mixed = []
    for text in marked:
        mixed += data.draw(st.lists(filler, max_size=2))
        mixed.append(text)
    found = read((program, *map(static, mixed)), rules())
    there = places(found).split(" ")
    bundle = {text for text in marked[:1] if mixed[:1] == [text] and program.text == "pack"}
    for text in marked:
        if text in bundle:
            continue
        assert text in there


@given(COMMANDS, st.lists(STATIC, max_size=6), st.booleans())
def test_behind_a_word_that_may_be_an_option_no_wrapper_is_silent(program, arguments, many):
    unknown = dynamic("$x", (0, 2), many=many)
    assert not read((program, unknown, *arguments), rules()).silent
