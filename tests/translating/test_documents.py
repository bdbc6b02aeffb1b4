"""Documents filled by a translator: access keys, lines, what is left open, and the same text but once."""

from types import SimpleNamespace

import pytest

from mtkit.formats.document import Unit
from mtkit.formats.opening import open_corpus
from mtkit.formats.translation_memory import TranslationMemory
from mtkit.translating.access_keys import with_key
from mtkit.translating.documents import DocumentFilling, UnitLine, summary
from mtkit.translating.protect import Protection


class Recorded:
    """A document that keeps what it was filled with."""

    def __init__(self, *texts, keyed=True):
        self.keyed = keyed
        self.units = [Unit(text, f"a.po:{number}") for number, text in enumerate(texts, 1)]
        self.kept = 3

    def fault(self, number, text):
        return "too loud" if text == "LOUD" else ""

    def filled(self, translations, remembered=frozenset()):
        self.translations, self.remembered = list(translations), remembered
        return b"content"

    def notes(self, translations):
        return ["much is loud"] if len(translations) > 8 else []


PROTECTION = Protection.of(["placeholder", "tag", "url", "email"])


def shouting():
    """Translates into capital letters, but for what must stay, and loses it where a text is bad; keeps what
    it was asked.
    """
    asked = []

    def shout(line):
        if line.startswith(("nothing", "bad")):
            return "BAD" * line.startswith("bad")
        held = PROTECTION.find(line)
        stays = {place for start, stop in held for place in range(start, stop)}
        return "".join(letter if place in stays else letter.upper() for place, letter in enumerate(line))

    def translate(lines):
        asked.extend(lines)
        changed = [tuple(PROTECTION.changed(line, shout(line))) for line in lines]
        return [
            SimpleNamespace(text=shout(line), changed=lost, best=None, cut_within="very long" in line)
            for line, lost in zip(lines, changed, strict=True)
        ]

    return translate, asked


def test_lines_keys_and_spaces():
    document = Recorded(
        "_Open", "  two\n\nlines \n", "Save &As", "open", "100 %", "R&D", "snake_case", "Open"
    )
    translate, asked = shouting()
    filled = DocumentFilling(document, PROTECTION).fill(translate)
    assert document.translations == [
        "_OPEN",
        "  TWO\n\nLINES \n",
        "SAVE &AS",
        "OPEN",
        "100 %",
        "R&D",
        "SNAKE_CASE",
        "OPEN",
    ]
    assert asked == ["Open", "two", "lines", "Save As", "open", "R&D", "snake_case"]
    assert (filled.content, filled.made, filled.kept, filled.open) == (b"content", 8, 3, [])
    assert summary(filled, 5) == ["8 units translated, 3 kept as they were, 0 left open"]


def test_what_else_there_is_to_say():
    filled = DocumentFilling(Recorded(*"abcdefghi"), PROTECTION).fill(shouting()[0])
    assert summary(filled, 5)[1:] == ["note: much is loud"]


def test_what_was_cut_within_a_sentence_is_told():
    document = Recorded("a", "very long", "b\nvery long", "very long")
    filled = DocumentFilling(document, PROTECTION).fill(shouting()[0])
    told = "translated in parts, because a sentence is too long: 3 units, the first at a.po:2"
    assert filled.notes == [told] and filled.open == []


