"""Each kind of pair that may be dropped: what is one, and what is none although it looks like it."""

import sys

import numpy as np
import pytest

from mtkit.errors import MtkitError, SettingsError
from mtkit.settings.prepare import DROPPED, KINDS, PrepareSettings
from mtkit.text.corpus import SentencePair
from mtkit.text.lengths import Lengths
from mtkit.text.rules import pair_rules, scripts

BY_PAIR = ("empty", "identical", "copy", "wrong-script", "wrong-language", "symbols", "numbers", "tags")
GERMAN = "Der alte Hund schläft unter dem Tisch in der Küche."
ENGLISH = "The old dog sleeps under the table in the kitchen."

CASES = [
    ("empty", "", "b", True),
    ("empty", "a", " \t\u3000", True),
    ("empty", "a", "b", False),
    ("identical", "a", "a", True),
    ("identical", "a", "a ", False),
    ("copy", "Save as...", "SAVE AS", True),
    ("copy", "Press <b>OK</b> now", "press OK now!", True),
    ("copy", "the dog sees the red cat", "the dog sees the red Katze", True),
    ("copy", "the dog sees the cat", "the dog sieht die Katze", False),
    ("copy", "Hotel Berlin", "Hotel in Berlin", False),
    ("copy", "12", "12", False),
    ("copy", "Open the dog and/or cat file", "Open the dog and/or cat file!", True),
    ("copy", "/usr/share/doc/dog a_b C:\\x", "/usr/share/doc/dog a_b C:\\x", False),
    ("wrong-script", ENGLISH, "Старая собака спит", True),
    ("wrong-script", "Старая собака спит", "Старая собака спит.", True),
    ("wrong-script", "Старая собака спит", GERMAN, False),
    ("wrong-script", ENGLISH, GERMAN + " αβγ", False),
    ("wrong-script", ENGLISH, "αβγ", False),
    ("wrong-script", ENGLISH, "Выберите/файлилипапкуипродолжайте", True),
    ("wrong-script", ENGLISH, "https://пример.рф/старая/собака", False),
    ("wrong-language", ENGLISH, ENGLISH, True),
    ("wrong-language", GERMAN, GERMAN, True),
    ("wrong-language", ENGLISH, "Le vieux chien dort sous la table de la cuisine.", True),
    ("wrong-language", ENGLISH, GERMAN, False),
    ("wrong-language", "Dog", "The dog", False),
    ("wrong-language", "<a title='Le vieux chien dort sous la table'>Dog</a>", "Hund", False),
    ("symbols", "===== > < =====", "Der Hund", True),
    ("symbols", "The dog", "§$ %& /() == ??", True),
    ("symbols", "What?!", "Was?!", False),
    ("symbols", "<b><i>{0}</i></b> %s %d", "<b><i>{0}</i></b> %s %d", False),
    ("symbols", "\u0915\u093f\u0924\u093e\u092c\u094b\u0902", "Die Bücher", False),
    ("numbers", "In 1999 he came.", "Er kam 1989.", True),
    ("numbers", "Room 12, 12", "Zimmer 12", True),
    ("numbers", "It costs 1,234.50 euros.", "Es kostet 1.234,50 Euro.", False),
    ("numbers", "It costs 1 234 euros.", "Es kostet 1234 Euro.", False),
    ("numbers", "1,000,000 dollars", "1.000 Dollar", True),
    ("numbers", "20,000 people", "20 Leute", True),
    ("numbers", "5,000", "5.000.000", True),
    ("numbers", "It is 5.00 now", "Es ist 500", True),
    ("numbers", "It is 15.03 now", "Es ist 1503", True),
    ("numbers", "It is 100 now", "Es ist 100,00", False),
    ("numbers", "At 10:30 or 10:45", "Um 10.30 oder 10:45", True),
    ("numbers", "It costs 1\u202f234 euros.", "Es kostet 1234 Euro.", False),
    ("numbers", "From 2001-01-15 on", "Ab 15.1.2001", False),
    ("numbers", "٢٠٠١", "2001", False),
    ("numbers", "3 dogs", "Drei Hunde", False),
    ("numbers", "<p id=17>It is</p>", "<p id=18>Es ist</p>", False),
    ("tags", "<b>OK</b>", "<b>OK<b>", True),
    ("tags", "<b>OK</b>", "OK", True),
    ("tags", "Open %s", "Öffnen", True),
    ("tags", "Open {name}", "Öffne {Name}", True),
    ("tags", '<a href="x">dog</a> %1$s', '%1$s <a href="y">Hund</a>', False),
    ("tags", "a<br>b<IMG src=x/>c", "A<br/>B<img>C", False),
    ("tags", "<1>Open</1> the<2/> door", "Öffne die Tür", True),
    ("tags", "<1>Open</1> the<2/> door", "<2/>Die Tür <1>öffnen</1>", False),
    ("tags", "%1 of %PRODUCTNAME $(ARG1)", "%1 von %PRODUCTNAME", True),
    ("tags", "Up to %50", "Bis zu 50 %", False),
    ("tags", "a < b and c > d", "a ist kleiner als b", False),
]


