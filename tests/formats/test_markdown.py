"""Markdown: which texts are translated, what stands for their marks, and that all else stays."""

import re

import pytest

from mtkit.errors import InputError
from mtkit.formats.opening import open_document
from mtkit.translating.protect import Protection

PAGE = """---
title: A page
---

# A *first* heading #

A paragraph with `code x` and **bold [words](http://x.org/a_b "A title")**,
which goes on over lines; see [the guide][guide], [guide] and <http://x.org>.

> A quote of one &amp; two \\* stars
> and ![a cat](cat.png), [x](y)

- [ ] item one
  goes on
- item two  
  with a break

1. first
   > deep

| name | a \\| b |
|------|:------:|
| one  | `two`  |

Under
=====

```python
no = "text"
```

    indented code

<div>
html text
</div>

[guide]: http://x.org/guide "The guide"
"""
TEXTS = [
    "A <1>first</1> heading",
    (
        "A paragraph with <1/> and <2>bold <3>words</3></2>, which goes on over lines; see <4>the"
        " guide</4>, <5>guide</5> and <6/>."
    ),
    "A quote of one & two * stars and <1>a cat</1>, <2>x</2>",
    "[ ] item one goes on",
    "item two\nwith a break",
    "first",
    "deep",
    "name",
    "a | b",
    "one",
    "Under",
]


