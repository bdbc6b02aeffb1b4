"""What mtkit filled is no training text until a person has looked at it."""

import pytest

from mtkit.errors import InputError
from mtkit.formats.opening import open_corpus, open_document
from tests.support.segmented import SOURCE, content

TMX = (
    '<tmx version="1.4"><header srclang="en"/><body><tu><tuv xml:lang="en"><seg>The'
    ' dog.</seg></tuv></tu><tu><tuv xml:lang="en"><seg>A cat.</seg></tuv><tuv xml:lang="de"><seg>Eine'
    " Katze.</seg></tuv></tu></body></tmx>"
)
XLIFF_1 = (
    '<xliff version="1.2"><file source-language="en" target-language="de"><body><trans-unit'
    ' id="1"><source>The dog.</source></trans-unit><trans-unit id="2"><source>A cat.</source><target>Eine'
    " Katze.</target></trans-unit></body></file></xliff>"
)
XLIFF_2 = (
    '<xliff version="2.0" srcLang="en" trgLang="de"><file id="f"><unit id="1"><segment><source>The'
    ' dog.</source></segment></unit><unit id="2"><segment><source>A cat.</source><target>Eine'
    " Katze.</target></segment></unit></file></xliff>"
)
PO = (
    'msgid ""\nmsgstr "Language: de\\n"\n\nmsgid "The dog."\nmsgstr ""\n\nmsgid "A cat."\nmsgstr "Eine'
    ' Katze."\n'
)


def pairs(path):
    return [(pair.source, pair.target) for pair in open_corpus(str(path), "en", "de")]


@pytest.mark.parametrize(
    ("name", "text"), [("a.tmx", TMX), ("a.xlf", XLIFF_1), ("b.xliff", XLIFF_2), ("a.po", PO)]
)
def test_only_what_a_person_made_is_read(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    document = open_document(path, ("en", "de"))
    assert [unit.text for unit in document.units] == ["The dog."]
    path.write_bytes(document.filled(["Der Hund."]))
    assert b"Der Hund." in path.read_bytes()
    assert pairs(path) == [("A cat.", "Eine Katze.")]


SDLXLIFF = (
    content(
        "", '<sdl:seg-defs><sdl:seg id="1" percent="80"/></sdl:seg-defs>', cut="<seg-source>{}</seg-source>"
    )
    .format('<mrk mtype="seg" mid="1">The dog.</mrk>')
    .replace(SOURCE, "<source>The dog.</source>")
)


@pytest.mark.parametrize(
    ("name", "text", "mark", "machine"),
    [
        ("a.tmx", TMX, '<prop type="x-origin">tm</prop>', '<prop type="x-origin">mt</prop>'),
        (
            "a.xlf",
            XLIFF_1,
            'state="needs-review-translation" state-qualifier="exact-match"',
            'state-qualifier="leveraged-mt"',
        ),
        ("b.xliff", XLIFF_2, 'state="translated" subState="mtkit:tm"', 'subState="mtkit:mt"'),
        (
            "a.sdlxliff",
            SDLXLIFF,
            'conf="Draft" origin="tm" origin-system="mtkit" percent="100"',
            'conf="Draft" origin="mt" origin-system="mtkit"/>',
        ),
        ("a.po", PO, "#, fuzzy", "#, fuzzy"),
    ],
)
def test_what_a_memory_had_is_a_persons(tmp_path, name, text, mark, machine):
    path = tmp_path / name
    path.write_text(text)
    document = open_document(path, ("en", "de"))
    made = document.filled(["Der Hund."]).decode()
    assert machine in made
    filled = document.filled(["Der Hund."], {0}).decode()
    assert (mark in filled, machine in filled) == (True, machine == mark)
    path.write_text(filled)
    # Of gettext's marks none but fuzzy says that somebody should look.
    if name == "a.po":
        assert pairs(path) == [("A cat.", "Eine Katze.")]
        return
    assert ("The dog.", "Der Hund.") in pairs(path)
    assert open_document(path, ("en", "de"), fuzzy=True).units == ()
    # What a machine had made, and is made anew, is a person's then.
    path.write_text(made)
    assert open_document(path, ("en", "de"), fuzzy=True).filled(["Der Hund."], {0}).decode() == filled


def test_a_memory_that_was_looked_at_is_read(tmp_path):
    path = tmp_path / "a.tmx"
    path.write_text(TMX)
    path.write_bytes(open_document(path, ("en", "de")).filled(["Der Hund."]))
    path.write_text(path.read_text().replace('creationtool="mtkit"', 'creationtool="mtkit" changeid="anna"'))
    assert ("The dog.", "Der Hund.") in pairs(path)


@pytest.mark.parametrize(
    ("attributes", "read"),
    [
        ('conf="Draft" origin="mt"', False),
        ('origin="nmt"', False),
        ('conf="Translated" origin="mt"', True),
        ('conf="Draft" origin="tm"', True),
    ],
)
def test_drafts_of_studio(tmp_path, attributes, read):
    states = f'<sdl:seg-defs><sdl:seg id="1" {attributes}/></sdl:seg-defs>'
    path = tmp_path / "a.sdlxliff"
    path.write_text(content("<target>Eins und zwei. Drei.</target>", states))
    if read:
        assert pairs(path) == [("One & two. Three.", "Eins und zwei. Drei.")]
    else:
        with pytest.raises(InputError, match="no finished translation"):
            pairs(path)


CUT = '<seg-source><mrk mtype="seg" mid="1">The dog.</mrk></seg-source>'


@pytest.mark.parametrize(
    ("before", "after", "read"),
    [
        ('state="needs-review-translation"', 'state="final"', True),
        ('state="needs-review-translation"', 'state="signed-off"', True),
        ('state="needs-review-translation"', 'state="translated"', True),
        ('state="needs-review-translation" ', "", False),
        ('state="needs-review-translation"', 'state="needs-review-l10n"', False),
        ('state="translated" subState', 'state="reviewed" subState', True),
        ('state="translated" subState', 'state="final" subState', True),
        ('state="translated" subState', 'state="initial" subState', False),
    ],
)
@pytest.mark.parametrize("cut", ["", CUT])
def test_what_a_person_reviewed_is_theirs(tmp_path, before, after, read, cut):
    """That a text came from a machine does not say that nobody looked at it."""
    path = tmp_path / "a.xlf"
    xliff = (
        XLIFF_2 if "subState" in before else XLIFF_1.replace("The dog.</source>", f"The dog.</source>{cut}")
    )
    path.write_text(xliff)
    made = open_document(path).filled(["Der Hund."]).decode()
    path.write_text(made)
    assert ([unit.text for unit in open_document(path, fuzzy=True).units], len(pairs(path))) == (
        ["The dog."],
        1,
    )
    assert before in made
    path.write_text(made.replace(before, after))
    assert [unit.text for unit in open_document(path, fuzzy=True).units] == ([] if read else ["The dog."])
    assert (("The dog.", "Der Hund.") in pairs(path)) == read


def test_what_is_approved_is_read(tmp_path):
    path = tmp_path / "a.xlf"
    target = '<target state-qualifier="leveraged-mt">Der Hund.</target></trans-unit>'
    for approved, read in ((' approved="yes"', True), ("", False)):
        path.write_text(XLIFF_1.replace('id="1"', f'id="1"{approved}').replace("</trans-unit>", target, 1))
        assert (("The dog.", "Der Hund.") in pairs(path)) == read
        assert len(open_document(path, fuzzy=True).units) == (not read)