def pair(source, target):
    return SentencePair(source, target, "file", 1)


@pytest.mark.parametrize(("kind", "source", "target", "expected"), CASES)
def test_rules(kind, source, target, expected):
    languages = ("ru", "de") if "Старая" in source else ("hi", "de") if "\u0915" in source else ("en", "de")
    assert pair_rules([kind], languages)[kind](pair(source, target)) is expected


def test_the_order_is_that_of_the_names_and_others_are_passed_over():
    assert list(pair_rules(KINDS, ("en", "de"))) == list(BY_PAIR)
    assert {kind for kind, *_ in CASES} == set(BY_PAIR)


def test_kinds_that_are_dropped():
    assert PrepareSettings().dropped_kinds == DROPPED
    assert PrepareSettings(drop=("numbers", "copy"), keep=("identical",)).dropped_kinds == (
        "empty",
        "copy",
        "numbers",
        "duplicate",
    )
    assert PrepareSettings(drop=("all",), keep=("tags",)).dropped_kinds == tuple(
        kind for kind in KINDS if kind != "tags"
    )


def test_scripts_of_languages():
    assert scripts("de") == ("Latn",) and scripts("sr") == ("Cyrl",) and scripts("sr-Latn") == ("Latn",)
    assert set(scripts("ja")) == {"Hani", "Hira", "Kana"} and "Hang" in scripts("ko")
    japanese = pair_rules(["wrong-script"], ("en", "ja"))["wrong-script"]
    assert not japanese(pair(ENGLISH, "古い犬は台所のテーブルの下で寝ています。")) and japanese(
        pair(ENGLISH, GERMAN)
    )


def test_languages_that_are_not_known():
    with pytest.raises(
        SettingsError, match=r"wrong-language does not know the language 'xx'.*--keep wrong-language"
    ):
        pair_rules(["wrong-language"], ("xx", "de"))
    for language in ("x", "xx", "und", "en-Zxxx", "de_"):
        with pytest.raises(SettingsError, match=f"wrong-script does not know the language '{language}'"):
            pair_rules(["wrong-script"], ("en", language))
    assert not pair_rules(["wrong-language"], ("nb", "zh-Hant"))["wrong-language"](
        pair("Hunden sover under bordet nå", "狗")
    )
    assert scripts("de-Latf") == ("Latn",) and scripts("ur-Aran") == ("Arab",)


@pytest.mark.parametrize(
    ("kind", "package"), [("wrong-script", "langcodes"), ("wrong-language", "py3langid.langid")]
)
def test_a_missing_package_is_named(monkeypatch, kind, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MtkitError, match=r"pip install 'mtkit\[clean\]'"):
        pair_rules([kind], ("en", "de"))


LONG_PARTS = [
    "<",
    "%",
    "/",
    "1.",
    "1 ",
    "a",
    "a@",
    "{",
    "{ ",
    "<a",
    "<a ",
    "&",
    "$(",
    "www.(",
    "123 ",
    "文",
    "a:",
    "_",
]


@pytest.fixture(scope="module")
def every_rule():
    return pair_rules(KINDS, ("en", "de"))


@pytest.mark.parametrize("part", LONG_PARTS)
def test_long_lines_end(every_rule, part):
    """Each would take minutes if a pattern began anew at each of its letters."""
    line = part * (30_000 // len(part))
    for rule in every_rule.values():
        assert rule(pair(line, "x" + line)) in (True, False)


def test_usual_lengths_by_hand():
    pairs = [
        pair("a" * 10, "b" * 20),
        pair("a" * 40, "b" * 80),
        pair("a" * 10, "b" * 22),
        pair("a" * 10, "b" * 18),
        pair("a", ""),
    ]
    usual = Lengths.of(pairs)
    # Ratios 2, 2, 2.2, 1.8: 2. Squares of what is too much, for each letter of the source: 0, 0, 0.4, 0.4;
    # their median is 0.2.
    assert usual.ratio == pytest.approx(2.0) and usual.variance == pytest.approx(0.2 / 0.4549)
    assert usual.deviation(pair("a" * 10, "b" * 25)) == pytest.approx(5 / np.sqrt(10 * 0.2 / 0.4549))
    assert usual.unusual(pair("a" * 50, "b" * 160)) and usual.unusual(pair("a" * 50, "b" * 40))
    assert not usual.unusual(pair("a" * 50, "b" * 105)) and not usual.unusual(pair("a", "b" * 20))
    assert not Lengths.of([]).unusual(pair("a", "b" * 1000))
