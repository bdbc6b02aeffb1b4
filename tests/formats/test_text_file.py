"""The encoding of a file of translators by its first bytes."""

import pytest

from mtkit.errors import InputError
from mtkit.formats.opening import open_document
from mtkit.formats.text_file import Change, TextFile, byte_order_mark

CATALOGUE = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-16\\n"\n\nmsgid "a"\nmsgstr ""\n'


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_marks(encoding, tmp_path):
    content = "\ufeff".encode("utf-16-be") * (encoding == "utf-16-be") + "für".encode(encoding)
    (tmp_path / "a").write_bytes(content)
    file = TextFile.read(tmp_path / "a")
    assert (file.text, file.mark + file.text.encode(file.encoding)) == ("für", content)
    assert byte_order_mark(content) == (file.mark, file.encoding)
    assert file.replaced([]) == content
    (tmp_path / "b").write_bytes(b"f")
    assert TextFile.read(tmp_path / "b") == TextFile(tmp_path / "b", "f", "utf-8", b"")


def test_other_text_in_some_places(tmp_path):
    file = TextFile(tmp_path, "one two\nthree", "utf-8", b"\xef\xbb\xbf")
    changes = [Change(0, 0, "zero "), Change(4, 7, "2"), Change(13, 13, "!")]
    assert file.replaced(changes) == b"\xef\xbb\xbfzero one 2\nthree!"
    assert (file.line(7), file.line(8), list(file.lines([0, 8, 12]))) == (1, 2, [1, 2, 2])


def test_what_cannot_be_read_or_written(tmp_path):
    with pytest.raises(InputError, match=r"a:2: not valid UTF-8; convert it"):
        (tmp_path / "a").write_bytes(b"a\n\xff")
        TextFile.read(tmp_path / "a")
    with pytest.raises(InputError, match="latin-1 cannot write"):
        TextFile(tmp_path, "a", "latin-1", b"").replaced([Change(0, 1, "\u4e00")])


def test_a_catalogue_in_utf_16(tmp_path):
    (tmp_path / "a.po").write_bytes(CATALOGUE.encode("utf-16"))
    document = open_document(tmp_path / "a.po")
    assert document.filled([None]) == CATALOGUE.encode("utf-16")
    assert 'msgstr "ä"' in document.filled(["ä"]).decode("utf-16")
