"""Catalogues filled: what is filled, how it is marked, and that nothing else changes."""

import polib
import pytest

from mtkit.errors import InputError
from mtkit.formats.catalogue import Catalogue
from mtkit.formats.opening import open_corpus, open_document
from mtkit.formats.plural import Plurals
from mtkit.translating.protect import Protection
from tests.support.catalogue import PO

OPEN = """# Licence
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n>=2 && n<=4 ? 1 : 2);\\n"

#. note
#: a.c:1
#, c-format
msgctxt "menu"
msgid "_Open %s"
msgstr ""

#  keep  this
msgid ""
"first\\n"
"second\\n"
msgstr ""

  msgid "one"
  msgid_plural "many"
  msgstr[0] ""
  msgstr[1] ""
  msgstr[2] ""

#, fuzzy
#| msgid "old"
msgid "doubt"
msgstr ""
"Zweifel"

msgid "done"
msgstr "fertig"

#~ msgid "gone"
#~ msgstr ""
"""


def opened(tmp_path, content, fuzzy=False):
    path = tmp_path / "a.po"
    path.write_bytes(content)
    return open_document(path, fuzzy=fuzzy)


def in_all_forms():
    """The same catalogue with line ends, marks and encodings as they come."""
    yield OPEN.encode()
    yield b"\xef\xbb\xbf" + OPEN.encode()
    yield OPEN.replace("\n", "\r\n").encode()
    yield OPEN.rstrip("\n").encode()
    yield OPEN.replace("UTF-8", "ISO-8859-1").replace("note", "Anmerkung: \u00fc").encode("latin-1")


@pytest.mark.parametrize("content", list(in_all_forms()))
def test_nothing_changes_but_what_is_filled(tmp_path, content):
    document = opened(tmp_path, content)
    assert [unit.text for unit in document.units] == ["_Open %s", "first\nsecond\n", "one", "many"]
    assert document.kept == 2  # the doubtful one, and the one that is done
    assert document.filled([None] * 4) == content
    filled = document.filled(['\u00d6ffne "%s"', "a\nb\n", "eins", "viele"])
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    encoding = "latin-1" if b"ISO-8859-1" in content else "utf-8"
    end = "\r\n" if b"\r\n" in content else "\n"
    changes = {
        "#, c-format": "#, fuzzy, c-format",
        'msgid "_Open %s"\nmsgstr ""': 'msgid "_Open %s"\nmsgstr "\u00d6ffne \\"%s\\""',
        'msgid ""\n"first\\n"': '#, fuzzy\nmsgid ""\n"first\\n"',
        '"second\\n"\nmsgstr ""': '"second\\n"\nmsgstr "a\\nb\\n"',
        '  msgid "one"': '#, fuzzy\n  msgid "one"',
        '  msgstr[0] ""\n  msgstr[1] ""\n  msgstr[2] ""': (
            'msgstr[0] "eins"\nmsgstr[1] "viele"\nmsgstr[2] "viele"'
        ),
    }
    expected = content.removeprefix(mark).decode(encoding).replace("\r\n", "\n")
    for before, after in changes.items():
        assert expected.count(before) == 1
        expected = expected.replace(before, after)
    assert filled == mark + expected.replace("\n", end).encode(encoding)
    catalogue = polib.pofile(expected + "\n")
    assert [entry.fuzzy for entry in catalogue if not entry.obsolete] == [True, True, True, True, False]
    assert catalogue[2].msgstr_plural == {0: "eins", 1: "viele", 2: "viele"}


def test_doubtful_ones_where_asked_for(tmp_path):
    document = opened(tmp_path, OPEN.encode(), fuzzy=True)
    assert [unit.text for unit in document.units] == ["_Open %s", "first\nsecond\n", "one", "many", "doubt"]
    filled = document.filled([None, None, None, None, "neu"]).decode()
    assert filled == OPEN.replace('msgstr ""\n"Zweifel"', 'msgstr "neu"')  # marked already


def test_a_plural_entry_is_filled_whole_or_not(tmp_path):
    document = opened(tmp_path, OPEN.encode())
    assert document.filled([None, None, "eins", None]) == OPEN.encode()


def test_where_units_are(tmp_path):
    document = opened(tmp_path, PO.encode("latin-1"), fuzzy=True)
    assert [(unit.text, unit.where) for unit in document.units] == [
        ("maybe", f"{tmp_path}/a.po:13"),
        ("not yet", f"{tmp_path}/a.po:16"),
    ]


