"""Which files `mtkit translate` fills, which it takes for lines of plain text, and which for neither."""

import pytest

from mtkit.cli.translate_document import is_document
from mtkit.errors import InputError


@pytest.mark.parametrize("name", ["a.PO", "a.xlf", "a.tmx", "a.srt", "a.md"])
def test_what_is_filled(tmp_path, name):
    assert is_document(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.po.gz", " is packed: unpack it first"),
        ("a.pot", " is a template, of no language: msginit -l LANG -i "),
        *[
            (name, " is not of a kind that mtkit fills: convert")
            for name in ("a.HTML", "a.docx.gz", "a.mqxliff", "a.jsonl")
        ],
    ],
)
def test_what_is_of_another_kind(tmp_path, name, words):
    with pytest.raises(InputError, match=words):
        is_document(tmp_path / name)


@pytest.mark.parametrize("name", ["a.txt", "a", "a.en", "a.rst", "a.txt.gz", "a.v1.2", "-"])
def test_what_is_plain_text(tmp_path, name):
    assert not is_document(tmp_path / name)


@pytest.mark.parametrize(("ending", "begin"), [("ts", "\ufeff<?xml"), ("ts", "\n <TS"), ("arb", '{"a": 1}')])
def test_endings_that_are_codes_of_languages_too(tmp_path, ending, begin):
    file = tmp_path / f"a.{ending}"
    assert not is_document(file)
    file.write_text("Avuxeni\n", encoding="utf-8")
    assert not is_document(file)
    file.write_text(begin, encoding="utf-8")
    with pytest.raises(InputError, match=f"a.{ending} is not of a kind"):
        is_document(file)
