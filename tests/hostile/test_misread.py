"""What a reviewer would misread is high and shown escaped; ordinary text of any language isn't."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policy.decision import Decision, Tier
from policy.engine import Engine
from policy.lookalikes import mixed, posing, table
from policy.misread import misread
from policy.shipped import ruleset
from policy.visible import visible


@cache
def engine() -> Engine:
    return Engine(ruleset())


def lexical(decision: Decision) -> bool:
    return "base.lexical" in {reason.rule for reason in decision.reasons}


ORDINARY = [
    "echo 'Исправлена работа с файлами'",
    "echo 'Ошибка'",
    "grep 'müller' /srv/x",
    "echo 'Привет, мир'",
    "echo Привет",
    "echo 'Γειά σου Κόσμε'",
    "echo '你好：世界'",
    "echo '修复登录API问题（重要）'",
    "echo '日本語テキスト、ここ'",
    "echo 한국어",
    "echo 'שלום עולם: תיקון (דחוף)'",
    "echo 'می\u200cخواهم'",
    "echo 'नमस्ते दुनिया'",
    "echo '👩\u200d💻 done ✔\ufe0f ✅'",
    "echo '👍🏽'",
    "echo 'Fix — thing “quoted” it’s 3×4…'",
    "cat файл.txt",
    "cat naïve.txt nai\u0308ve.txt",
    "cat données/été.csv",
    "ls ışık kayıt.txt",
    "ls Straße",
    "git log --author='Мария Петрова'",
    "psql -c \"SELECT * FROM t WHERE name = 'Мария'\"",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_of_any_language_stays_usable(text: str) -> None:
    decision = engine().decide(text)
    assert not lexical(decision), decision.reasons
    assert decision.tier is not Tier.HIGH


MISREAD = [
    ("сору a b", "U+0441 CYRILLIC SMALL LETTER ES at 0"),
    ("rm -rf /ѕrv", "U+0455 CYRILLIC SMALL LETTER DZE at 8"),
    ("cаt x", "U+0430 CYRILLIC SMALL LETTER A at 1"),
    ("ls –la", "U+2013 EN DASH at 3"),
    ("ls −la", "U+2212 MINUS SIGN at 3"),
    ("ls ；rm x", "U+FF1B FULLWIDTH SEMICOLON at 3"),
    ("ls \u037erm x", "U+037E GREEK QUESTION MARK at 3"),
    ("cat ／etc/passwd", "U+FF0F FULLWIDTH SOLIDUS at 4"),
    ("cat x∕y", "U+2215 DIVISION SLASH at 5"),
    ("echo ＄x", "U+FF04 FULLWIDTH DOLLAR SIGN at 5"),
    ("echo “hi”", "U+201C LEFT DOUBLE QUOTATION MARK at 5"),
    ("echo it’s", "U+2019 RIGHT SINGLE QUOTATION MARK at 7"),
    ("curl https://gооgle.com/", "U+043E CYRILLIC SMALL LETTER O at 14"),
    ("curl https://аррӏе/", "U+0430 CYRILLIC SMALL LETTER A at 13"),
    ("git log －－output=x", "U+FF0D FULLWIDTH HYPHEN-MINUS at 8"),
    ("kill １２", "U+FF11 FULLWIDTH DIGIT ONE at 5, U+FF12 FULLWIDTH DIGIT TWO at 6"),
    ("ssh х ls", "U+0445 CYRILLIC SMALL LETTER HA at 4"),
    ("sudo -u сору ls", "U+0441 CYRILLIC SMALL LETTER ES at 8"),
    ("ls > сору", "U+0441 CYRILLIC SMALL LETTER ES at 5"),
    ("A=сору ls", "U+0441 CYRILLIC SMALL LETTER ES at 2"),
    ("bash -c 'сору x'", "U+0441 CYRILLIC SMALL LETTER ES at 9"),
    ("echo 'look at vоdka here'", "U+043E CYRILLIC SMALL LETTER O at 15"),
    ("echo a\u0338b", "U+0338 COMBINING LONG SOLIDUS OVERLAY at 6"),
    ("echo ';\u0301x'", "U+0301 COMBINING ACUTE ACCENT at 7"),
    ("echo a\u0301\u0301\u0301\u0301", "U+0301 COMBINING ACUTE ACCENT at 9"),
    ("echo 1\ufe0f\u20e3", "U+FE0F VARIATION SELECTOR-16 at 6"),
    ("cat x\ufe00", "U+FE00 VARIATION SELECTOR-1 at 5"),
    ("cat a\u200db", "U+200D ZERO WIDTH JOINER at 5"),
    ("ls\u00a0-l", "U+00A0 NO-BREAK SPACE at 2"),
    ("ls\u2003-l", "U+2003 EM SPACE at 2"),
    ("ls \u2028rm x", "U+2028 LINE SEPARATOR at 3"),
    ("ls \x85rm x", "U+0085 at 3"),
    ("ls \0", "U+0000 at 3"),
    ("ls \ud800", "U+D800 at 3"),
    ("ls \udcff", "U+DCFF at 3"),
    ("ls \ue000", "U+E000 at 3"),
    ("ls \U000e0041", "U+E0041 TAG LATIN CAPITAL LETTER A at 3"),
    ("ls \u202ex", "U+202E RIGHT-TO-LEFT OVERRIDE at 3"),
    ("ls \u2066x", "U+2066 LEFT-TO-RIGHT ISOLATE at 3"),
]


@pytest.mark.parametrize(("text", "named"), MISREAD)
def test_what_would_be_misread_is_high_and_named(text: str, named: str) -> None:
    decision = engine().decide(text)
    assert decision.tier is Tier.HIGH
    messages = [reason.message for reason in decision.reasons]
    assert any(f"characters that can be misread: {named}" in message for message in messages)


@pytest.mark.parametrize("text", [text for text, _ in MISREAD])
def test_what_would_be_misread_is_shown_escaped(text: str) -> None:
    assert "\\" in visible(text)


@pytest.mark.parametrize("text", ["cp א ב", "cat א/ב", "kill א 12", "cat 'א'-'ב'"])
def test_words_that_are_shown_in_another_order_are_high(text: str) -> None:
    decision = engine().decide(text)
    assert lexical(decision)
    assert "turn what stands between them around" in decision.reasons[0].message


@pytest.mark.parametrize(
    ("text", "high"),
    [
        ("SELECT * FROM t WHERE name = 'Мария'", False),
        ("SELECT * FROM t WHERE note = 'с нами — и'", False),
        ('SELECT * FROM "таблица"', False),
        ("SELECT имя FROM таблица", False),
        ("SELECT сору FROM t", True),
        ('SELECT 1 FROM "uѕers"', True),
        ('SELECT 1 FROM "сору"', True),
        ("SELECT 'uѕers'", True),
        ("SELECT 'a\u200bb'", True),
        ("SELECT 1 – 2", True),
    ],
)
@pytest.mark.parametrize("dialect", ["postgres", "sqlite"])
def test_names_in_sql_are_held_to_the_same(text: str, dialect: str, *, high: bool) -> None:
    assert lexical(engine().decide(text, language=f"sql:{dialect}")) is high


# The table ------------------------------------------------------------------------------------


def test_the_table_is_what_unicode_says() -> None:
    pytest.importorskip("confusable_homoglyphs")
    from hostile.make_lookalikes import lookalikes

    said = {character for characters in lookalikes().values() for character in characters}
    assert set(table()) == said


def test_nothing_in_the_table_is_ascii() -> None:
    assert not any(character.isascii() for character in table())
    assert all(target.isascii() and target.isprintable() for target in table().values())


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_never_poses(text: str) -> None:
    assert not list(mixed(text))
    assert not list(posing(text))


@given(st.sampled_from(sorted(table())), st.sampled_from(["rm", "cat", "-rf", "/etc", "a.b"]))
def test_a_lookalike_in_a_name_is_always_found(character: str, name: str) -> None:
    assert list(posing(character))
    if character.isalnum() and ord(character) >= 0x250 and table()[character].isalnum():
        assert list(posing(name + character)) or name[-1] in "/.-"


# Showing --------------------------------------------------------------------------------------

TRICKY = st.text("aоПс×–’；错\u0301\u0338\u200d\ufe0f👩 1１\\u.rא\u00a0é/", max_size=10)


@settings(max_examples=500)
@given(TRICKY)
@example("\x1f×")
@example("\u0301א１")
def test_what_is_shown_stays_as_it_is_shown(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert visible(shown) == shown


@settings(max_examples=500)
@given(TRICKY)
def test_what_is_misread_is_never_shown_as_it_is(text: str) -> None:
    if misread(text) is not None:
        assert visible(text) != text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("vоdka", "v\\u043edka"),
        ("сору", "\\u0441\\u043e\\u0440\\u0443"),
        ("Работа с файлами", "Работа с файлами"),
        ("Fix — thing", "Fix — thing"),
        ("–rf", "\\u2013rf"),
        ("ls；rm", "ls\\uff1brm"),
        ("你好：世界", "你好：世界"),
        ("a\u0338b", "a\\u0338b"),
    ],
)
def test_letters_that_look_like_others_are_shown_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown
