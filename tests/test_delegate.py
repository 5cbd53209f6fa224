"""What a command runs: other commands, shell text, SQL, code that nobody has seen."""

from __future__ import annotations

import pytest
from vectors import CURL, FILE, TEXT, UNKNOWN_TEXT, options, reading, rules, runs, texts, words

from policy.parse.argv import read
from policy.plan import (
    INHERITED,
    Input,
    InputKind,
    OpaqueKind,
    Redirect,
    RedirectKind,
    WordKind,
    static,
)

# What is run ------------------------------------------------------------------------------

RUNS = [
    # command, what runs, whether the command is nothing besides
    ("as list -l x", ["list -l x"], True),
    ("as -u root list", ["list"], True),
    ("as A=1 B=2 list x", ["list x"], True),
    ("as -E list", ["list"], False),
    ("as --frob list", ["list"], False),
    ("as --frob x list -l", ["x list -l", "list -l"], False),  # x may be its value
    ("as -n", [], False),
    ("as A=1", [], False),
    ("limit 5 list -l", ["list -l"], True),
    ("limit 5", [], False),
    ("setenv -S ls_-l", ["shell: ls -l"], False),
    ("box exec web list -l", ["list -l"], True),
    ("box exec -it -e A=1 web list -l", ["list -l"], True),
    ("box exec -v /:/host web list", ["list"], False),
    ('box exec -e $"x" web list', ["list"], False),
    ("box exec web", [], False),
    ("feed remove -f", ["remove -f …"], True),
    ("feed -0 -n 1 remove", ["remove …"], True),
    ("feed -I % copy % %.bak", ["copy % %.bak"], True),
    ("feed -i copy {} x", ["copy {} x"], True),
    ('feed -I $"x" copy a', ["copy a"], True),
    ("feed", [], False),
    ("remote host list -l", ["shell: list -l"], True),
    ("remote host ls_-l_|_wc", ["shell: ls -l | wc"], True),
    ("remote -p 22 host list", ["shell: list"], True),
    ("remote -o X host list", ["shell: list"], False),
    ('remote host list $"x"', ['shell!: list $"x"'], True),
    ("remote host list ~/x", ["shell: list ~/x"], True),
    ("remote host list *.txt", ["shell!: list *.txt"], True),
    ("every -n 5 list -l", ["shell: list -l"], True),
    ("every -x list -l", ["list -l"], True),
    ("sh -c ls_-l", ["shell: ls -l"], True),
    ("sh -ec ls_-l _ a", ["shell: ls -l"], True),
    ("sh -c -e ls_-l", ["shell: ls -l"], True),
    ("sh -o pipefail -c ls", ["shell: ls"], True),
    ('sh -c $"x"', ['shell!: $"x"', "unseen: unseen-code"], False),
    ('sh -c -- $"x"', ['shell!: $"x"'], True),
    ("sh -c", ["unseen: unseen-code"], False),
    ("sh script.sh", [], False),
    ("sh --version", [], False),
    ("py -c print", [], False),
    ('py -c $"x"', ["unseen: dynamic-code"], False),
    ("py script", [], False),
    ("db -c SELECT_1", ["sql: SELECT 1"], True),
    ("db --command=SELECT_1 -d app", ["sql: SELECT 1"], True),
    ("db -c SELECT_1 -c SELECT_2", ["sql: SELECT 1", "sql: SELECT 2"], True),
    ("db -c SELECT_1 -o out", ["sql: SELECT 1"], False),
    ("db -c SELECT_1 -f a.sql", ["sql: SELECT 1"], False),
    ('db -c SELECT_$"x"', ['sql!: SELECT $"x"'], True),
    ("pack -x --to-command=list_-l -f a", ["shell: list -l"], False),
    ("nick ll=ls_-l x", ["shell: ls -l"], True),
    ('nick -- ll=$"x"', ['shell!: $"x"'], True),
    ('nick -- $"x"', ['shell!: $"x"'], True),
    ("seek . -name x -exec list -l {} ;", ["list -l {}"], False),
    ("seek . -exec list {} +", ["list {}"], False),
    ("seek . -exec list + -l ;", ["list + -l"], False),  # `+` ends it only behind `{}`
    ("seek . -exec list ; -ok remove {} ;", ["list", "remove {}"], False),
    ("seek . -exec list -l", ["list -l"], False),
    ("seek . -name -exec list ;", [], False),
    ("seek . -exec ;", [], False),
    ("hunt -H x -x remove -f", ["remove -f …"], False),
    ("hunt -Hx remove {}", ["remove {}"], False),
    ("hunt x --exec=remove -f ; -H", ["remove -f …"], False),
]


