"""Subtitles, messages and tables: what is translated, and that all around it stays."""

import pytest

from mtkit.errors import InputError
from mtkit.formats.opening import open_document

SRT = """1
00:00:01,000 --> 00:00:02,500
One <i>line</i>.

2
00:00:03,000 --> 00:00:04,000 X1:40
A text
of two lines

3
00:00:05,000 --> 00:00:06,000

"""
VTT = """WEBVTT

NOTE a remark

intro
00:01.000 --> 00:02.000 align:start
Hello there"""
JSON = """{
  "title": "Open \\u00e4 file",  "count": 3,
  "menu" : {"quit":"Quit","empty": "", "names": ["one", "\\"two\\""]},
  "n": "{count, plural, one {# file} other {# files}}"
}
"""
CSV = (
    'id,en,de,note\r\n1,open,,x\r\n2,"a ""b"", c","",\r\n3,done,fertig,\r\n4,"two\nlines",'
    " ,\r\n5,short\r\n,,,\r\n"
)


def opened(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_document(path, ("en", "de"))


def texts(document):
    return [(unit.text, int(unit.where.rpartition(":")[2])) for unit in document.units]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_subtitles(tmp_path, end, mark):
    content = mark + SRT.replace("\n", end).encode()
    document = opened(tmp_path, "a.srt", content)
    assert texts(document) == [("One <i>line</i>.", 3), ("A text of two lines", 7)]
    assert document.filled([None, None]) == content
    filled = document.filled(["Eine <i>Zeile</i>.", "Ein Text in zwei Zeilen"])
    expected = SRT.replace("One <i>line</i>.", "Eine <i>Zeile</i>.").replace(
        "A text\nof two lines", "Ein Text in\nzwei Zeilen"
    )
    assert filled == mark + expected.replace("\n", end).encode()


def test_cues_that_nothing_parts(tmp_path):
    text = "00:00:01,000 --> 00:00:02,000\nOne\n2\n00:00:03,000 --> 00:00:04,000\n- How?\n- Fine.\n\n"
    text += "3\n00:00:05,000 --> 00:00:06,000\n\u266a\n"
    document = opened(tmp_path, "a.srt", text)
    assert texts(document) == [("One", 2), ("- How?\n- Fine.", 5)]
    expected = text.replace("One", "EINS").replace("- How?\n- Fine.", "- Wie?\n- Gut.")
    assert document.filled(["EINS", "- Wie?\n- Gut."]).decode() == expected


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blank_lines_within_a_subtitle(tmp_path, end):
    text = (
        "\n1\n00:00:01,000 --> 00:00:02,000\nOne\n\ntwo\nthree\n \n\n4\n\n2\n00:00:03,000 -->"
        " 00:00:04,000\n\nfour\n\n"
    )
    text = (text + "00:00:05,000 --> 00:00:06,000\nfive\n\nsix").replace("\n", end)
    document = opened(tmp_path, "a.srt", text)
    assert texts(document) == [("One", 4), ("two three", 6), ("four", 15), ("five", 18), ("six", 20)]
    expected = text.replace("One", "EINS").replace(f"two{end}three", f"ZWEI{end}DREI").replace("four", "VIER")
    filled = document.filled(["EINS", "ZWEI DREI", "VIER", "FÜNF", "SECHS"]).decode()
    assert filled == expected.replace("five", "FÜNF").replace("six", "SECHS")


def test_remarks_and_styles_of_the_web(tmp_path):
    text = (
        "WEBVTT a head\nmore of it\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:a\n\nNOTE\n00:00.000 -->"
        " 00:01.000\nnot shown\n\nan id\n00:01.000 --> 00:02.000\nNOTE this is said\n\nnot shown"
        " either\n\n00:03.000 --> 00:04.000\nTwo\n00:05.000 --> 00:06.000\nThree\n"
    )
    document = opened(tmp_path, "a.vtt", text)
    assert [text for text, _ in texts(document)] == ["NOTE this is said", "Two", "Three"]


def test_subtitles_of_the_web(tmp_path):
    document = opened(tmp_path, "a.vtt", VTT)
    assert texts(document) == [("Hello there", 7)]
    assert document.filled(["Hallo"]).decode() == VTT.replace("Hello there", "Hallo")


def test_space_around_subtitles(tmp_path):
    text = "00:01.000 --> 00:02.000\n\t one  two  \n three four five \n\n00:03.000 --> 00:04.000\n  a  \n"
    document = opened(tmp_path, "a.vtt", text)
    assert texts(document) == [("one two three four five", 2), ("a", 6)]
    assert document.filled(["one two three four five", "A"]).decode() == text.replace("  a  \n", "  A  \n")
    assert document.filled(["eins zwei drei", "a"]).decode() == text.replace(
        "one  two  \n three four five ", "eins zwei\ndrei "
    )


def test_what_says_the_same_stays_as_it_stands(tmp_path):
    text = r'{"a": "\/", "b": "http:\/\/x", "c": "\uD83D\uDE00", "d": "x\u0041\/", "e": "\/y"}'
    document = opened(tmp_path, "a.json", text)
    assert document.filled([unit.text for unit in document.units]).decode() == text
    expected = text.replace(r"x\u0041", r"\u00e4").replace(r'"\/y"', r'"z\/"')
    assert document.filled([None, None, None, "ä/", "z/"]).decode() == expected


def test_messages(tmp_path):
    document = opened(tmp_path, "a.json", JSON)
    choice = "{count, plural, one {# file} other {# files}}"
    assert [text for text, _ in texts(document)] == ["Open ä file", "Quit", "one", '"two"', choice]
    assert document.filled([None] * 5) == JSON.encode()
    filled = document.filled(["Öffne", "Schluß", None, 'zw"ei\n', None]).decode()
    expected = JSON.replace("Open \\u00e4 file", "\\u00d6ffne").replace('"Quit"', '"Schluß"')
    assert filled == expected.replace('"\\"two\\""', '"zw\\"ei\\n"')


def test_tables(tmp_path):
    document = opened(tmp_path, "a.csv", CSV)
    assert (texts(document), document.kept) == (
        [("open", 2), ('a "b", c', 3), ("two\nlines", 6), ("short", 7)],
        1,
    )
    assert document.filled([None] * 4) == CSV.encode()
    assert [document.fault(number, "x") for number in range(4)] == [
        "",
        "",
        "",
        "a row of 2 cells; the head has 4",
    ]
    filled = document.filled(["offen", 'a "b", c', "zwei\nZeilen", None]).decode()
    expected = CSV.replace("1,open,,x", "1,open,offen,x").replace('c","",', 'c","a ""b"", c",')
    assert filled == expected.replace('lines", ,', 'lines","zwei\nZeilen",')


def test_quotation_marks_within_cells(tmp_path):
    document = opened(tmp_path, "a.csv", 'en,de\n5" disk,\n6" disk,\n"7"" disk, old",""\n')
    assert texts(document) == [('5" disk', 2), ('6" disk', 3), ('7" disk, old', 4)]
    filled = document.filled(["a", "b", 'c "d"']).decode()
    assert filled == 'en,de\n5" disk,a\n6" disk,b\n"7"" disk, old","c ""d"""\n'


def test_where_access_keys_are(tmp_path):
    files = {"a.srt": SRT, "a.vtt": VTT, "a.json": JSON, "a.csv": CSV}
    assert [opened(tmp_path, name, content).keyed for name, content in files.items()] == [
        False,
        False,
        True,
        True,
    ]


def test_other_encodings(tmp_path):
    content = VTT.encode("utf-16")
    document = opened(tmp_path, "a.vtt", content)
    assert document.filled([None]) == content
    assert document.filled(["你好"]).decode("utf-16") == VTT.replace("Hello there", "你好")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.srt", "no times here\n", " holds nothing to translate"),
        ("a.srt", b"1\n00:00:01,000 --> 00:00:02,000\n\xff\n", ":3: not valid UTF-8"),
        ("a.json", "{", ":1: no JSON ("),
        ("a.json", "[" * 100_000, ":1: no "),
        ("a.json", '{"a":\n"\\ud83d"}', ":2: half of a character"),
        ("a.json", '{"a": 1}', " holds nothing to translate"),
        ("a.csv", "one,two\n1,2\n", ":1: no columns for en and de"),
        ("a.csv", 'en,de\n"open,\n', ":2: a quotation mark is never closed"),
        ("a.csv", 'en,de\n"a\nb" he said "c",\n', ":3: text behind the quotation mark that closes a cell"),
    ],
)
def test_what_cannot_be_read(tmp_path, name, content, words):
    with pytest.raises(InputError) as error:
        opened(tmp_path, name, content)
    assert words in str(error.value)


