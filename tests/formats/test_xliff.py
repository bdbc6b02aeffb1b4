"""XLIFF files filled: what is filled and how it is marked, what is left, and that nothing else changes."""

from types import SimpleNamespace

import pytest
from lxml import etree

from mtkit.errors import InputError
from mtkit.formats.opening import open_document
from mtkit.formats.translation_memory import TranslationMemory
from mtkit.translating.documents import DocumentFilling
from mtkit.translating.protect import Protection

ONE = """<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment -->
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
  <file original="a" source-language="en" target-language="de" datatype="plaintext"><body>
    <trans-unit id='1'>
      <source>A <g id="1">red</g>
        cat &amp; <ph id="2">&lt;br></ph></source>
    </trans-unit>
    <trans-unit id="2"><source>two</source><target xml:lang='de' state="new" /></trans-unit>
    <trans-unit id="3"><source>three</source><target
       state="needs-translation">drei?</target></trans-unit>
    <trans-unit id="4" translate="no"><source>four</source></trans-unit>
    <trans-unit id="5" approved="yes"><source>five</source><target></target></trans-unit>
    <trans-unit id="6"><source> <x id="1"/> </source></trans-unit>
    <trans-unit id="7" xml:space="preserve"><source>a  b
c</source><target> </target><alt-trans><source>x</source><target/></alt-trans></trans-unit>
  </body></file>
</xliff>
"""

TWO = """<xliff version="2.0" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="en" trgLang="de"><file id="f">
<unit id="1"><segment id="s1" state="initial"><source>One <pc id="1">cat</pc>.</source></segment>
<ignorable><source> </source></ignorable>
<segment><source>Two.</source><target>Zwei.</target></segment></unit></file></xliff>
"""  # noqa: E501


