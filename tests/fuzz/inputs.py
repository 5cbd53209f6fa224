"""Texts from bytes: as they are, as tokens, or as a real text that was cut, doubled and mixed."""

from __future__ import annotations

from collections.abc import Sequence

_ANY = (
    "\0", "\t", "\n", "\r", "\x1b", "\x7f", "\u00a0", "\u0430", "\u0301", "\u200b", "\u202e",
    "\ud800", "\udcff", "\uff1b", "\u00b2", "\U0001f600", "\U000e0041", "\u0661", "\u0130",
    "\ufb01", "\u05d0", "9" * 5_000, "-1", "0", "1e999", "''", '"', "'", "\\",
)  # fmt: skip
SHELL = (
    *"$( ` ${ $(( )) } ) ( ; ;; ;& & && | || |& < > << <<- <<< >& &> >| <> <( >( { [ [[ ]] ] # !"
    " ~ * ? @( +( = += == : := :- :+ // # % ^ , .. {a,b} {1..9} $'\\x' $\" \\ EOF a b x $x \"$x\""
    " $1 $@ $* $# if then else elif fi for in do done while until case esac select function time"
    " coproc f() a=( a[0]= a[x]= ${a[ ${!x} ${x@P} ${x:1:2} ${#x} ls rm -rf / ../ ~/x sudo env"
    " bash -c eval trap exit xargs -I{} find . -exec {} + \\; psql -c select mysql -e ssh host cd"
    " alias unset read declare -A -n -i export printf -v %s test -n python sed -e awk curl"
    " http://x/ git log --output=x -- - 2>&1 docker run kubectl exec".split(),
    " ", " ", " ", "\n", "\n",
    *_ANY,
)  # fmt: skip
SQL = (
    *"SELECT FROM WHERE ( ) , ; * = + - -- /* */ /*! # $$ $a$ ' \" ` [ ] { } {{ . .. :: : := @ @@"
    " ? $1 < > <> || && | & \\ \\g \\! \\copy \\d E' U&' N' X' 0x 1 1.5 1e9 a b t id 'x' \"x\""
    " WITH AS RECURSIVE UNION ALL JOIN ON LEFT IN NOT NULL IS LIKE BETWEEN AND OR CASE WHEN THEN"
    " END CAST INTERVAL DATE INSERT INTO VALUES UPDATE SET DELETE DROP TABLE CREATE ALTER"
    " TRUNCATE GRANT TO REVOKE COPY STDIN PROGRAM EXPLAIN ANALYZE DO CALL EXECUTE PREPARE BEGIN"
    " COMMIT LOCK VACUUM PRAGMA ATTACH SHOW USE EXEC GO DECLARE ROW ARRAY STRUCT ORDER BY GROUP"
    " HAVING LIMIT OFFSET FOR OVER PARTITION WINDOW RETURNING CONFLICT MERGE USING pg_sleep("
    " count( delimiter // .shell .tables system source".split(),
    " ", " ", " ", "\n",
    *_ANY,
)  # fmt: skip
RULES = (
    *"program rule set adjust option operand operands subcommand runs stdin default on when match"
    " no sql tier low medium high score 5 approvals 2 effects delete network ttl 7d deny override"
    " undo never whitelist arguments shell until from unknown is in not and or any inside"
    " argument reads writes url host path option via environment cwd agent target table schema"
    " function feature bounded opaque { } ( ) | < > <path> <shell> \"x\" \"*\" \"/etc/**\" \"[\""
    " # -x --long @ , = + - ... ls rm git.push a.b variable redact spelled guard".split(),
    " ", " ", "\n", "\n",
    *_ANY,
)  # fmt: skip
YAML = (
    *"version: 1 entries: - id: command: scope: agents: [a] environments: targets: cwd: tier: low"
    " medium high expires: 2026-11-29T12:00:00Z approved: by: at: reason: language: shell"
    " sql:postgres via: note: rule: digest: allow: task: {a} {a:int} {a...} {a:path {a:like"
    " {a:one {{ }} & * ! !!python/object | > << ? : , [ ] { } # --- ... %YAML ' \" ls docker"
    " restart {service} a: b".split(),
    " ", "  ", "    ", "\n", "\n", "\n- ", "\n  ",
    *_ANY,
)  # fmt: skip
JSON = (
    *'{ } [ ] , : "command" "language" "agent" "cwd" "ls" "shell" "sql:psql" "v" "seq" "prev"'
    ' "at" "verdict" "decision" null true 1 -1 1e999 NaN Infinity "\\u0000" "\\ud800" "\\'.split(),
    "\n", "\n",
    *_ANY,
)  # fmt: skip


def text_of(data: bytes, tokens: Sequence[str], seeds: Sequence[str]) -> str:
    """The text that the bytes say: each of the same bytes is always the same text."""
    if not data:
        return ""
    kind, rest = data[0] % 4, data[1:]
    if kind == 0:
        return rest.decode("utf-8", "surrogateescape")
    if kind == 1 or not seeds:
        return "".join(tokens[byte % len(tokens)] for byte in rest)
    text = seeds[int.from_bytes(rest[:2], "big") % len(seeds)]
    return mutated(text, rest[2:], tokens, seeds)


def mutated(text: str, data: bytes, tokens: Sequence[str], seeds: Sequence[str]) -> str:
    """`text` after one change for every four bytes: what, where (two bytes), and with what."""
    for at in range(0, len(data) - 3, 4):
        what, place, chosen = data[at], int.from_bytes(data[at + 1 : at + 3], "big"), data[at + 3]
        begin = place % (len(text) + 1)
        end = min(len(text), begin + 1 + chosen % 16)
        token = tokens[chosen % len(tokens)]
        match what % 7:
            case 0:
                text = text[:begin] + token + text[begin:]
            case 1:
                text = text[:begin] + token + text[end:]
            case 2:
                text = text[:begin] + text[end:]
            case 3:
                text = text[:end] + text[begin:]
            case 4:
                text = text[:begin] + token + text[begin:end] + token + text[end:]
            case 5:
                other = seeds[place % len(seeds)]
                text = text[:begin] + other[chosen * len(other) // 256 :]
            case _:
                text = text[:begin] + " ".join([text[begin:end]] * (chosen % 8)) + text[end:]
        text = text[:8_192]
    return text