def test_a_memory_comes_before_the_model():
    texts = {
        "open file": "Datei öffnen",
        "save it": "sichern",
        "a long text of the memory": "ein langer Text",
    }
    memory = TranslationMemory({**texts, "see %s": "siehe", "a b": "c"})
    document = Recorded(" open  file ", "save it", "a long text of the memory!", "see %s", "a\nb")
    document.fault = lambda number, text: "no" if text == "sichern" else ""
    translate, asked = shouting()
    filled = DocumentFilling(document, PROTECTION, memory).fill(translate, 0.8)
    # What has other codes, or other lines, does not fit.
    assert document.translations == [
        " Datei öffnen ",
        "SAVE IT",
        "A LONG TEXT OF THE MEMORY!",
        "SEE %s",
        "A\nB",
    ]
    assert asked == ["save it", "a long text of the memory!", "see %s", "a", "b"]
    assert (filled.made, filled.remembered, document.remembered) == (4, 1, {0})
    first, second, *_ = summary(filled, 5)
    assert first == "4 units translated, 1 from the memory, 3 kept as they were, 0 left open"
    assert second == "a.po:2: 100% like 'save it', which is 'sichern'"
    assert summary(filled, 5)[2] == "a.po:3: 98% like 'a long text of the memory', which is 'ein langer Text'"
    assert DocumentFilling(document, PROTECTION, memory).fill(translate).like == []


def test_a_memory_from_files(tmp_path):
    for name, target in (("a.tsv", "alt"), ("b.tsv", "neu")):
        (tmp_path / name).write_text(f"one  two\t{target}\n\tx\n", encoding="utf-8")
    memory = TranslationMemory.read([f"{tmp_path}/a.tsv", f"{tmp_path}/b.tsv"], "en", "de")
    assert (memory.exact("one two "), memory.exact("one")) == ("neu", None)
    assert memory.like("one twe", 0.8).target == "neu"
    assert memory.like("nothing", 0.8) is None


SIDES_OF_LINES = {
    "a.po": 'msgid "a\\nb"\nmsgstr "x\\ny"\n',
    "a.csv": 'en,de\r\n"a\r\nb","x\r\ny"\r\n',
    "a.jsonl": '{"en": "a\\nb", "de": "x\\ny"}\n',
    "a.tmx": '<tmx version="1.4"><tu><tuv xml:lang="en"><seg>a\r\nb</seg></tuv><tuv xml:lang="de"><seg>x\r\ny'
    "</seg></tuv></tu></tmx>",
    "a.xlf": '<xliff version="1.2"><file source-language="en" target-language="de"><trans-unit'
    ' xml:space="preserve"><source>a\nb</source><target>x\ny</target></trans-unit></file></xliff>',
}


@pytest.mark.parametrize("name", SIDES_OF_LINES)
def test_a_memory_keeps_lines_that_mean_something(tmp_path, name):
    (tmp_path / name).write_text(SIDES_OF_LINES[name], encoding="utf-8", newline="")
    memory = TranslationMemory.read([f"{tmp_path}/{name}"], "en", "de")
    assert (memory.exact("a\nb"), memory.exact("a b")) == ("x\ny", "x y")
    pairs = [(pair.source, pair.target) for pair in open_corpus(f"{tmp_path}/{name}", "en", "de")]
    assert pairs == [("a b", "x y")]


TMX = """<tmx version="1.4"><header srclang="en"/><body>
<tu><tuv xml:lang="de"><seg><bpt i="2">x</bpt>OK<ept i="2">/x</ept> hier<ph x="9">y</ph> drücken</seg></tuv>
    <tuv xml:lang="en"><seg>Press<ph x="9">y</ph> <bpt i="2">x</bpt>OK<ept i="2">/x</ept> here</seg></tuv></tu>
<tu><tuv xml:lang="en"><seg>a <ph>1</ph>b</seg></tuv><tuv xml:lang="de"><seg>ohne</seg></tuv></tu>
<tu><tuv xml:lang="en"><seg>save <ph>1</ph> it</seg></tuv><tuv xml:lang="de"><seg>mit <ph>1</ph> Code</seg></tuv></tu>
<tu><tuv xml:lang="en"><seg>save it</seg></tuv><tuv xml:lang="de"><seg>sichern</seg></tuv></tu>
</body></tmx>"""  # noqa: E501


