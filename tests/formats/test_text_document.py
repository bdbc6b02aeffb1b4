"""Plain text in paragraphs that go on over lines: what is one, and how its translation is wrapped."""

import pytest

from mtkit.errors import InputError
from mtkit.formats.text_document import TextDocument

TEXT = """A title
=======

   One two three four
five six  seven.\x20
   Indented again,
a paragraph.

- an item of
  two lines
- another

> quoted text
> goes on
>> and an answer
12
"""


def opened(tmp_path, content):
    path = tmp_path / "a.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return TextDocument(path)


def texts(document):
    return [(unit.text, int(unit.where.rpartition(":")[2])) for unit in document.units]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_paragraphs(tmp_path, end, encoding):
    content = TEXT.replace("\n", end).encode(encoding)
    document = opened(tmp_path, content)
    assert texts(document) == [
        ("A title", 1),
        ("One two three four five six  seven.", 4),
        ("Indented again, a paragraph.", 6),
        ("an item of two lines", 9),
        ("another", 11),
        ("quoted text goes on", 13),
        ("and an answer", 15),
    ]
    assert document.filled([None] * 7) == document.filled([unit.text for unit in document.units]) == content
    translations = [
        "EINS",
        "EINS ZWEI DREI VIER FÜNF SECHS",
        None,
        "EIN STÜCK - 3. ZEILE",
        None,
        "DAS IST EIN TEXT",
        None,
    ]
    expected = TEXT.replace("A title", "EINS").replace(
        "One two three four\nfive six  seven.", "EINS ZWEI DREI\nVIER FÜNF SECHS"
    )
    expected = expected.replace("an item of\n  two lines", "EIN STÜCK - 3.\n  ZEILE")
    expected = expected.replace("quoted text\n> goes on", "DAS IST EIN\n> TEXT")
    assert document.filled(translations) == expected.replace("\n", end).encode(encoding)


def test_a_translation_of_a_script_without_spaces_is_one_line(tmp_path):
    assert (
        opened(tmp_path, "one two\nthree").filled(["一二三四五六七八九十。"]).decode()
        == "一二三四五六七八九十。"
    )


def test_lines_of_scripts_without_spaces(tmp_path):
    document = opened(tmp_path, "今日は\n良い天気\nです。OK\nです\n\nสวัสดี\nครับ\n\nfür\n日本\n")
    assert [text for text, _ in texts(document)] == ["今日は良い天気です。OK です", "สวัสดีครับ", "für 日本"]


def test_pages_end_paragraphs(tmp_path):
    document = opened(tmp_path, "one\ntwo\n\fthree\nfour\n\f\nfive\n")
    assert texts(document) == [("one two", 1), ("three four", 3), ("five", 6)]
    assert document.filled(["A B", "C D", "E"]) == b"A B\n\fC D\n\f\nE\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", " holds nothing"),
        ("1\n\n--\n", " holds nothing"),
        (b"a\n\xff", ":2: not valid UTF-8"),
        (
            "a\nb".encode("utf-16-le"),
            ":1: no text: it has a character NUL; if it is UTF-16, convert it, as with iconv -t UTF-8",
        ),
        ("a\n\0b", ":2: no text"),
    ],
)
def test_what_cannot_be_read(tmp_path, content, words):
    with pytest.raises(InputError) as error:
        opened(tmp_path, content)
    assert words in str(error.value)


def test_what_is_long_ends(tmp_path):
    for content in ("> " * 50_000 + "a", " " * 100_000 + "a", "a\n" * 50_000, "word " * 100_000):
        document = opened(tmp_path, content)
        assert document.filled([text + " x" for text, _ in texts(document)])