def opened(tmp_path, content, fuzzy=False, name="a.xlf"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_document(path, fuzzy=fuzzy)


def test_version_1(tmp_path):
    document = opened(tmp_path, ONE)
    texts = ["A <1>red</1> cat & <2/>", "two", "a  b\nc"]
    assert [unit.text for unit in document.units] == texts
    assert [unit.where.rpartition(":")[2] for unit in document.units] == ["5", "9", "15"]
    assert document.kept == 2  # the one that is approved, though empty, and the one with a text
    assert document.filled([None] * 3) == ONE.encode()
    filled = document.filled(["Eine <1>rote</1> Katze & <2/> < 3", 'zwei "&"', "A  B\nC"])
    mark = 'state="needs-review-translation" state-qualifier="leveraged-mt"'
    expected = ONE.replace(
        "&lt;br></ph></source>",
        f'&lt;br></ph></source>\n      <target {mark}>Eine <g id="1">rote</g> Katze &amp; <ph'
        ' id="2">&lt;br></ph> &lt; 3</target>',
    )
    expected = expected.replace(
        "<target xml:lang='de' state=\"new\" />", f"<target xml:lang='de' {mark}>zwei \"&amp;\"</target>"
    )
    assert filled.decode() == expected.replace("<target> </target>", f"<target {mark}>A  B\nC</target>")


def test_unfinished_ones_where_asked_for(tmp_path):
    document = opened(tmp_path, ONE, fuzzy=True)
    assert [unit.text for unit in document.units][2] == "three"
    filled = document.filled([None, None, "drei!", None]).decode()
    assert '<target state="needs-review-translation" state-qualifier="leveraged-mt">drei!</target>' in filled
    assert "needs-translation" not in filled


def test_version_2(tmp_path):
    document = opened(tmp_path, TWO, name="a.xliff")
    assert ([unit.text for unit in document.units], document.kept) == (["One <1>cat</1>."], 1)
    assert document.filled([None]) == TWO.encode()
    filled = document.filled(["Eine <1>Katze</1>."]).decode()
    expected = TWO.replace(
        '<segment id="s1" state="initial">', '<segment id="s1" state="translated" subState="mtkit:mt">'
    )
    assert filled == expected.replace(
        "cat</pc>.</source>", 'cat</pc>.</source><target>Eine <pc id="1">Katze</pc>.</target>'
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings_and_line_ends_stay(tmp_path, encoding):
    text = (
        ONE.replace("UTF-8", encoding.removesuffix("-sig"))
        .replace("\n", "\r\n")
        .replace("comment", "Anmerkung für")
    )
    content = text.encode(encoding)
    document = opened(tmp_path, content)
    assert document.filled([None] * 3) == content
    filled = document.filled([None, "zwei \u4e00", None])
    assert len(document.units) == 3
    written = "&#19968;" if encoding == "iso-8859-1" else "\u4e00"
    assert f"zwei {written}</target>" in filled.decode(encoding)
    assert filled.startswith(content[:40])
    assert [unit.where.rpartition(":")[2] for unit in document.units] == ["5", "9", "15"]


def test_an_encoding_with_two_bytes_for_a_letter(tmp_path):
    text = TWO.replace("One", "猫")
    document = opened(tmp_path, f'<?xml version="1.0" encoding="Shift_JIS"?>{text}'.encode("shift_jis"))
    assert document.units[0].text == "猫 <1>cat</1>."
    filled = document.filled(["犬 <1>für</1>."]).decode("shift_jis")
    assert '<target>犬 <pc id="1">f&#252;r</pc>.</target>' in filled and text[:100] in filled


def several(*languages):
    """A file with an element file for each pair of languages, one unit in each."""
    files = "".join(
        f'<file source-language="{source}" {target and f"target-language={target!r}"}><body><trans-unit'
        f' id="1"><source>{source}</source></trans-unit></body></file>'
        for source, target in languages
    )
    return f'<xliff version="1.2">{files}</xliff>'


def test_what_is_in_other_languages_stays(tmp_path):
    path = tmp_path / "a.xlf"
    path.write_text(several(("en-US", "de"), ("en", "fr"), ("ja", "de"), ("en", "")))
    document = open_document(path, ("en", "de-DE"))
    assert [unit.text for unit in document.units] == ["en-US", "en"]
    assert document.notes([]) == ["what is in other languages stays: en to fr, ja to de (2 <file>)"]
    path.write_text(several(("en", "de")))
    assert open_document(path, ("en", "de")).notes([]) == []
    path.write_text(several(("en", "fr"), ("en", "ja"), ("en", "fr")))
    with pytest.raises(InputError, match=r"a\.xlf is from en to fr, en to ja, and en to de is asked for"):
        open_document(path, ("en", "de"))
    path.write_text(TWO.replace('"de"', '"fr-CA"'))
    with pytest.raises(InputError, match=r"a\.xlf is from en to fr-CA, and en to de is asked for"):
        open_document(path, ("en", "de"))


def test_the_language_that_version_2_must_name(tmp_path):
    path = tmp_path / "a.xlf"
    without = TWO.replace(' trgLang="de"', "")
    path.write_text(without)
    document = open_document(path, ("en", "de-AT"))
    assert document.filled([None]).decode() == without
    named = without.replace('srcLang="en">', 'srcLang="en" trgLang="de-AT">')
    assert document.filled(["Eine <1>Katze</1>."]).decode().startswith(named[: named.index("<segment")])
    assert (
        'version="2.0"' in named
        and "trgLang" not in opened(tmp_path, without).filled(["Eine <1>Katze</1>."]).decode()
    )


def test_a_prefix_stays(tmp_path):
    text = TWO.replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")
    assert "<x:target>neu</x:target>" in opened(tmp_path, text).filled(["neu"]).decode()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x <1>y</1>", ""),
        ("x", "its translation has other inline codes"),
        ("x <2>y</2>", "its translation has other inline codes"),
        ("x </1>y<1>", "the inline codes of its translation cross each other"),
        ("x <1>y</1> &amp; z", ""),
    ],
)
def test_faults(tmp_path, text, fault):
    assert opened(tmp_path, TWO).fault(0, text) == fault


def unit(source, target="", attributes=""):
    head, element = (
        ONE[: ONE.index("    <trans-unit id='1'>")],
        f"<trans-unit id='1'{attributes}><source>{source}</source>{target}",
    )
    return f"{head}{element}</trans-unit></body></file></xliff>"


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ('A <g id="1" equiv-text="a>b">red</g> <x id="2" t=\'"\'/>cat', "<1>r</1> <2/>cat"),
        ('<mrk mtype="protected">keep</mrk> it', "<1/> es"),
        ("a", "b&nbsp;c & d"),
    ],
)
def test_what_is_written_is_well_formed(tmp_path, source, translation):
    document = opened(tmp_path, unit(source))
    assert document.fault(0, translation) == ""
    filled = document.filled([translation])
    again = etree.fromstring(filled)
    assert len(again.findall(".//{*}target")) == 1
    assert opened(tmp_path, filled).kept == 1
    if "&nbsp;" in translation:
        assert again.find(".//{*}target").text == translation