def test_a_memory_with_codes(tmp_path):
    """A text with codes is found by where they are, whatever they are called; one without them is found
    too.
    """
    (tmp_path / "a.tmx").write_text(TMX, encoding="utf-8")
    memory = TranslationMemory.read([f"{tmp_path}/a.tmx"], "en", "de")
    assert memory.exact("Press<5/>  <7>OK</7> here") == "<7>OK</7> hier<5/> drücken"
    assert memory.exact("Press <7>OK</7> here") is None
    assert memory.exact("Press OK here") == "OK hier drücken"
    # What lacks codes on one side is a translation of the words alone, and what never had any the better one.
    assert (memory.exact("a b"), memory.exact("a <1/>b")) == ("ohne", None)
    assert (memory.exact("save <3/> it"), memory.exact("save it")) == ("mit <3/> Code", "sichern")
    assert memory.like("Press<5/> <7>OK</7> there", 0.8).source == "Press<1/> <2>OK</2> here"


def test_what_went_wrong_is_left_open():
    document = Recorded("good", "bad %s", "nothing", "loud")
    filled = DocumentFilling(document, PROTECTION).fill(shouting()[0])
    assert document.translations == ["GOOD", None, None, None]
    assert filled.open[-1] == (document.units[3], "too loud")
    assert summary(filled, 2) == [
        "1 units translated, 3 kept as they were, 3 left open",
        "a.po:2: left open: its translation does not have '%s' as often as it",
        "a.po:3: left open: its translation is empty",
        "and 1 more left open",
    ]


def test_keys_stay_out_of_what_must_stay():
    texts = (
        "_Save %s now",
        "See http://x.org/~joe now",
        "_Bold <b>x</b>",
        "New {_name}",
        "_Save my_file",
        "j_doe@x.com y",
    )
    document = Recorded(*texts)
    filled = DocumentFilling(document, PROTECTION).fill(shouting()[0])
    assert document.translations == [
        "_SAVE %s NOW",
        "SEE http://x.org/~joe NOW",
        "_BOLD <b>X</b>",
        "NEW {_name}",
        "_SAVE MY_FILE",
        "j_doe@x.com Y",
    ]
    assert filled.open == []
    assert with_key("%s sichern", "_S", PROTECTION.find("%s sichern")) == "%s _sichern"


def test_a_translation_with_marks_of_its_own():
    document = Recorded("&Save && Close", "&Tom's file", "_Save && close", "R&D")
    translate, _ = shouting()
    said = {"Save && Close": "Speichern & Schließen", "Tom's file": "Tom & Jerry"}

    def with_marks(lines):
        texts = [said.get(line, one.text) for line, one in zip(lines, translate(lines), strict=True)]
        return [SimpleNamespace(text=text, changed=(), best=None, cut_within=False) for text in texts]

    filled = DocumentFilling(document, PROTECTION).fill(with_marks)
    assert document.translations == [None, None, "_SAVE && CLOSE", "R&D"]
    reason = "its translation does not have '&', which marks an access key, as often as it"
    assert filled.open == [(document.units[0], reason), (document.units[1], reason)]
    said.update({"Save && Close": "Speichern && Schließen"})
    DocumentFilling(document, PROTECTION).fill(with_marks)
    assert document.translations[0] == "&Speichern && Schließen"


@pytest.mark.parametrize(
    "line",
    [
        "_a " * 6_700,
        "a&b " * 5_000,
        "_a " + "%s " * 6_700,
        "&Save " + "{a} x" * 4_000,
        "a_" * 15_000,
        "&a." * 10_000,
        "&" + "a" * 30_000,
        "é" * 30_000,
    ],
)
def test_what_is_long_ends(line):
    text = UnitLine.of(line, PROTECTION, {"_"}).text
    assert with_key(text, "_q", PROTECTION.find(text))


def test_what_chooses_is_left_to_people():
    document = Recorded("{n, plural, one {# file} other {# files}}", "a")
    translate, asked = shouting()
    filled = DocumentFilling(document, PROTECTION).fill(translate)
    assert (document.translations, asked) == ([None, "A"], ["a"])
    assert "it chooses between texts" in summary(filled, 3)[1]