def test_letters_that_the_encoding_lacks(tmp_path):
    document = opened(tmp_path, PO.encode("latin-1"))
    said = (
        "its translation has '\u4e00', which ISO-8859-1 cannot write: msgconv -t UTF-8 makes a file that can"
    )
    assert [document.fault(0, text) for text in ("a \u4e00", "\u00fc")] == [said, ""]


def test_what_is_no_catalogue(tmp_path):
    with pytest.raises(InputError, match=r"a\.po:1: no gettext catalogue"):
        opened(tmp_path, b"nonsense here\n")
    document = opened(tmp_path, b"")
    assert (list(document.units), document.filled([])) == ([], b"")


@pytest.mark.parametrize(
    ("rule", "count", "singular"),
    [
        ("nplurals=2; plural=(n != 1);", 2, [0]),
        ("nplurals=2; plural=(n > 1);", 2, []),  # French: zero things take the first form too
        ("nplurals=1; plural=0;", 1, []),
        (
            "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n!=0 ? 1 : 2);",
            3,
            [],
        ),  # Latvian: 21 takes the first form too
        ("nplurals=3; plural=(n==1 ? 0 : n>=2 && n<=4 ? 1 : 2);", 3, [0]),
        ("", 2, [0]),
        ("nplurals=2; plural=__import__('os');", 2, [0]),
        ("nplurals=2; plural=n/0;", 2, [0]),
        ("nplurals=2; plural=7;", 2, [0]),
        ("nplurals=INTEGER; plural=EXPRESSION;", 2, [0]),
    ],
)
def test_plural_rules(rule, count, singular):
    plurals = Plurals.read(rule)
    assert plurals.count == count
    assert [form for form in range(count) if plurals.is_singular(form)] == singular


@pytest.mark.parametrize(
    ("content", "filled"),
    [
        # gettext wants flags before what a text was before.
        ('#| msgid "old"\nmsgid "one"\nmsgstr ""\n', '#, fuzzy\n#| msgid "old"\nmsgid "one"\nmsgstr "X"\n'),
        # What a person wrote of several forms stays, and so do remarks between them.
        ('msgid "a"\nmsgid_plural "b"\nmsgstr[0] "eins"\nmsgstr[1] ""\n', None),
        ('msgid "a"\nmsgid_plural "b"\nmsgstr[0] ""\n# c\nmsgstr[1] ""\n', None),
        # Python breaks lines at these, gettext does not.
        (
            'msgid "a\u2028b"\nmsgstr "c"\n\x0c\nmsgid "d\x85"\nmsgstr ""\n',
            'msgid "a\u2028b"\nmsgstr "c"\n\x0c\n#, fuzzy\nmsgid "d\x85"\nmsgstr "X"\n',
        ),
    ],
)
def test_odd_entries(tmp_path, content, filled):
    document = opened(tmp_path, content.encode())
    assert document.filled(["X"] * len(document.units)).decode() == (filled or content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'msgid "a"\rmsgstr ""\r', ":1: a carriage return without a newline"),
        (
            b'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-7\\n"\n',
            "can be written in more than one way",
        ),
        (
            b'msgid ""\nmsgstr "Content-Type: text/plain; charset=hex\\n"\n',
            "cannot be read in the encoding that its header names",
        ),
    ],
)
def test_what_could_not_be_given_back(tmp_path, content, words):
    with pytest.raises(InputError) as error:
        opened(tmp_path, content)
    assert words in str(error.value)


def test_a_catalogue_of_another_language(tmp_path):
    path = tmp_path / "a.po"
    path.write_text('msgid ""\nmsgstr "Language: sr@latin\\n"\n\nmsgid "a"\nmsgstr ""\n')
    for language in ("sr", "sr_Latin", ""):
        assert len(open_document(path, ("en", language)).units) == 1
    with pytest.raises(
        InputError, match=r"into sr@latin, as its header says \(Language\), and de is asked for"
    ):
        open_document(path, ("en", "de"))


def texts(document):
    return [unit.text for unit in document.units]