def test_attributes_with_brackets_and_words_in_them(tmp_path):
    target = '<target note=\'say state="new" > now\' state="new"/>'
    filled = opened(tmp_path, unit("a", target)).filled(["b"]).decode()
    mark = 'state="needs-review-translation" state-qualifier="leveraged-mt"'
    assert f"<target note='say state=\"new\" > now' {mark}>b</target>" in filled
    etree.fromstring(filled.encode())


@pytest.mark.parametrize(
    ("content", "units", "kept"),
    [
        (unit("a", '<target state="final"/>'), 0, 1),
        (unit("a", '<target><mrk mtype="seg" mid="0"/></target>'), 1, 0),
        (unit("a<x id='1'/>", '<target><x id="1"/></target>'), 0, 1),
        (unit("a<x id='1'/>", "<target><!-- none --> </target>"), 1, 0),
        (unit("<![CDATA[words]]>"), 1, 0),
        (
            unit("a", '<target state="needs-review-translation" state-qualifier="leveraged-mt">b</target>'),
            0,
            1,
        ),
    ],
)
def test_which_are_open(tmp_path, content, units, kept):
    document = opened(tmp_path, content)
    assert (len(document.units), document.kept) == (units, kept)


def test_comments_in_a_target_stay(tmp_path):
    mark = 'state="needs-review-translation" state-qualifier="leveraged-mt"'
    source = "a <!-- one --> b"
    filled = (
        opened(tmp_path, unit(source, "<target><!-- two --> <!-- three --></target>"))
        .filled(["A <1/> B"])
        .decode()
    )
    assert filled.endswith(
        f"<target {mark}><!-- two --><!-- three -->A <!-- one -->"
        " B</target></trans-unit></body></file></xliff>"
    )
    # Those of the source are there once.
    assert opened(tmp_path, filled, fuzzy=True).filled(["A <1/> B"]).decode() == filled


def test_what_a_machine_made_is_made_anew_where_asked_for(tmp_path):
    made = opened(tmp_path, TWO).filled(["Eine <1>Katze</1>."])
    assert opened(tmp_path, made).kept == 2
    assert len(opened(tmp_path, made, fuzzy=True).units) == 1


def test_characters_that_xml_cannot_hold(tmp_path):
    assert opened(tmp_path, ONE).fault(1, "b\x01") == "its translation has a character that XML cannot hold"


def test_space_around_a_text_stays(tmp_path):
    filled = opened(tmp_path, unit("\n  Name:\n  x\u00a0 ")).filled(["Name: y"]).decode()
    assert ">\n  Name: y </target>" in filled or ">\n  Name: y</target>" in filled


def test_utf_16_without_a_mark(tmp_path):
    content = ONE.replace("UTF-8", "UTF-16").encode("utf-16-le")
    document = opened(tmp_path, content)
    assert document.filled([None] * 3) == content
    assert "zwei</target>" in document.filled([None, "zwei", None]).decode("utf-16-le")
    assert b"\xff\xfe" not in document.filled([None, "zwei", None])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ":1: no well-formed XML (no element found)"),
        ("<a></b>", ":1: no well-formed XML (mismatched tag)"),
        ("<tmx/>", " is no XLIFF"),
        (
            '<!DOCTYPE x [<!ENTITY b "boom">]>\n' + TWO.replace("One", "&b;"),
            ":3: the entity &b; is not one of XML's own",
        ),
        ('<?xml version="1.0" encoding="nonsense"?>' + TWO, ":1: "),
        (b'<?xml version="1.0" encoding="Shift_JIS"?>\x81' + TWO.encode(), ":1: "),
        (
            b'<?xml version="1.0" encoding="utf-7"?>' + TWO.replace("One", "+AGE-").encode(),
            "in more than one way",
        ),
        (
            '<!DOCTYPE x SYSTEM "x.dtd">' + TWO.replace("One", "&foo;"),
            "the entity &foo; is not one of XML's own",
        ),
    ],
)
def test_what_cannot_be_read(tmp_path, content, words):
    with pytest.raises(InputError) as error:
        opened(tmp_path, content)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Don&apos;t say &quot;no&quot;, it's &#x2026;&#8230;", "Don't say \"no\", it's ……"),
        ("&amp;File &gt; Open > all", "&File > Open > all"),
        ("&lt;b&gt;bold&lt;/b&gt; <g id='1'>not</g>", "<b>bold</b> <1>not</1>"),
        ("one&#10;two&#xD;&#xA;three", "one\ntwo\r\nthree"),
        ("a&#160;b &amp;nbsp; &amp;amp;", "a\u00a0b &nbsp; &amp;"),
        ("<![CDATA[a <b>bold</b> &amp; text]]>", "a <b>bold</b> &amp; text"),
        ("x]]&gt;y", "x]]>y"),
        ("a ^ &amp; \\ - [b]", "a ^ & \\ - [b]"),
    ],
)
def test_characters_are_text_and_written_as_they_were(tmp_path, source, text):
    document = opened(tmp_path, unit(source))
    assert document.units[0].text == text
    assert document.fault(0, text) == ""
    assert f">{source}</target>" in document.filled([text]).decode()


