"""Terms that translations must hold: how they are read and found, and the report of what became of them."""

import pytest

from mtkit.errors import InputError
from mtkit.text.words import as_words
from mtkit.translating.glossary import Glossary, TermUse, report


def test_a_glossary_is_read_and_found():
    lines = ["# terms", "", "dog\tHund|Köter", "hot dog\tHotdog", "IT\tEDV", "C++\tC++"]
    glossary = Glossary.read(lines, "terms.tsv")
    assert [term.source for term in glossary.of("A hot dog and a Dog, dogs; it runs C++.")] == [
        "hot dog",
        "dog",
        "C++",
    ]
    assert [term.source for term in glossary.of("Hot dog! IT")] == ["hot dog", "IT"]
    dog = glossary.terms[0]
    assert dog.is_in("der Köter bellt") and dog.is_in("Hund.") and not dog.is_in("Hunde")
    assert as_words("haus").search("Haus") and not as_words("Haus").search("haus")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["dog"], "terms.tsv:1: a line has the source term, a tab"),
        (["\tHund"], "terms.tsv:1"),
        (["a\tb", "dog\t"], "terms.tsv:2: an empty"),
        (["a\tb", "a\tc"], "terms.tsv:2: 'a' stands here for the second time"),
        (["# nothing"], "terms.tsv holds no terms"),
    ],
)
def test_a_glossary_that_is_none(lines, words):
    with pytest.raises(InputError, match=words):
        Glossary.read(lines, "terms.tsv")


def test_the_report():
    glossary = Glossary.read(["dog\t狗", "cat\tKatze"], "terms.tsv")
    dog, cat = glossary.terms
    demanded = [(2, TermUse(dog, "demanded", 1.5)), (4, TermUse(dog, "demanded", 0.5))]
    assert report([(1, TermUse(dog, "free")), *demanded, (2, TermUse(cat, "missing", 1.5))]) == [
        "term  translation  lines  free  demanded  cost  missing",
        "dog   狗               3     1         2  1.00  0",
        "cat   Katze            1     0         0  -     1 (line 2)",
    ]
