"""What mtkit filled is no training text until a person has looked at it."""

import pytest

from mtkit.errors import InputError
from mtkit.formats.document import open_document
from mtkit.formats.opening import open_corpus
from tests.formats.test_xliff_segments import content

TMX = (
    '<tmx version="1.4"><header srclang="en"/><body><tu><tuv xml:lang="en"><seg>The dog.</seg></tuv></tu><tu><tuv xml:lang="en">'
    '<seg>A cat.</seg></tuv><tuv xml:lang="de"><seg>Eine Katze.</seg></tuv></tu></body></tmx>'
)
XLIFF_1 = (
    '<xliff version="1.2"><file source-language="en" target-language="de"><body><trans-unit id="1"><source>The dog.</source>'
    '</trans-unit><trans-unit id="2"><source>A cat.</source><target>Eine Katze.</target></trans-unit></body></file></xliff>'
)
XLIFF_2 = (
    '<xliff version="2.0" srcLang="en" trgLang="de"><file id="f"><unit id="1"><segment><source>The dog.</source></segment></unit>'
    '<unit id="2"><segment><source>A cat.</source><target>Eine Katze.</target></segment></unit></file></xliff>'
)
PO = 'msgid ""\nmsgstr "Language: de\\n"\n\nmsgid "The dog."\nmsgstr ""\n\nmsgid "A cat."\nmsgstr "Eine Katze."\n'


def pairs(path):
    return [(pair.source, pair.target) for pair in open_corpus(str(path), "en", "de")]


@pytest.mark.parametrize(("name", "text"), [("a.tmx", TMX), ("a.xlf", XLIFF_1), ("b.xliff", XLIFF_2), ("a.po", PO)])
def test_only_what_a_person_made_is_read(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    document = open_document(path, False, ("en", "de"))
    assert [unit.text for unit in document.units] == ["The dog."]
    path.write_bytes(document.filled(["Der Hund."]))
    assert b"Der Hund." in path.read_bytes()
    assert pairs(path) == [("A cat.", "Eine Katze.")]


def test_a_memory_that_was_looked_at_is_read(tmp_path):
    path = tmp_path / "a.tmx"
    path.write_text(TMX)
    path.write_bytes(open_document(path, False, ("en", "de")).filled(["Der Hund."]))
    path.write_text(path.read_text().replace('creationtool="mtkit"', 'creationtool="mtkit" changeid="anna"'))
    assert ("The dog.", "Der Hund.") in pairs(path)


@pytest.mark.parametrize(("attributes", "read"), [
    ('conf="Draft" origin="mt"', False), ('origin="nmt"', False),
    ('conf="Translated" origin="mt"', True), ('conf="Draft" origin="tm"', True),
])  # fmt: skip
def test_drafts_of_studio(tmp_path, attributes, read):
    states = f'<sdl:seg-defs><sdl:seg id="1" {attributes}/></sdl:seg-defs>'
    path = tmp_path / "a.sdlxliff"
    path.write_text(content("<target>Eins und zwei. Drei.</target>", states))
    if read:
        assert pairs(path) == [("One & two. Three.", "Eins und zwei. Drei.")]
    else:
        with pytest.raises(InputError, match="no finished translation"):
            pairs(path)
