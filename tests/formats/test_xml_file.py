"""XML in bytes: the same elements, whether a file is read at once or in pieces of any size."""

import gzip

import pytest

from mtkit.formats import xml_file
from mtkit.formats.xml_file import XmlFile, with_attributes

TEXT = """<?xml version="1.0" encoding="{}"?>
<!-- <u>no</u> -->
{}<x:top a="1 &gt; 0"><head><skipped>ä</skipped></head>
  <u translate="no" note='a > b'><t >one &amp; <b/>ü</t><empty
   /></u><group xml:space="preserve"><u><t/><t><![CDATA[</t>]]></t></u></group>
  <u><u><t>猫</t></u></u></x:top>
"""


def elements(path, size, monkeypatch):
    monkeypatch.setattr(xml_file, "_CHUNK", size)
    file = XmlFile(path, ("top", "u", "t", "empty"), units=("u",))
    for element in file.stream():
        inner = [(part.name, file.inner(part), part.empty) for part in element.inside]
        yield element.name, element.line, element.locked, element.preserved, element.attributes, inner


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "shift_jis"])
def test_pieces_of_any_size(tmp_path, monkeypatch, encoding):
    text = TEXT.replace("ä", "a").replace("ü", "u") if encoding == "shift_jis" else TEXT
    path = tmp_path / "a.xml"
    path.write_bytes(text.format(encoding, f"<!-- {'-~' * 600} -->\n").encode(encoding))
    expected = list(elements(path, 1 << 16, monkeypatch))
    assert [(name, line) for name, line, *_ in expected] == [
        ("x:top", 4),
        ("u", 5),
        ("u", 6),
        ("u", 7),
        ("u", 7),
    ]
    assert [locked for _, _, locked, *_ in expected] == [False, True, False, False, False]
    assert [preserved for _, _, _, preserved, *_ in expected] == [False, False, True, False, False]
    umlaut = "u" if encoding == "shift_jis" else "ü"
    assert expected[1][-1] == [("t", f"one &amp; <b/>{umlaut}", False), ("empty", "", True)]
    assert expected[2][-1] == [("t", "", True), ("t", "<![CDATA[</t>]]>", False)]
    assert [inner for *_, inner in expected[3:]] == [[("t", "猫", False)], [("u", "<t>猫</t>", False)]]
    for size in (*range(1, 40), 100):
        assert list(elements(path, size, monkeypatch)) == expected
    zipped = tmp_path / "a.xml.gz"
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    assert list(elements(zipped, 20, monkeypatch)) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_what_stands_in_the_bytes(tmp_path, encoding):
    text = TEXT.replace("猫", "cat").format(encoding.removesuffix("-sig"), "")
    path = tmp_path / "a.xml"
    path.write_bytes(text.encode(encoding))
    file = XmlFile(path, ("u", "t"), units=("u",))
    unit = file.load()[0]
    (segment,) = unit.children("t")
    assert (file.tag(unit), file.tag(segment)) == ("<u translate=\"no\" note='a > b'>", "<t >")
    assert (file.layout(unit), file.layout(segment)) == ("\n  ", "")
    assert file.read(segment.after, unit.end) == "<empty\n   />"
    assert file.replaced([]) == path.read_bytes()
    changes = [xml_file.Change(segment.content, segment.end, "ł")]
    changed = text.replace("one &amp; <b/>ü", "&#322;" if encoding == "iso-8859-1" else "ł")
    assert file.replaced(changes) == changed.encode(encoding)


def test_attributes_of_a_tag():
    tag = "<t a='1' b=\"a='2'\"\n c='3'>"
    assert with_attributes(tag, {"a": "4", "c": None}) == '<t b="a=\'2\'" a="4">'
    assert with_attributes("<t />", {"a": '"&'}) == "<t a='\"&amp;'/>"