def test_characters_that_the_source_did_not_have(tmp_path):
    document = opened(tmp_path, unit("It&apos;s &quot;a&quot;"))
    filled = document.filled(["d'un & 'b' \"<>\" ]]>"]).decode()
    assert ">d&apos;un &amp; &apos;b&apos; &quot;&lt;&gt;&quot; ]]&gt;</target>" in filled
    etree.fromstring(filled.encode())


def test_text_that_looks_like_a_code_of_its_file(tmp_path):
    document = opened(tmp_path, unit('&lt;x id="1"/&gt; is <x id="1"/>'))
    assert (document.units[0].text, document.fault(0, document.units[0].text)) == ('<x id="1"/> is <1/>', "")
    assert '><x id="1"/>: &lt;x id="1"/&gt;</target>' in document.filled(['<1/>: <x id="1"/>']).decode()
    document = opened(tmp_path, unit("<g id='1'>a</g> &lt;g&gt; &lt;1/&gt; &lt;2&gt;"))
    assert document.units[0].text == "<3>a</3> <g> <1/> <2>"
    assert document.fault(0, "<g> <3>b</3>") == ""
    assert "><g id='1'>b</g> &lt;2&gt; &lt;g&gt;</target>" in document.filled(["<3>b</3> <2> <g>"]).decode()
    characters = opened(tmp_path, unit("<![CDATA[a]]>"))
    assert characters.fault(0, "a]]>") == "its translation would end its section of characters (CDATA)"


def test_what_a_section_of_characters_cannot_write(tmp_path):
    """Within CDATA a reference (&#322;) is text."""
    content = unit("<![CDATA[wörds]]>").replace("UTF-8", "iso-8859-1").encode("iso-8859-1")
    document = opened(tmp_path, content)
    fault = "its section of characters (CDATA) cannot hold 'ł', as iso-8859-1 cannot write it"
    assert document.fault(0, "słowa") == fault
    assert document.fault(0, "Wörter") == ""
    assert "><![CDATA[Wörter]]></target>" in document.filled(["Wörter"]).decode("iso-8859-1")
    assert opened(tmp_path, unit("<![CDATA[words]]>")).fault(0, "słowa") == ""


def test_access_keys_and_tags_of_text(tmp_path):
    """What is decoded goes the way of any label: its key is taken out and put back, its tags stay, a memory
    knows it.
    """
    document = opened(tmp_path, unit("&amp;File &lt;b&gt;now&lt;/b&gt;"))
    asked = []

    def translate(lines):
        asked.extend(lines)
        return [
            SimpleNamespace(text="<b>jetzt</b> Datei", changed=(), best=None, cut_within=False) for _ in lines
        ]

    filled = DocumentFilling(document, Protection.of(document.codes)).fill(translate)
    assert (asked, filled.open) == (["File <b>now</b>"], [])
    assert ">&lt;b&gt;&amp;jetzt&lt;/b&gt; Datei</target>" in filled.content.decode()
    memory = TranslationMemory({"&File <b>now</b>": "&Datei <b>jetzt</b>"})
    filled = DocumentFilling(document, Protection.of(document.codes), memory).fill(translate)
    assert (filled.remembered, b">&amp;Datei &lt;b&gt;jetzt&lt;/b&gt;</target>" in filled.content) == (
        1,
        True,
    )