@pytest.mark.parametrize(("text", "expected", "silent"), RUNS)
def test_what_a_command_runs(text, expected, silent):
    found = reading(text)
    assert (runs(found), found.silent) == (expected, silent)


UNCERTAIN_RUNS = [
    # where it begins if every word is one, and every word of the text at which it may begin
    ("as $x remove -r /", ["$x remove -r /", "remove -r /"]),
    ('as $"x" remove -r /', ['$"x" remove -r /', "remove -r /"]),
    ('setenv -- $"x" remove -r /', ['$"x" remove -r /', "remove -r /"]),  # $x may be A=1
    ('setenv A=$"x" remove', ["remove"]),
    ("setenv A=$x remove", ["remove"]),
    ("setenv /a=b remove", ["/a=b remove", "remove"]),
    ('as -u $"x" list', ["list"]),
    ("as -u $x list", ["list"]),
    ("as -u $x y remove -r /", ["y remove -r /", "remove -r /"]),
    ("limit $x 5 remove /", ["5 remove /", "remove /"]),
    ('limit 5 $"x" y', ['$"x" y']),
    ("limit -- $x list", ["list"]),
    ("remote -- $x list x", ["shell: list x", "shell: x"]),
    ('remote -- $"x" list -l', ["shell: list -l"]),
    ('remote $"x" list', ["shell: list"]),
    ("feed $x", ["$x …"]),
    ("box exec web -- list -l", ["list -l"]),
    ("limit 5 --", []),
    ("sh $x ls_-l", ["shell!: $x", "shell: ls -l", "unseen: unseen-code"]),
]


@pytest.mark.parametrize(("text", "expected"), UNCERTAIN_RUNS)
def test_every_place_where_an_inner_command_may_begin_counts(text, expected):
    assert runs(reading(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "as $x list",
        "as -- $x list",
        "as -u $x list",
        "limit $x list",
        "limit -- $x list",
        "setenv -- A=$x list",
        'remote $"x" list',
        "remote -- $x list",
        'box exec $"x" list',
    ],
)
def test_a_wrapper_in_which_the_command_may_begin_elsewhere_is_not_silent(text):
    assert not reading(text).silent


def test_a_redirect_keeps_a_wrapper_from_being_silent():
    target = Redirect(RedirectKind.WRITE, static("x"), "1", (0, 0))
    other = Redirect(RedirectKind.DUPLICATE, static("1"), "2", (0, 0))
    assert not read(words("as list"), rules(), redirects=[target]).silent
    assert read(words("as list"), rules(), redirects=[other]).silent


def test_inner_options_belong_to_the_inner_command():
    found = reading("seek . -exec remove -r {} ; -print").command
    assert options(reading("seek . -exec remove -r {} ; -print")) == "-exec -print"
    assert texts(found.operands) == "."
    assert texts(found.reads) == "."


def test_an_unknown_word_in_a_group_may_end_it():
    assert reading("seek . -exec list $x {} ;").command.open_options
    assert reading('seek . -exec list $"x" -delete ;').command.open_options
    assert not reading('seek . -exec list -l $"x" {} ;').command.open_options


PLACEHOLDERS = [
    # command, the word at this place, its prefix and suffix, whether it may be many
    ("feed -I % copy %", 1, "", "", False),
    ("feed -I % copy a/%.bak", 1, "a/", ".bak", False),
    ("feed -I % sh -c rm_%", 2, "rm ", "", False),
    ("feed copy", 1, "", "", True),
    ("seek . -exec list {} ;", 1, "", "", False),
    ("seek . -exec list {} +", 1, "", "", True),
    ("seek . -exec list a{}b ;", 1, "a", "b", False),
]


@pytest.mark.parametrize(("text", "index", "prefix", "suffix", "many"), PLACEHOLDERS)
def test_placeholders_become_unknown_words(text, index, prefix, suffix, many):
    word = reading(text).runs[0].words[index]
    assert word.kind is WordKind.DYNAMIC
    assert (word.prefix, word.suffix, word.many) == (prefix, suffix, many)


def test_assignments_reach_what_is_run():
    (run,) = reading("as A=1 B= list").runs
    made = [(a.name, a.value.text, a.exported) for a in run.assignments]
    assert made == [("A", "1", True), ("B", "", True)]
    (inner,) = reading("box exec -e A=1 web list").runs
    assert [(a.name, a.value.text) for a in inner.assignments] == [("A", "1")]


def test_an_option_places_what_is_run_in_a_directory():
    found = reading("setenv -C /srv list")
    assert found.directory is None
    assert found.runs[0].directory is not None
    assert found.runs[0].directory.text == "/srv"


