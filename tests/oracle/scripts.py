r"""Scripts of bash, drawn by Hypothesis from a grammar of it.

A script is drawn for a *construct*, which it certainly holds, among others. Names of programs
mean nothing: in the sandbox none of them does anything, and shells are real. Values are words
that would be code, options, blanks or globs to whoever reads them once more.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy, sampled_from

from oracle.scripts_code import code
from oracle.scripts_errors import failed
from oracle.scripts_evaluated import evaluated
from oracle.scripts_held import held
from oracle.scripts_placed import joined, misspelt, placed
from oracle.scripts_state import STATE
from oracle.scripts_values import VALUES

Maker = Callable[[DrawFn, int], str]

_PROGRAMS = sampled_from(["p1", "p2", "rm", "ls", "cat", "git", "grep", "./run.sh", "/bin/p3"])
_NAMES = sampled_from(["x", "y", "z", "a", "i", "_v", "IFS", "PATH", "HOME", "OPTARG", "REPLY"])
_COMMON = sampled_from(["x", "y", "z", "i"])
_ARRAYS = sampled_from(["arr", "map", "x"])
_FUNCTIONS = sampled_from(["f", "g", "ls", "p1", "cd", "my-fn"])
_LITERALS = sampled_from(
    [
        "a",
        "b.txt",
        "-n",
        "-rf",
        "--",
        "--opt=v",
        "0",
        "17",
        "sub/c.txt",
        "a.b-c_d",
        "/etc/x",
        "+x",
        "x=1",
        "PATH=/x",
        "if",
        "done",
        "in",
        "{",
        "}",
        "!",
        "[",
        "]",
        "]]",
        "time",
        "@",
        "%s",
        ",",
    ]
)
_HOT = sampled_from(
    [
        "rm x",
        "p1;p2",
        "$(p1 q)",
        "`p2`",
        "a b  c",
        "*.txt",
        "-rf",
        "",
        " ",
        "\t",
        "a\nb",
        "~",
        "x",
        "arr[$(p1 s)]",
        "{a,b}",
        "p1 | p2",
        ">out",
        "$x",
        "\\",
        "&& p1",
        "#",
        "é",
        "3",
        "ls -l",
    ]
)
_TEXTS = sampled_from(["a", "b c", "", "*", ";", "|", "&", "<", ">", "(", ")", "#", "~", "{a,b}"])
_ANSI = sampled_from(
    [
        r"$'a\x62'",
        r"$'\x72\x6d'",
        r"$'\n'",
        r"$'a\'b'",
        r"$'\101\u0042'",
        r"$'\cA'",
        r"$'\e[1m'",
        r"$'x\\y'",
        r"$'\"'",
        r"$'a\0b'",
        "$''",
        r"$'\t'",
        r"$'\U0001F600'",
    ]
)
_OPERATORS = sampled_from([";", "\n", " && ", " || ", "; ", "\n\n", ";\n# p9 '\n", " \\\n&& "])
_PIPES = sampled_from([" | ", " |& ", "|", " |\n "])
_NUMBERS = sampled_from(["0", "1", "2", "x", "i", "$x", "${#x}", "x++", "-1", "0x1F", "08", "i=3"])


def _either(draw: DrawFn, *makers: Maker | str, depth: int) -> str:
    chosen = draw(sampled_from(makers))
    return chosen if isinstance(chosen, str) else chosen(draw, depth)


def _some(draw: DrawFn, maker: Maker, depth: int, low: int, high: int, between: str = "") -> str:
    return between.join(maker(draw, depth) for _ in range(draw(st.integers(low, high))))


# Words -------------------------------------------------------------------------------------


def _word(draw: DrawFn, depth: int) -> str:
    return _some(draw, _piece, depth, 1, draw(sampled_from([1, 1, 2, 3])))


def _piece(draw: DrawFn, depth: int) -> str:
    plain: list[Maker | str] = [_literal, _literal, _single, _escaped, _ansi, _parameter, _glob]
    if depth > 0:
        plain += [_double, _double, _substitution, _expansion, _braces, _arithmetic, _tilde]
    return _either(draw, *plain, depth=depth)


def _literal(draw: DrawFn, depth: int) -> str:
    return draw(_LITERALS)


def _single(draw: DrawFn, depth: int) -> str:
    return "'" + draw(_HOT).replace("'", "") + "'"


def _escaped(draw: DrawFn, depth: int) -> str:
    return "\\" + draw(sampled_from(["a", " ", "$", '"', "'", "\\", ";", "\n", "*", "~", "#", "`"]))


def _ansi(draw: DrawFn, depth: int) -> str:
    return draw(_ANSI)


def _glob(draw: DrawFn, depth: int) -> str:
    return draw(sampled_from(["*", "*.txt", "?.log", "[ab]*", "sub/*", "[!a]*", "nope*", "-*"]))


def _tilde(draw: DrawFn, depth: int) -> str:
    return draw(sampled_from(["~", "~/x", "~app/y", "~+", "~-", "x=~", "~nobody", "a:~"]))


def _double(draw: DrawFn, depth: int) -> str:
    return '"' + _some(draw, _quoted, depth - 1, 0, 3) + '"'


def _quoted(draw: DrawFn, depth: int) -> str:
    text: Maker = lambda draw, depth: draw(_TEXTS)  # noqa: E731  # a piece like the others
    escape = draw(sampled_from([r"\"", r"\$", r"\\", r"\`", r"\a", "\\\n", "'", "!"]))
    makers: list[Maker | str] = [text, text, escape, _parameter]
    if depth > 0:
        makers += [_substitution, _expansion, _arithmetic]
    return _either(draw, *makers, depth=depth)


def _parameter(draw: DrawFn, depth: int) -> str:
    special = sampled_from(["$1", "$@", "$*", "$#", "$?", "$_", "$0", "${@}", "${*}", "$-", "$$"])
    name = draw(_COMMON)
    return draw(sampled_from([f"${name}", f"${{{name}}}", f"${{#{name}}}", draw(special)]))


def _expansion(draw: DrawFn, depth: int) -> str:
    """`${…}` with an operator, whose word is a word again."""
    name = draw(sampled_from([draw(_COMMON), "1", "@", "*", "!x", "arr[0]", "arr[@]", "map[k]"]))
    word = _some(draw, _piece, depth - 1, 0, 2)
    other = _some(draw, _piece, depth - 1, 0, 1)
    number = draw(_NUMBERS)
    operators = [f":-{word}", f"-{word}", f":={word}", f":+{word}", f"+{word}", f":?{word}"]
    operators += [f"#{word}", f"##{word}", f"%{word}", f"%%{word}", f"/{word}/{other}", f"//{word}"]
    operators += [
        f":{number}",
        f":{number}:{number}",
        "^^",
        ",,",
        "^",
        "@Q",
        "@P",
        "@E",
        "@A",
        "@U",
    ]
    operators += [f"/#{word}/{other}", f"/%{word}/{other}", "@a", "@L", "@K", f"[{number}]", "~~"]
    return f"${{{name}{draw(sampled_from(operators))}}}"


def _substitution(draw: DrawFn, depth: int) -> str:
    inner = _commands(draw, depth - 1)
    kind = draw(sampled_from(["$", "$", "`", "<", ">", "read"]))
    if kind == "`":
        return "`" + inner.replace("\\", "\\\\").replace("`", "\\`").replace("$", "\\$") + "`"
    if kind == "read":
        return f"$(< {_word(draw, 0)})"
    return f"{kind}({draw(sampled_from(['', ' ']))}{inner}{draw(sampled_from(['', ' ', chr(10)]))})"


def _braces(draw: DrawFn, depth: int) -> str:
    if draw(st.booleans()):
        return draw(sampled_from(["{1..3}", "{a..c}", "{3..1..2}", "{01..03}", "{a..}", "{1..x}"]))
    items = [_some(draw, _piece, 0, 0, 1) for _ in range(draw(st.integers(1, 3)))]
    return "{" + ",".join(items) + "}"


def _arithmetic(draw: DrawFn, depth: int) -> str:
    kind = draw(sampled_from(["$(({}))", "$[{}]", "$(( {} ))"]))
    return kind.format(_expression(draw, depth - 1))


def _expression(draw: DrawFn, depth: int) -> str:
    makers: list[str | Maker] = [draw(_NUMBERS), draw(_NUMBERS)]
    if depth > 0:
        makers += [_substitution, _parameter, _subscript, _expansion]
    first = _either(draw, *makers, depth=depth)
    if draw(st.booleans()):
        return first
    operators = ["+", "*", "<<", "==", "&&", "||", "?1:", "?i++:", ",", "+=", "=", "**", "%", "/"]
    operator = draw(sampled_from(operators))
    return f"{first}{operator}{_either(draw, *makers, depth=depth)}"


def _subscript(draw: DrawFn, depth: int) -> str:
    inner = draw(sampled_from(["0", "$x", "x", "i++", "@", "k", "-1", "'q'", "$(p1 sub)", "y=2"]))
    return f"{draw(_ARRAYS)}[{inner}]"


# Commands ----------------------------------------------------------------------------------


def _commands(draw: DrawFn, depth: int) -> str:
    count = draw(sampled_from([1, 1, 2])) if depth > 0 else 1
    parts = [_command(draw, depth) for _ in range(count)]
    return draw(_OPERATORS).join(parts)


def _command(draw: DrawFn, depth: int) -> str:
    makers: list[Maker | str] = [_simple, _simple, _simple, _assigned]
    if depth > 0:
        makers += [_pipeline, _compound, _builtin, _shell, _redirected]
    return _either(draw, *makers, depth=depth)


def _simple(draw: DrawFn, depth: int) -> str:
    start = draw(
        sampled_from(["", "", "", "", "x=1 ", "PATH=/x ", "! ", "command ", "\\", "IFS=: "])
    )
    name = draw(_PROGRAMS) if draw(st.integers(0, 7)) else _word(draw, depth - 1)
    words = "".join(f" {_word(draw, depth - 1)}" for _ in range(draw(st.integers(0, 3))))
    end = _redirect(draw, depth - 1) if not draw(st.integers(0, 4)) else ""
    return f"{start}{name}{words}{end}"


def _assigned(draw: DrawFn, depth: int) -> str:
    name, value = draw(_NAMES), _some(draw, _piece, depth - 1, 0, 2)
    hot = "'" + draw(_HOT).replace("'", "") + "'"
    target = _subscript(draw, depth) if not draw(st.integers(0, 4)) else name
    array = f"{draw(_ARRAYS)}=({value} {hot} [1]={hot})"
    words = [f"{target}={value}", f"{target}={hot}", f"{target}={hot}", f"{target}+={hot}", array]
    word = draw(sampled_from(words))
    return draw(sampled_from(["", "", "export ", "declare ", "readonly ", "declare -i "])) + word


def _pipeline(draw: DrawFn, depth: int) -> str:
    count = draw(st.integers(2, 3))
    return draw(_PIPES).join(_command(draw, depth - 1) for _ in range(count))


def _redirect(draw: DrawFn, depth: int) -> str:
    target = _word(draw, depth)
    descriptor = draw(sampled_from(["", "2", "{fd}", "1", "7"]))
    simple = [f"{descriptor}>{target}", f"{descriptor}>>{target}", f"<{target}", f"&>{target}"]
    simple += [f">|{target}", "2>&1", f"<>{target}", f">&{target}", ">&-", f"<<<{target}", ">&2"]
    return " " + draw(sampled_from([*simple, f"> {target}", f"2> {target}", f"<<< {target}"]))


def _redirected(draw: DrawFn, depth: int) -> str:
    first = _redirect(draw, depth - 1).strip()
    return draw(sampled_from([f"{first} {_simple(draw, depth - 1)}", first, f"exec {first}"]))


def _compound(draw: DrawFn, depth: int) -> str:
    below = depth - 1
    body, other, word = _commands(draw, below), _commands(draw, below), _word(draw, below)
    name = draw(_COMMON)
    makers = [
        f"{{ {body}; }}",
        f"( {body} )",
        f"if {body}; then {other}; fi",
        f"if {other}\nthen {body}\nelse {other}; fi",
        f"for {name} in {word} {_word(draw, below)}; do {body}; done",
        f"for {name}; do {body}; done",
        f"while {body}; do {other}; break; done",
        f"until {body}; do {other}; break; done",
        f"for (({name}=0; {name}<2; {name}++)); do {body}; done",
        f"case {word} in {_word(draw, below)}) {body};; *) {other};& esac",
        f"case {word} in\n({_word(draw, 0)}|a*) {body}\n;;& x) {other};; esac",
        f"[[ {word} {draw(sampled_from(['==', '!=', '=~', '<', '-nt', '-eq', '-gt']))} {other} ]]"
        if depth < 2
        else f"[[ -n {word} && ! -v {name} ]]",
        f"(( {_expression(draw, depth)} ))",
        f"select {name} in {word}; do {body}; break; done <<< 1",
        f"time {body}",
        f"! {body}",
        f"coproc {{ {body}; }}",
        f"{{ {body}; }}{_redirect(draw, below)}",
    ]
    return draw(sampled_from(makers))


def _function(draw: DrawFn, depth: int) -> str:
    name, body = draw(_FUNCTIONS), _commands(draw, depth - 1)
    local = draw(sampled_from(["", "local x=$1; ", 'set -- "$@" q; ', "shift; ", "local -n x=y; "]))
    forms = [f"{name}() {{ {local}{body}; }}", f"function {name} {{ {local}{body}; }}"]
    forms += [f"{name} () ( {local}{body} )", f"function {name}() {{\n{local}{body}\n}}"]
    call = f"{name} {_word(draw, depth - 1)} {_word(draw, 0)}"
    more = draw(sampled_from(["", "export -f f; bash -c 'f a'", f"unset -f {name}; {call}"]))
    form, between = draw(sampled_from(forms)), draw(sampled_from(["; ", "\n"]))
    return between.join(part for part in (form, call, more) if part)


def _here_document(draw: DrawFn, depth: int) -> str:
    body = "\n".join(_some(draw, _quoted, depth - 1, 0, 2) for _ in range(draw(st.integers(0, 3))))
    word = draw(sampled_from(["EOF", "'EOF'", '"EOF"', "\\EOF", "E''OF", "-EOF", "- 'EOF'", "$x"]))
    end = "$x" if word == "$x" else "EOF"
    tabs = "\t" if word[0] == "-" and draw(st.booleans()) else ""
    reader = draw(sampled_from(["cat", "bash", "sh -s a", "while read x; do p1 $x; done", "p1"]))
    before = draw(sampled_from(["", "", "3", f"{_simple(draw, 0)}; "]))
    command = f"{before}{reader} <<{word}" if before != "3" else f"{reader} 3<<{word}"
    after = draw(sampled_from(["", " | p2", " >out", f" && {_simple(draw, 0)}", " <<X\nin x\nX"]))
    if after.startswith(" <<"):
        return f"{command} <<X\n{body}\n{tabs}{end}\nin x $(p2)\nX"
    return f"{command}{after}\n{body}\n{tabs}{end}\n{_simple(draw, 0)}"


def _trap(draw: DrawFn, depth: int) -> str:
    event = draw(sampled_from(["EXIT", "ERR", "DEBUG", "RETURN", "INT", "0", "SIGTERM", "USR1"]))
    body = _commands(draw, depth - 1).replace("'", "")
    action = draw(sampled_from([f"'{body}'", f'"{draw(_HOT)}"', "p1", '"$x"', "-", "''"]))
    after = draw(
        sampled_from([_simple(draw, 0), "kill -USR1 $$", "false", "(exit 3)", "f() { p1; }; f"])
    )
    return (
        f"trap -- {action} {event}; {after}"
        if draw(st.booleans())
        else f"trap {action} {event}\n{after}"
    )


def _alias(draw: DrawFn, depth: int) -> str:
    value = draw(sampled_from(["p1 ", "p1", "rm x;", "p1 | p2", "x=1 ", "p2 #", "if p1; then"]))
    name = draw(sampled_from(["ll", "ls", "p2", "git", "x"]))
    switch = draw(
        sampled_from(
            ["shopt -s expand_aliases\n", "", "shopt -s expand_aliases; ", "set -o posix\n"]
        )
    )
    use = f"{name} {_word(draw, depth - 1)}"
    after = draw(sampled_from(["", f"unalias {name}; {use}"]))
    return f"{switch}alias {name}='{value}'\n{use}\n{after}"


def _ifs(draw: DrawFn, depth: int) -> str:
    value = draw(sampled_from([":", "", "$'\\n'", "' '", "a", "r", "','", "$x"]))
    text = draw(sampled_from(["a:b c", "p1:q", "rm,x", "arb", "-n:*", "a\tb"]))
    use = draw(
        sampled_from(
            ["p1 $x", "$x", 'p1 "$x"', "set -- $x; $@", 'p1 "${x[*]}"', "for i in $x; do $i; done"]
        )
    )
    first, second = f"IFS={value}; x='{text}'", f"x='{text}'; IFS={value} p1 $x"
    return f"{draw(sampled_from([first, second]))}; {use}"


def _builtin(draw: DrawFn, depth: int) -> str:
    """Builtins that set what runs later."""
    hot = "'" + draw(_HOT).replace("'", "") + "'"
    name, word = draw(_COMMON), _word(draw, max(depth - 1, 0))
    use = draw(
        sampled_from(
            [f"${name}", f"p1 ${name}", f'p2 "${name}"', f"p1 ${{{name}[@]}}", f"eval ${name}"]
        )
    )
    sets = [
        f"printf -v {name} %s {hot}",
        f"printf -v {name} '%s-%q' {word} {hot}",
        f"printf -v 'arr[{draw(_NUMBERS)}]' %s {hot}",
        f"read {name} <<< {hot}",
        f"read -r {name} y <<< {hot}",
        f"read -ra {name} <<< {hot}",
        f"IFS=: read -r {name} <<< {hot}",
        f"mapfile -t {name} <<< {hot}",
        f"mapfile -C 'p1 q' -c 1 {name} <<< {hot}",
        f"declare {name}={hot}",
        f"declare -n {name}=y; y={hot}",
        f"declare -a {name}=({hot} {word})",
        f"declare -A map=([k]={hot}); {name}=${{map[k]}}",
        f"declare -i {name}={draw(_NUMBERS)}",
        f"let {name}={draw(_NUMBERS)}",
        f"set -- {hot} {word}; {name}=$1",
        f"getopts ab: {name} -a -b {hot}",
        f"{name}=$({_simple(draw, 0)})",
        f"unset {name}",
        f"eval {name}={hot}",
        f"eval {word}",
        f"source run.sh {word}",
        f". ./a.txt; {name}=1",
        f"cd sub; {name}=$PWD",
        f"pushd sub; popd; cd {word}",
        f"hash -p /bin/p9 p1; {name}=p1",
        f"set -o noglob; {name}={hot}",
        f"shopt -s nullglob dotglob; {name}=*",
        f"exec -a {word} p2; {name}=1",
        f"compgen -W {hot} {word}",
        f"test {word} = {hot} && {name}={hot}",
        f"[ -v {hot} ]",
        f"local {name}={hot}",
        f"export {name}={hot}",
        f"readonly {name}={hot}",
        f"enable -n echo; {name}={hot}",
        f"set -x; PS4={hot}; {name}=p1",
    ]
    return f"{draw(sampled_from(sets))}; {use}"


_SHELL_OPTIONS = sampled_from(
    "-e,-u,-f,-a,-E,-T,-k,-p,-t,-h,-m,-B,-C,-P,-i,-H,-ea,+B,+h,+x,--posix,--norc,-O extglob,"
    "-O dotglob,-O nocaseglob,-O lastpipe,-O failglob,-O nullglob,+O patsub_replacement,"
    "-o pipefail,-o errtrace,-o physical,+o braceexpand".split(",")
)


def _shell(draw: DrawFn, depth: int) -> str:
    """Another shell: of a text, of what it reads, of its arguments."""
    body = _commands(draw, depth - 1)
    single = "'" + body.replace("'", "'\\''") + "'"
    if "'" in body and draw(st.booleans()):
        body = body.replace("'", "")
    double = '"' + body.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return draw(
        sampled_from(
            [
                f"bash -c {single} q {_word(draw, 0)}",
                f"sh -c {double}",
                f"eval {single}",
                f"eval {double}",
                f"echo {single} | bash",
                f"bash <<< {single}",
                f"bash <(echo {single})",
                f"bash {draw(_SHELL_OPTIONS)} -c {single}",
                f"bash {draw(_SHELL_OPTIONS)} <<< {single}",
                f"source <(echo {single})",
                f'x={single}; eval "$x"',
                f"command eval {single}; builtin eval {double}",
            ]
        )
    )


def _prompt(draw: DrawFn, depth: int) -> str:
    """`${x@P}` and its like, which expand a value once more."""
    value = draw(
        sampled_from(["$(p1 q)", "\\u$(p2)", "`p1`", "${y:-$(p1)}", "plain", "\\$(p1)", "$y"])
    )
    use = draw(
        sampled_from(["${x@P}", "${x@E}", "${x@Q}", "${!x}", "$((x))", "${x@A}", '"${x@P}"'])
    )
    return f"x='{value}'; y='$(p2 z)'; {_simple(draw, 0)} {use}"


def _subscripted(draw: DrawFn, depth: int) -> str:
    """Array subscripts, which are expanded, and run what they hold, in many places."""
    code = draw(sampled_from(["$(p1 s)", "`p2`", "x", "arr[$(p1)]", "$x", "'$(p1)'", "x[$(p2)]"]))
    value = draw(sampled_from(["arr[$(p1 s)]", "map[$(p2)]", "1", "arr[0]"]))
    return f"x='{value}'; " + draw(
        sampled_from(
            [
                f"arr[{code}]=1; p2",
                f"echo ${{arr[{code}]}}",
                f"[[ -v arr[{code}] ]]",
                "[ -v $x ]",
                'test -v "$x"',
                f"unset 'arr[{code}]'" if "'" not in code else "unset $x",
                f"printf -v 'arr[{code}]' y" if "'" not in code else 'printf -v "$x" y',
                f"(( arr[{code}] ))",
                "(( x ))",
                "let x",
                "[[ x -eq 0 ]]",
                "declare -i y=x",
                "echo ${arr[x]} ${y:x}",
                "echo $(( x + 1 ))",
                'read "$x" <<< 1',
                "wait -n -p 'arr[$(p1)]'",
                f"declare 'arr[{code}]=1'" if "'" not in code else 'declare "$x=1"',
                f"for ((i={code}; i<1; i++)); do p1; done" if "'" not in code else "p1 ${y:$x}",
            ]
        )
    )


CONSTRUCTS: dict[str, Maker] = {
    "words and quoting": _simple,
    "parameter expansions": lambda draw, depth: (
        f"x={_single(draw, 0)}; p1 {_expansion(draw, depth)}"
    ),
    "values that may be empty": held,
    "values that are evaluated": evaluated,
    "errors that end a line": failed,
    "nested substitutions": lambda draw, depth: f"p1 {_substitution(draw, depth)}",
    "here-documents": _here_document,
    "redirects": lambda draw, depth: _simple(draw, depth) + _redirect(draw, depth),
    "pipelines and lists": _pipeline,
    "compound commands": _compound,
    "functions": _function,
    "traps": _trap,
    "aliases": _alias,
    "IFS": _ifs,
    "braces and tildes": lambda draw, depth: (
        f"p1 {_braces(draw, depth)}{_piece(draw, 0)} {_tilde(draw, 0)}"
    ),
    "arithmetic": lambda draw, depth: (
        f"x={draw(_NUMBERS)}; p1 {_arithmetic(draw, depth)} $i; p2 $x $y"
    ),
    "builtins that assign": _builtin,
    "expansion of values": _prompt,
    "array subscripts": _subscripted,
    "assignments": lambda draw, depth: f"{_assigned(draw, depth)}; {_simple(draw, depth)}",
    "shells in shells": _shell,
    **STATE,
    **VALUES,
    "text that becomes code": code,
    "scripts in other scripts": lambda draw, depth: placed(draw),
    "lines that are joined": lambda draw, depth: joined(draw),
    "signs too many or too few": lambda draw, depth: misspelt(draw),
}


@st.composite
def _script(draw: DrawFn, construct: str) -> str:
    depth = draw(sampled_from([1, 2, 2, 3]))
    middle = CONSTRUCTS[construct](draw, depth)
    before = f"{_assigned(draw, 0)}{draw(_OPERATORS)}" if draw(st.booleans()) else ""
    after = f"{draw(_OPERATORS)}{_command(draw, 1)}" if not draw(st.integers(0, 2)) else ""
    if "<<" in middle and after:
        after = f"\n{after.lstrip(' &|;')}"
    return f"{before}{middle}{after}"


def scripts(construct: str) -> SearchStrategy[str]:
    """Scripts that hold the construct."""
    return _script(construct)


def any_script() -> SearchStrategy[str]:
    """Scripts of every construct."""
    return sampled_from(sorted(CONSTRUCTS)).flatmap(partial(_script))