@pytest.mark.parametrize(
    ("source", "text", "good", "bad"),
    [
        (
            "<bpt id='1' rid='7'>b</bpt>a<ept id='2' rid='7'>/b</ept> <g id='3'>c</g>",
            "<1>a</1> <2>c</2>",
            "<2><1>a</1></2>",
            "</1>a<1> <2>c</2>",
        ),
        (
            "a <bx id='1'/>b<ex id='1'/> <ph id='2'/>",
            "a <1>b</1> <2/>",
            "<2/><1></1>",
            "</1><1><2/>",
        ),
        (
            "<sc id='1'/>a<sc id='2'/>b<ec startRef='2'/><ec startRef='1'/>",
            "<1>a<2>b</2></1>",
            "<1>a</1><2>b</2>",
            "<1>a<2>b</1></2>",
        ),
        # Across one another already, or without the other half: they stay in their order.
        (
            "<bx id='1'/>a<bx id='2'/>b<ex id='1'/>c<ex id='2'/>",
            "<1/>a<2>b<3/>c</2>",
            "<1/><3/><2>a</2>",
            "<3/><1/><2>a</2>",
        ),
        (
            "<ept i='9'>x</ept>a<x id='1'/><bpt i='2'>y</bpt>b",
            "<1/>a<2/><3/>b",
            "<2/><1/><3/>",
            "<3/><2/><1/>",
        ),
        (
            "<g id='1'><bx id='2'/>a</g><ex id='2'/>",
            "<1><2/>a</1><3/>",
            "<2/><1>a<3/></1>",
            "<1><3/>a<2/></1>",
        ),
        ("<x id='1'></x>a <!-- b -->", "<1/>a <2/>", "<2/> a<1/>", "<1/>"),
    ],
)
def test_codes_at_both_ends_of_a_text(tmp_path, source, text, good, bad):
    document = opened(tmp_path, unit(source))
    assert document.units[0].text == text
    assert [document.fault(0, text), document.fault(0, good), bool(document.fault(0, bad))] == ["", "", True]
    assert f">{source}</target>" in document.filled([text]).decode()


def test_html_that_is_text_is_translated(tmp_path):
    document = opened(tmp_path, unit("&lt;sub&gt;the whole text of it&lt;/sub&gt;"))
    assert Protection.of(document.codes).find(document.units[0].text) == [(0, 5), (25, 31)]


def test_a_percent_sign_before_a_code(tmp_path):
    document = opened(tmp_path, unit("50 %<g id='1'>discount</g> %&lt;count&gt;d"))
    text = document.units[0].text
    held = [text[start:stop] for start, stop in Protection.of(document.codes).find(text)]
    assert held == ["<1>", "</1>", "%<count>d"]


@pytest.mark.parametrize("source", ["Hello <![CDATA[big wide world]]> now", "<![CDATA[a]]><![CDATA[b]]>"])
def test_words_in_a_section_of_characters_beside_others(tmp_path, source):
    document = opened(tmp_path, unit(source))
    assert (
        document.fault(0, document.units[0].text) == "a part of its text is a section of characters (CDATA)"
    )
    assert opened(tmp_path, unit("Hello <![CDATA[ <> ]]> now")).fault(0, "<1/> a") == ""


def test_space_within_codes_stays(tmp_path):
    source = " a  <ph id='1'\n  equiv='x  y'>&lt;p\n  a></ph>\n b <x id='2'/>  "
    document = opened(tmp_path, unit(source))
    assert document.units[0].text == "a <1/> b <2/>"
    expected = " a <ph id='1'\n  equiv='x  y'>&lt;p\n  a></ph> b <x id='2'/>  </target>"
    assert expected in document.filled(["a <1/> b <2/>"]).decode()


def test_what_is_deep_or_long_ends(tmp_path):
    deep = unit("<g id='1'>" * 20_000 + "a" + "</g>" * 20_000)
    assert len(opened(tmp_path, deep).units) == 1
    assert len(opened(tmp_path, unit("a" + " " * 100_000 + "b")).units) == 1
    space = " " * 20_000
    for target in (
        f"<target{space}/>",
        f"<target{space}state='new'{space}></target>",
        f"<target{space}id='1' />",
    ):
        for source in (f"a<g{space}id='1'>b</g>", f"a<bx{space}id='1'{space}/>b", f"a{space}b"):
            document = opened(tmp_path, unit(source, target))
            document.filled([one.text for one in document.units])
    crossing = "".join(f"<bx id='{number}'/>" for number in range(5_000))
    crossing += "a" + "".join(f"<ex id='{number}'/>" for number in range(5_000))
    for source in ("&lt;ph&gt; " * 3_000, crossing, "&lt;!-- " * 3_000, "&lt;1&gt;<x id='1'/>" * 3_000):
        document = opened(tmp_path, unit(source))
        (text,) = (one.text for one in document.units)
        assert document.fault(0, text) == ""
        Protection.of(document.codes).find(text)
        document.filled([text])