@pytest.mark.parametrize(
    ("written", "text", "canonical"),
    [
        (r"a\033[1mbold\x1b[0m", "a\x1b[1mbold\x1b[0m", r"a\033[1mbold\033[0m"),
        (r"\a\b\f\v\t\r\n", "\a\b\f\v\t\r\n", r"\a\b\f\v\t\r\n"),
        (r"C:\\033 \"\x22\"", 'C:\\033 """', r"C:\\033 \"\"\""),
        (r"\303\244 \xC3\xa4 \0101", "ä ä \b1", r"ä ä \b1"),
        (r"100\% \d", r"100\% \d", r"100\\% \\d"),
        ("tab\tfeed\x0c", "tab\tfeed\x0c", r"tab\tfeed\f"),
    ],
)
def test_escapes(tmp_path, written, text, canonical):
    """What is meant is translated, and written as gettext would."""
    content = f'msgid "{written}"\nmsgstr ""\n'
    document = opened(tmp_path, content.encode())
    assert texts(document) == [text]
    assert document.filled([None]).decode() == content
    filled = document.filled([text]).decode()
    assert filled == f'#, fuzzy\nmsgid "{written}"\nmsgstr "{canonical}"\n'
    (pair,) = open_corpus(written_to(tmp_path, filled.replace("#, fuzzy\n", "")), "en", "de")
    assert pair.source == pair.target == " ".join(text.split())


def written_to(tmp_path, content):
    path = tmp_path / "b.po"
    path.write_bytes(content.encode())
    return str(path)


def test_what_steers_a_terminal_stays(tmp_path):
    document = opened(tmp_path, rb'msgid "a\033[1;31mred\033[0m\x07"' b'\nmsgstr ""\n')
    (text,) = texts(document)
    assert [text[start:stop] for start, stop in Protection.of(document.codes).find(text)] == [
        "\x1b[1;31m",
        "\x1b[0m",
        "\x07",
    ]


@pytest.mark.parametrize(
    "remark",
    [
        "#Foo",
        "#",
        "#:",
        "#: ",
        "#.",
        "#.note",
        "#:a.c:1",
        "#,",
        "#, ",
        '#|msgid "old"',
        "#|",
        "#~|",
        "#~",
        "#=x",
        "## a",
    ],
)
def test_remarks_of_all_kinds(tmp_path, remark):
    content = f'{remark}\nmsgid "a"\nmsgstr ""\n\n{remark}\nmsgid "b"\nmsgstr ""\n{remark}'
    document = opened(tmp_path, content.encode())
    assert texts(document) == ["a", "b"]
    assert document.filled([None, None]).decode() == content
    filled = document.filled(["A", "B"]).decode()
    assert [line for line in filled.split("\n") if line not in (remark, "#, fuzzy", "")] == [
        'msgid "a"',
        'msgstr "A"',
        'msgid "b"',
        'msgstr "B"',
    ]
    assert filled.count(remark + "\n") + filled.endswith(remark) >= 3
    (tmp_path / "a.po").write_text(filled, encoding="utf-8")
    assert all(entry.fuzzy for entry in Catalogue.read(tmp_path / "a.po", "").entries)


def test_flags_without_a_space(tmp_path):
    document = opened(tmp_path, b'#,fuzzy\nmsgid "a"\nmsgstr "A"\n\n#,c-format\nmsgid "b"\nmsgstr ""\n')
    assert (texts(document), document.kept) == (["b"], 1)
    assert document.filled(["B"]).decode().endswith('\n#, fuzzy, c-format\nmsgid "b"\nmsgstr "B"\n')


@pytest.mark.parametrize(
    "line",
    ['msgstr "Hallo', "msgid one two", 'msgid "a\\"', 'msgid "a" "b"', '"a', 'msgstr [0] "a"', '#~ msgid "a'],
)
def test_a_text_has_two_quotation_marks(tmp_path, line):
    with pytest.raises(
        InputError, match=r"a\.po:3: no gettext catalogue \(a keyword or a quotation mark is missing\)"
    ):
        opened(tmp_path, f'msgid "x"\nmsgstr "y"\n{line}\n'.encode())


def test_an_entry_without_its_translation(tmp_path):
    with pytest.raises(
        InputError, match=r"a\.po:3: an entry begins, and the one before has no msgstr: write it, or delete"
    ):
        opened(tmp_path, b'msgid "a"\n#msgstr "b"\nmsgid "c"\nmsgstr "d"\n')