def opened(tmp_path, content, name="a.md"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_document(path)


def texts(document):
    return [unit.text for unit in document.units]


def loud(text):
    return re.sub(r"(<[^<>]*>)|(\w+)", lambda found: found[1] or found[2].upper(), text)


def translated(tmp_path, content, *translations):
    """A file with translations that have no fault."""
    document = opened(tmp_path, content)
    assert [document.fault(number, text) for number, text in enumerate(translations)] == [""] * len(
        translations
    )
    return document.filled(translations).decode()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_is_text(tmp_path, end, encoding):
    content = PAGE.replace("\n", end).encode(encoding)
    document = opened(tmp_path, content, "a.markdown")
    assert texts(document) == TEXTS
    assert [document.fault(number, text) for number, text in enumerate(TEXTS)] == [""] * len(TEXTS)
    assert texts(opened(tmp_path, "in C:\\Users \\")) == ["in C:\\Users \\"]
    assert document.filled(TEXTS) == document.filled([None] * len(TEXTS)) == content
    assert [int(unit.where.rpartition(":")[2]) for unit in document.units[:4]] == [5, 7, 10, 13]


def test_a_translated_page(tmp_path):
    expected = PAGE
    for before, after in [
        ("A *first* heading #", "A *FIRST* HEADING #"),
        ("A paragraph with `code x` and **bold [words]", "A PARAGRAPH WITH `code x` AND **BOLD [WORDS]"),
        # A link that was named by its own text needs its name now.
        ("which goes on over lines; see [the guide]", "WHICH GOES ON OVER LINES; SEE [THE GUIDE]"),
        (" [guide] and", " [GUIDE][guide] AND"),
        (
            "A quote of one &amp; two \\* stars\n> and ![a cat]",
            "A QUOTE OF ONE &amp; TWO \\* STARS\n> AND ![A CAT]",
        ),
        ("[x](y)", "[X](y)"),
        ("item one\n  goes on", "ITEM ONE\n  GOES ON"),
        ("two  \n  with a break", "TWO  \n  WITH A BREAK"),
        ("- item", "- ITEM"),
        ("first\n", "FIRST\n"),
        ("deep", "DEEP"),
        ("| name | a \\| b", "| NAME | A \\| B"),
        ("| one ", "| ONE "),
        ("Under", "UNDER"),
    ]:
        assert expected.count(before) == 1, before
        expected = expected.replace(before, after)
    assert translated(tmp_path, PAGE, *map(loud, TEXTS)) == expected


def test_paragraphs_are_wrapped_as_they_were(tmp_path):
    source = "* one two three\n  four - five\n  six.\n"
    # A dash at the beginning of a line would make a list.
    assert (
        translated(tmp_path, source, "eins zwei vier - fünf 6. sechs")
        == "* eins zwei\n  vier - fünf 6.\n  sechs\n"
    )
    assert (
        translated(tmp_path, "one line stays\n", "a very long text of one line")
        == "a very long text of one line\n"
    )
    code = "see `a b c d`\nfor more\n"
    assert translated(tmp_path, code, "für mehr <1/> siehe") == "für mehr\n`a b c d`\nsiehe\n"
    assert translated(tmp_path, "> [!NOTE]\n> some text\n", "[!NOTE]\nein Text") == "> [!NOTE]\n> ein Text\n"


def test_lines_of_scripts_without_spaces(tmp_path):
    content = "今日は\n**良い**\n*天気*です。\nOK\n"
    assert texts(opened(tmp_path, content)) == ["今日は<1>良い</1><2>天気</2>です。 OK"]
    assert translated(tmp_path, "a b\nc\n", "今日は 良い") == "今日は\n良い\n"


@pytest.mark.parametrize(
    ("source", "text", "fault"),
    [
        ("a **b** c", "a <1>b c", "its translation has other marks"),
        ("a **b** *c*", "<1>b<2></1>c</2>", "the marks of its translation cross each other"),
        ("a **b** <b>c</b>", "<1>a <b>c</1></b>", "the marks of its translation cross each other"),
        ("a <b>b</b> c", "a </b>b<b> c", "the marks of its translation cross each other"),
        ("a <p>b</b> <br> c", "a </b>b <br><p> c", ""),
        ("a <b>b <i>c</b></i> d", "a <i>b <b>c</i></b> d", ""),
        ("a **b** c", "a <1></1> c", "the marks of its translation would mean something else"),
        ("a b", "a *b*", "the marks of its translation would mean something else"),
        ("a b", "- a b", "its translation would be more than a paragraph"),
        ("a b", "[a]: b", "its translation would be more than a paragraph"),
        ("a b", "a\nb", "its translation has other lines"),
        ("# a b", "a b #", "a part of its translation would be read as a mark"),
        ("# a b", "a b# c", ""),
        ("a b", "&copy; b", "a part of its translation would be read as a mark"),
        ("a b", "C:\\_x", "a part of its translation would be read as a mark"),
        ("a b", "C:\\x \\", ""),
        ("|a b|\n|---|", "b\\", "its translation ends with a backslash, which a cell of a table cannot"),
        ("|a b|\n|---|", "b | c", ""),
        ("|a b|\n|---|", "b \\| c", "a part of its translation would be read as a mark"),
        ("::: note\ntext\n:::", "x", "it has a line of another language than Markdown"),
        ("a\0b", "a", "its marks cannot be followed"),
    ],
)
def test_faults(tmp_path, source, text, fault):
    assert opened(tmp_path, source).fault(0, text) == fault


def test_characters_are_written_as_they_were(tmp_path):
    source = "Fish &amp; chips &copy; 5\\_000\\* &nbsp;<b>now</b><!-- x --> &ngE;\n"
    document = opened(tmp_path, source)
    assert texts(document) == ["Fish & chips © 5_000* \u00a0<b>now</b><1/> <2/>"]
    expected = source.replace("Fish", "FISH").replace("chips", "CHIPS").replace("now", "NOW")
    assert translated(tmp_path, source, loud(texts(document)[0])) == expected


def test_tags_that_are_text(tmp_path):
    """As of a library of messages: they are no marks, and arrive as they are."""
    document = opened(tmp_path, "Press <1>*here*</1> &amp; `<2/>`\n")
    assert texts(document) == ["Press <1><3>here</3></1> & <4/>"]
    assert document.fault(0, "<1><3>Hier</3></1> & <4/>") == ""
    assert document.fault(0, "<1><3>Hier</3> & <4/>") == "its translation has other marks"
    assert document.filled(["<4/> & <1><3>Hier</3></1>"]).decode() == "`<2/>` &amp; <1>*Hier*</1>\n"


def test_marks_that_came_too_close_together(tmp_path):
    source = "a **b** and `c`, `d`, ![e](f) [g](h)\n"
    text = "x<1> b </1>y <2/><3/>. <4> e</4><5>g </5>"
    assert translated(tmp_path, source, text) == "x **b** y `c` `d`. ![ e](f)[g ](h)\n"


def test_links_to_headings_that_stand_twice(tmp_path):
    content = "# Use\n\n# Use\n\n# Usage\n\n[x](#use) [y](#use-1) [z](#usage)\n"
    document = opened(tmp_path, content)
    same = list(texts(document))
    assert document.notes(same) == []
    assert document.notes(["Use", "Gebrauch", "Usage", same[3]])[0].startswith("1 links")
    assert document.notes(["Gebrauch", "Use", "Usage", same[3]])[0].startswith("2 links")
    assert document.notes(["Usage", "Use", "Usage", same[3]])[0].startswith("3 links")


def test_links_to_headings_that_are_translated(tmp_path):
    content = (
        "# Install `it`, now!\n\nSee [x](#install-it-now), [y](#other), [z][n]\n\nOther\n---\n\n[n]:"
        " #install-it-now\n"
    )
    document = opened(tmp_path, content)
    same = list(texts(document))
    assert document.notes(same) == document.notes([None] * 3) == []
    said = (
        "2 links lead to headings of this file by names (#...) of before they were translated: write the new"
        " ones"
    )
    assert document.notes(["Installiere <1/>", *same[1:]]) == [said]
    assert document.notes([*same[:2], "Anderes"])[0].startswith("1 links lead")


def test_what_stays_beside_marks(tmp_path):
    content = (
        "Note[^1] {{ x }} :smile: $a_b$ {#id}\n\n[^1]: A remark of it\n  goes on\n[^b]: *Two* [x]\n\n- [x]"
        " done\n"
    )
    content += "\n| a | a |\n|---|---|\n| | b |\n"
    document = opened(tmp_path, content)
    protection = Protection.of(document.codes)
    held = [[text[start:stop] for start, stop in protection.find(text)] for text in texts(document)]
    assert held[0] == ["[^1]", "{{ x }}", ":smile:", "$a_b$", "{#id}"]
    # The mark of a footnote begins its line, whatever becomes of the text.
    assert texts(document)[1:3] == ["A remark of it goes on", "<1>Two</1> [x]"]
    assert (held[3], texts(document)[4:]) == (["[x]"], ["a", "a", "b"])
    filled = document.filled(
        [None, "Eine Anmerkung dazu geht", "Zwei [x] <1>x</1>", None, "A", None, "B"]
    ).decode()
    assert "\n\n[^1]: Eine Anmerkung\n  dazu geht\n[^b]: Zwei [x] *x*\n\n- [x] done" in filled
    assert "| A | a |\n|---|---|\n| | B |" in filled
    assert [Protection.of(document.codes).find(text) for text in ("costs $5 and $6", "at 10:30:15")] == [
        [],
        [],
    ]


def test_definitions_and_attributes(tmp_path):
    content = (
        "See: an apple\n:   A *fruit*, see: [x]\n    of trees\n: and a firm\n\nPear\n\n:   Another\n\n"
        "text\n{: .fs-6 .fw-300 }\nmore of it\n\n# Head\n{: .no_toc }\n\n> quote\n{: .q }\n\n* item\n{:toc}\n"
    )
    expected = [
        ("See: an apple", 1),
        ("A <1>fruit</1>, see: [x] of trees", 2),
        ("and a firm", 4),
        ("Pear", 6),
        ("Another", 8),
        ("text", 10),
        ("more of it", 12),
        ("Head", 14),
        ("quote", 17),
        ("item", 20),
    ]
    document = opened(tmp_path, content)
    assert [(unit.text, int(unit.where.rpartition(":")[2])) for unit in document.units] == expected
    assert (
        translated(tmp_path, content, *map(loud, texts(document)))
        == "SEE: AN APPLE\n:   A *FRUIT*, SEE: [X]\n    OF TREES\n: AND A FIRM\n\nPEAR\n\n:   ANOTHER\n\n"
        "TEXT\n{: .fs-6 .fw-300 }\nMORE OF IT\n\n# HEAD\n{: .no_toc }\n\n> QUOTE\n{: .q }\n\n* ITEM\n{:toc}\n"
    )


def test_no_line_becomes_a_definition_or_a_table(tmp_path):
    assert (
        translated(tmp_path, "a b\nc d\n", "ein : zwei {:a} drei +--- vier")
        == "ein :\nzwei {:a}\ndrei +---\nvier\n"
    )


@pytest.mark.parametrize(
    "content", ["+---+---+\n| a | b |\n+===+===+\n", "| verse\n|   two\n", "a\n|b|c|\n", "text\n+-----+\n"]
)
def test_tables_drawn_with_lines_stay(tmp_path, content):
    assert opened(tmp_path, content).fault(0, "x") == "it has a line of another language than Markdown"
    assert opened(tmp_path, "|x| is a norm\n").fault(0, "|x| y") == ""


@pytest.mark.parametrize(
    "content",
    [
        "[" * 20_000 + "a",
        "*a " * 20_000,
        "a <!-- " * 5_000,
        "".join("  " * depth + "- a\n" for depth in range(1_000)),
        "![" * 5_000 + "a" + "](x)" * 5_000,
        "a {{ " * 20_000,
        "|" * 20_000 + "a\n" + "|-" * 20_000,
        "&amp; a" * 20_000,
        "# a" + " " * 20_000 + "b",
        "# a" + " " * 20_000 + "# b" + " " * 20_000 + "#",
        "# a" + " " * 20_000 + "#",
        "[a] " * 5_000 + "\n\n[a]: x\n",
        "[a][] " * 5_000 + "\n\n[a]: x\n",
        "**a" + " " * 20_000 + "b** c\n",
        ("a" + " " * 20_000 + "b\n") * 3,
        "`a" + " " * 20_000 + "b` c",
        "[^" * 10_000 + "a",
        "a[^b]" * 5_000,
        "_a " * 7_000,
        "a\n|" + "b|  " * 7_000 + "c",
        "a\n{: " * 5_000,
        "a\n: " * 2_000 + "a",
        "a\n{:" + "a" * 20_000,
    ],
)
def test_what_is_deep_or_long_ends(tmp_path, content):
    document = opened(tmp_path, content)
    assert document.filled(texts(document)) == content.encode()
    for number, text in enumerate(texts(document)[:5]):
        document.fault(number, text + " x")
        document.blocks[number].lines(text + " x")
        Protection.of(document.codes).find(text)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("```\ncode\n```\n", " holds nothing to translate"),
        (b"a\n\xff", ":2: not valid UTF-8"),
        ("", " holds nothing"),
    ],
)
def test_what_cannot_be_read(tmp_path, content, words):
    with pytest.raises(InputError) as error:
        opened(tmp_path, content)
    assert words in str(error.value)