@pytest.mark.parametrize(
    ("label", "text", "key"),
    [
        ("_Open", "Open", "_O"),
        ("E&xit", "Exit", "&x"),
        ("~File...", "File...", "~F"),
        ("Sa_ve", "Sa_ve", ""),
        ("S_ave", "Save", "_a"),
        ("Sav&e", "Save", "&e"),
        ("Tom & Jerry", "Tom & Jerry", ""),
        ("AT&T", "AT&T", ""),
        ("a_b_c", "a_b_c", ""),
        ("_one _two", "_one _two", ""),
        ("_(text)", "_(text)", ""),
        ("E&amp;xit", "E&amp;xit", ""),
        ("&lt;b", "&lt;b", ""),
        ("a &d-i; b", "a &d-i; b", ""),
        ("Re&name", "Rename", "&n"),
        ("Se&lect all", "Select all", "&l"),
        ("Prin~t", "Print", "~t"),
        ("Ä&ndern", "Ändern", "&n"),
        ("Drag&drop files", "Drag&drop files", ""),
        ("Rock&roll", "Rock&roll", ""),
        ("B&b", "B&b", ""),
        ("at&t", "at&t", ""),
        ("in&out", "in&out", ""),
        ("x_axis", "x_axis", ""),
        ("Pass~word", "Password", "~w"),
        ("FT&P", "FT&P", ""),
    ],
)
def test_access_keys(label, text, key):
    line = UnitLine.of(label, PROTECTION, frozenset())
    assert (line.text, line.key) == (text, key)
    assert UnitLine.of(label, PROTECTION, None).text == label


def test_words_in_small_letters_follow_the_file():
    """What divides one is the mark of an access key where the file has it before words too."""
    texts = ["paste o&utput", "the s_ystem", "x_axis", "drag&drop", "b&b", "wor~ds", "snake_case"]
    keys = [
        [UnitLine.of(text, PROTECTION, set(marks)).key for text in texts] for marks in ("", "&", "_", "~")
    ]
    assert keys == [[""] * 7, ["&u", *[""] * 6], ["", "_y", "_a", *[""] * 4], [*[""] * 5, "~d", ""]]
    document = Recorded("_Open", "the s_ystem", "rock&roll", "at&t", "&arch-name; <b x=&a>", "too&l")
    DocumentFilling(document, PROTECTION).fill(shouting()[0])
    assert document.translations == [
        "_OPEN",
        "THE S_YSTEM",
        "ROCK&ROLL",
        "AT&T",
        "&arch-name; <b x=&a>",
        "TOO&L",
    ]
    document = Recorded("_Open", "the s_ystem", keyed=False)
    DocumentFilling(document, PROTECTION).fill(shouting()[0])
    assert document.translations == ["_OPEN", "THE S_YSTEM"]


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("Datei schließen", "_O", "_Datei schließen"),
        ("Beenden", "&x", "&Beenden"),
        ("das Öffnen oben", "_O", "das Öffnen _oben"),
        ("Extra", "&x", "E&xtra"),
        ("開く", "_o", "開く(_O)"),
        ("Файл", "_f", "_Файл"),
    ],
)
def test_access_keys_in_translations(text, key, expected):
    assert with_key(text, key) == expected


def test_lines_of_a_catalogue_that_is_a_memory(tmp_path):
    entry = 'msgid ""\n"{}\\n"\n"  two\\n"\nmsgstr "{}"\n'
    (tmp_path / "a.po").write_text(
        entry.format("one", r"eins\n  zwei\n") + "\n" + entry.format("three", "drei zwei")
    )
    memory = TranslationMemory.read([f"{tmp_path}/a.po"], "en", "de")
    document = Recorded("one\n  two\n", "one two", "\none\ntwo", "three\ntwo")
    translate, asked = shouting()
    filled = DocumentFilling(document, PROTECTION, memory).fill(translate)
    assert document.translations == ["eins\n  zwei\n", "eins zwei", "\neins\n  zwei", "THREE\nTWO"]
    assert (filled.remembered, asked) == (3, ["three", "two"])
