"""Translation memories filled: what is filled and how it is marked, what is left, and that nothing else
changes.
"""

import pytest
from lxml import etree

from mtkit import __version__
from mtkit.errors import InputError
from mtkit.formats.languages import language_of
from mtkit.formats.opening import open_document

MEMORY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header srclang="en" segtype="sentence"/>
<body>
  <tu tuid="1">
    <prop type="project">x</prop>
    <tuv xml:lang="en-US" creationid='me'>
      <seg>A <bpt i="1">&lt;b></bpt>red<ept i="1">&lt;/b></ept> cat &amp; <hi type="x">dog</hi>&apos;s</seg>
    </tuv>
    <tuv xml:lang="fr"><seg>Un chat</seg></tuv>
  </tu>
  <tu><tuv xml:lang="en"><seg>two</seg></tuv><tuv xml:lang="de-DE" creationtool="Old" ><note>n</note><seg/></tuv></tu>
  <tu><tuv xml:lang="en"><seg>three</seg></tuv><tuv xml:lang="de-DE"><seg>drei</seg></tuv></tu>
  <tu><tuv xml:lang="fr"><seg>quatre</seg></tuv></tu>
  <tu><tuv xml:lang="en"><seg> <ph/> </seg></tuv></tu>
</body></tmx>
"""  # noqa: E501
MARK = f'creationtool="mtkit" creationtoolversion="{__version__}"'
PROP = '<prop type="x-origin">mt</prop>'
RED = "A <1>red</1> cat & <2>dog</2>'s"


def opened(tmp_path, content, fuzzy=False, languages=("en", "de")):
    path = tmp_path / "a.tmx"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_document(path, languages, fuzzy=fuzzy)


def texts(document):
    return [(unit.text, int(unit.where.rpartition(":")[2])) for unit in document.units]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_a_memory_is_filled(tmp_path, end, encoding):
    def content(text):
        return text.replace("UTF-8", encoding.removesuffix("-sig")).replace("\n", end).encode(encoding)

    document = opened(tmp_path, content(MEMORY))
    assert (texts(document), document.kept) == ([(RED, 8), ("two", 12)], 1)
    assert document.filled([None, None]) == content(MEMORY)
    expected = MEMORY.replace(
        '<tuv xml:lang="fr"><seg>Un chat</seg></tuv>',
        f'<tuv xml:lang="fr"><seg>Un chat</seg></tuv>\n    <tuv xml:lang="de-DE" {MARK}>\n      {PROP}\n     '
        ' <seg>A <bpt i="1">&lt;b></bpt>red<ept i="1">&lt;/b></ept> cat &amp; <hi'
        ' type="x">dog</hi>&apos;s</seg>\n    </tuv>',
    )
    expected = expected.replace(
        'xml:lang="de-DE" creationtool="Old" ><note>n</note><seg/>',
        f'xml:lang="de-DE" {MARK}><note>n</note>{PROP}<seg>zwei</seg>',
    )
    filled = document.filled([RED, "zwei"])
    assert filled == content(expected)
    assert len(etree.fromstring(filled).findall(".//tuv[@creationtool='mtkit']")) == 2
    again = opened(tmp_path, filled)
    assert (again.units, again.kept) == ((), 3)


def test_what_mtkit_made_is_made_anew_where_asked_for(tmp_path):
    filled = opened(tmp_path, MEMORY).filled([RED, "zwei"]).decode()
    document = opened(tmp_path, filled, fuzzy=True)
    assert ([text for text, _ in texts(document)], document.kept) == ([RED, "two"], 1)
    assert document.filled([RED, "ZWEI"]).decode() == filled.replace("<seg>zwei", "<seg>ZWEI")
    # What somebody changed since is theirs, and so is what another tool calls a machine's.
    for before, after in ((MARK, f'{MARK} changeid="me"'), (MARK, 'creationtool="Other"'), (PROP, "")):
        assert opened(tmp_path, filled.replace(before, after), fuzzy=True).units == ()


def test_who_changed_an_empty_text_has_not_seen_a_machines(tmp_path):
    memory = (
        '<tmx><body><tu><tuv xml:lang="en"><seg>a</seg></tuv><tuv xml:lang="de"'
        " {}><seg/></tuv></tu></body></tmx>"
    )
    filled = (
        opened(tmp_path, memory.format('changeid="me" creationid="you" changedate="20200101T000000Z"'))
        .filled(["b"])
        .decode()
    )
    assert filled == memory.format(f'creationid="you" {MARK}').replace("<seg/>", f"{PROP}<seg>b</seg>")
    assert len(opened(tmp_path, filled, fuzzy=True).units) == 1


def test_codes_arrive_once(tmp_path):
    document = opened(tmp_path, MEMORY)
    assert document.fault(0, RED) == ""
    assert document.fault(0, RED.replace("<1>", "")) == "its translation has other inline codes"
    # bpt and ept must nest as elements do: with each other, and with others.
    for crossed in ("A <1>red <2>dog</1></2>", "A </1>red<1> <2>dog</2>"):
        assert document.fault(0, crossed) == "the inline codes of its translation cross each other"
    assert document.fault(0, "<2>Hund <1>rot</1></2>") == ""
    assert document.fault(1, "\x01") == "its translation has a character that XML cannot hold"


def test_the_language_of_an_element():
    attributes = [
        {"xml:lang": "de", "lang": "fr"},
        {"lang": "fr"},
        {},
    ]
    assert [language_of(one) for one in attributes] == ["de", "fr", ""]


def test_a_variant_without_a_segment_and_old_names_of_languages(tmp_path):
    memory = '<tmx><body><tu><tuv lang="EN"><seg>a</seg></tuv>{}</tu></body></tmx>'
    for held in ("", '<tuv lang="DE"/>', '<tuv lang="DE"></tuv>'):
        expected = memory.format(f'<tuv lang="{"DE" if held else "de"}" {MARK}>{PROP}<seg>b</seg></tuv>')
        assert opened(tmp_path, memory.format(held)).filled(["b"]).decode() == expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ":1: no well-formed XML (no element found)"),
        ("<tmx><body>", ":1: no well-formed XML ("),
        ("<xliff/>", " is no translation memory: it has no element tmx"),
        (MEMORY.replace('="en', '="es'), " has no words in en; its languages: es-US, fr, es, de-DE"),
        (MEMORY.replace("two", "&two;"), ":12: the entity &two; is not one of XML's own"),
        (
            MEMORY.replace('SYSTEM "tmx14.dtd"', '[<!ENTITY a "b">]').replace("two", "&a;"),
            ":12: the entity &a; is not one of XML's own",
        ),
    ],
)
def test_what_cannot_be_read(tmp_path, content, words):
    with pytest.raises(InputError) as error:
        opened(tmp_path, content)
    assert words in str(error.value)


def test_what_is_deep_ends(tmp_path):
    deep = "<tu>" * 20_000 + '<tuv xml:lang="en"><seg>a</seg></tuv>' + "</tu>" * 20_000
    document = opened(tmp_path, f"<tmx><body>{deep}</body></tmx>")
    assert (len(document.units), b"<seg>b</seg>" in document.filled(["b"])) == (1, True)


def test_comments_and_codes_stay(tmp_path):
    memory = (
        '<tmx><body><tu><tuv xml:lang="en"><seg>a<ph/></seg></tuv><tuv'
        ' xml:lang="de"{}>{}<seg>{}</seg></tuv></tu></body></tmx>'
    )
    filled = opened(tmp_path, memory.format("", "", "<!-- b -->")).filled(["A<1/>"]).decode()
    assert filled == memory.format(f" {MARK}", PROP, "<!-- b -->A<ph/>")
    assert opened(tmp_path, memory.format("", "", "<ph/>")).kept == 1