def test_a_table_of_tabs(tmp_path):
    document = opened(tmp_path, "a.tsv", "id\ten\tde\n1\tThe dog, a cat\t\n2\tRed\tRot\n")
    assert [unit.text for unit in document.units] == ["The dog, a cat"] and document.kept == 1
    filled = document.filled(["Der Hund, eine Katze"]).decode()
    assert filled == "id\ten\tde\n1\tThe dog, a cat\tDer Hund, eine Katze\n2\tRed\tRot\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_quotation_marks_in_a_table_of_tabs(tmp_path, end):
    """They quote where they close before the tab or the line end; else they are text."""
    rows = [
        '"id"\t"en"\t"de"',
        '1\t"a ""b"""\t""',
        '2\t"Hello\t',
        '3\tYou"\t',
        '4\t"A" he said "B"\t',
        '5\t"C"\t"D"',
        "6\tE\t",
    ]
    document = opened(tmp_path, "a.tsv", end.join(rows))
    assert (
        texts(document) == [('a "b"', 2), ('"Hello', 3), ('You"', 4), ('"A" he said "B"', 5), ("E", 7)]
        and document.kept == 1
    )
    filled = document.filled(["c", '"Hallo', 'Du"', '"A" sagt "B"', '"e"\tf']).decode()
    rows[1] = rows[1].removesuffix('""') + '"c"'
    added = ["", "", '"Hallo', 'Du"', '"A" sagt "B"', "", '"e" f']
    assert filled == end.join(row + own for row, own in zip(rows, added, strict=True))
    (tmp_path / "b.tsv").write_text("en\tde\na\t\nb\t", encoding="utf-8")
    document = open_document(tmp_path / "b.tsv", ("en", "de"))
    assert document.filled(['"x"', "y|z"]).decode() == 'en\tde\na\t"""x"""\nb\ty|z'


def test_rows_that_do_not_fit_their_head(tmp_path):
    document = opened(tmp_path, "a.csv", "en,de\na\nb,,,\nc,,d\ne,f,g\n\n")
    assert texts(document) == [("a", 2), ("b", 3), ("c", 4)] and document.kept == 1
    reasons = ["a row of 1 cells; the head has 2", "", "a row of 3 cells; the head has 2"]
    assert [document.fault(number, "x") for number in range(3)] == reasons
