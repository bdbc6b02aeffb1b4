"""Formats by the endings of files: those of mtkit, and those that other packages bring."""

import importlib.metadata
from importlib.metadata import EntryPoint

import pytest

from mtkit.errors import MtkitError
from mtkit.formats.format import Format
from mtkit.formats.opening import open_corpus, open_document
from mtkit.formats.registry import FORMATS, GROUP, ending, format_of
from mtkit.text.corpus import SentencePair

SHEET = Format(read_pairs=lambda path, options: [SentencePair(*options.languages, str(path), 1)])
NO_FORMAT = "a word"


@pytest.fixture
def plugged_in(monkeypatch):
    """Installs a package with an entry point, and lists what is asked for."""

    def install(name, value):
        def entry_points(**wanted):
            assert wanted["group"] == GROUP
            return [EntryPoint(name, value, GROUP)] if wanted["name"] == name else []

        monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)

    return install


@pytest.mark.parametrize("kind", FORMATS)
def test_each_is_read_or_filled(kind):
    own = format_of(f"A{kind.upper()}.gz")
    assert isinstance(own, Format) and (own.read_pairs or own.open_document)
    assert not own.has_states or own.open_document


def test_endings():
    assert [ending(name) for name in ("A.TMX.gz", "b.v1.po", "c", "-", ".gz")] == [".tmx", ".po", "", "", ""]
    assert [format_of(name) for name in ("a.txt", "a", "-", "a.docx")] == [None] * 4


def test_a_format_of_another_package(tmp_path, plugged_in):
    path = tmp_path / "a.sheet"
    path.write_text("x")
    plugged_in("sheet", "tests.formats.test_registry:SHEET")
    (pair,) = open_corpus(str(path), "en", "de")
    assert (pair.source, pair.target) == ("en", "de")
    assert format_of("a.txt") is None
    with pytest.raises(MtkitError, match=r"a\.sheet is not of a kind that mtkit fills"):
        open_document(path)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("no_such_package:FORMAT", "ModuleNotFoundError: No module named 'no_such_package'"),
        ("tests.formats.test_registry:NOTHING", "AttributeError"),
        ("tests.formats.test_registry:NO_FORMAT", "is no mtkit.formats.format.Format"),
    ],
)
def test_a_package_that_does_not_work(plugged_in, value, reason):
    plugged_in("sheet", value)
    with pytest.raises(MtkitError) as error:
        format_of("a.sheet")
    said = str(error.value)
    assert said.startswith(f"the package {value}, which is for .sheet files, does not work with this mtkit (")
    assert reason in said and said.endswith("update or uninstall it")
    # Others do not suffer from it.
    assert format_of("a.po") and format_of("a.txt") is None