STEPS = [
    # command, label, target, user, effects, score
    ("as list", "as", None, None, ("privilege",), 10),
    ("as -u bob list", "as -u bob", None, "bob", ("privilege",), 10),
    ("as --user=bob list", "as --user bob", None, "bob", ("privilege",), 10),
    ("remote host ls", "remote host", "host", None, ("network",), 0),
    ("box exec -u root web ls", "box exec -u root web", "web", "root", ("container",), 0),
    ("sh -ec ls", "sh -c", None, None, (), 0),
    ("db --command=x", "db --command", None, None, (), 0),
    ("seek . -exec ls ;", "seek -exec", None, None, (), 0),
]


@pytest.mark.parametrize(("text", "label", "target", "user", "effects", "score"), STEPS)
def test_a_step_says_where_and_as_whom(text, label, target, user, effects, score):
    via = reading(text).runs[0].via
    assert via.program == text.split()[0]
    assert (via.label, via.effects, via.score) == (label, effects, score)
    assert (via.target.text if via.target else None) == target
    assert (via.user.text if via.user else None) == user


# Standard input ---------------------------------------------------------------------------

STDIN = [
    # command, input, what runs, silent
    ("sh", TEXT, ["shell: ls -l"], True),
    ("sh -s a b", TEXT, ["shell: ls -l"], True),
    ("sh -", TEXT, ["shell: ls -l"], False),
    ("sh /dev/stdin", CURL, ["unseen: unseen-code"], False),
    ("sh", UNKNOWN_TEXT, ["shell!: $x"], True),
    ("sh", FILE, [], False),
    ("sh", CURL, ["unseen: unseen-code"], False),
    ("sh", INHERITED, ["unseen: unseen-code"], False),
    ("sh -s -- x", CURL, ["unseen: unseen-code"], False),
    ("sh file", CURL, [], False),
    ("sh -c ls", CURL, ["shell: ls"], True),
    ("sh --version", CURL, [], False),
    ("py", TEXT, [], False),
    ("py", UNKNOWN_TEXT, ["unseen: dynamic-code"], False),
    ("py", CURL, ["unseen: unseen-code"], False),
    ("py - x", CURL, ["unseen: unseen-code"], False),
    ("py file", CURL, [], False),
    ("lang -e print", CURL, [], False),
    ("lang -m module", CURL, [], False),
    ("lang -s arg", CURL, ["unseen: unseen-code"], False),
    ("lang -r library", CURL, ["unseen: unseen-code"], False),
    ("lang file", CURL, [], False),
    ("lang -e print file", CURL, [], False),
    ("tool file", CURL, [], False),
    ("tool -v", CURL, ["unseen: unseen-code"], False),
    ("db", TEXT, ["sql: ls -l"], True),
    ("db -d app", CURL, ["unseen: unseen-code"], False),
    ("db -c SELECT_1", CURL, ["sql: SELECT 1"], True),
    ("db -f -", CURL, ["unseen: unseen-code"], False),
    ("remote host", TEXT, ["shell: ls -l"], True),
    ("remote host sh", TEXT, ["shell: sh"], True),
    ("dot /dev/stdin", CURL, ["unseen: unseen-code"], False),
    ("dot /dev/stdin", TEXT, ["unseen: unseen-code"], False),
]


@pytest.mark.parametrize(("text", "source", "expected", "silent"), STDIN)
def test_standard_input_that_is_run(text, source, expected, silent):
    found = reading(text, source)
    assert (runs(found), found.silent) == (expected, silent)


def test_a_file_that_is_run_from_standard_input_is_read():
    assert texts(reading("sh", FILE).command.reads) == "in.txt"


def test_unseen_code_names_where_it_comes_from():
    opaque = reading("sh", CURL).runs[0].opaque
    assert opaque is not None
    assert opaque.kind is OpaqueKind.UNSEEN_CODE
    assert opaque.message == ("sh runs what it reads from standard input, which comes from `curl`")


INNER_INPUT = [
    ("as sh", TEXT, TEXT),
    ("remote host sh", TEXT, TEXT),
    ("sh -c sh", TEXT, TEXT),
    ("seek . -exec sh ;", TEXT, TEXT),
    # what feeds the inner command isn't what feeds the outer one
    ("feed sh", TEXT, Input(InputKind.PIPE)),
    ("feed sh", INHERITED, Input(InputKind.PIPE)),
    ("sh", TEXT, Input(InputKind.PIPE)),
    ("pack -x --to-command=sh -f a", TEXT, Input(InputKind.PIPE)),
]


@pytest.mark.parametrize(("text", "source", "expected"), INNER_INPUT)
def test_the_input_of_what_is_run(text, source, expected):
    assert reading(text, source).runs[0].input == expected
