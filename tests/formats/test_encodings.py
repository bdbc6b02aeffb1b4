"""The encoding of a file of translators by its first bytes."""

import pytest

from mtkit.errors import InputError
from mtkit.formats.document import open_document
from mtkit.formats.encodings import byte_order_mark, decoded, encoded

CATALOGUE = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-16\\n"\n\nmsgid "a"\nmsgstr ""\n'


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_marks(encoding, tmp_path):
    content = "\ufeff".encode("utf-16-be") * (encoding == "utf-16-be") + "für".encode(encoding)
    text, own, mark = decoded(content, tmp_path)
    assert (text, mark + text.encode(own), byte_order_mark(content)) == ("für", content, (mark, own))
    assert encoded(text, own, mark) == content
    assert decoded(b"f", tmp_path) == ("f", "utf-8", b"")


def test_what_cannot_be_read_or_written(tmp_path):
    with pytest.raises(InputError, match=r"a:2: not valid UTF-8; convert it"):
        decoded(b"a\n\xff", "a")
    with pytest.raises(InputError, match="latin-1 cannot write"):
        encoded("\u4e00", "latin-1", b"")


def test_a_catalogue_in_utf_16(tmp_path):
    (tmp_path / "a.po").write_bytes(CATALOGUE.encode("utf-16"))
    document = open_document(tmp_path / "a.po", False)
    assert document.filled([None]) == CATALOGUE.encode("utf-16")
    assert 'msgstr "ä"' in document.filled(["ä"]).decode("utf-16")
