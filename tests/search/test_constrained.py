"""Terms that translations must hold: the search for them, the glossary that names them, the report."""

import itertools
import math

import numpy as np
import pytest

from mtkit.errors import InputError
from mtkit.search.beam import Ranking
from mtkit.search.constrained import Pending, constrained_search
from mtkit.text.special import END_ID
from mtkit.text.words import as_words
from mtkit.translating.glossary import Glossary, TermUse, report
from tests.support.table_search import A, B, C, V, random_table, table_step

ANY = np.ones(V, bool)


def best_with(table, phrases, longest):
    """The most probable complete sequence that holds all phrases, by trying every one."""
    found = {}
    for length in range(longest + 1):
        for ids in itertools.product((A, B, C), repeat=length):
            windows = {ids[first:last] for first in range(length) for last in range(first + 1, length + 1)}
            if all(any(way in windows for way in phrase) for phrase in phrases):
                chain = [2, *ids, END_ID]
                found[ids] = math.prod(table[a][b] for a, b in itertools.pairwise(chain))
    return max(found, key=found.get)


@pytest.mark.parametrize(
    "phrases", [[((B,),)], [((C, A),)], [((A, A), (C, C))], [((B,),), ((C,),)], [((B, C),), ((A,),)]], ids=str
)
def test_it_finds_the_best_that_holds_them(phrases):
    for seed in range(15):
        table = random_table(seed)
        step = table_step(table, V)
        (found,) = constrained_search(step, None, 400, np.array([4]), [phrases], ANY, ANY, Ranking(0.0))
        assert found[0].ids == best_with(table, phrases, 4)
        assert found[0].log_probability == pytest.approx(
            sum(math.log(table[a][b]) for a, b in itertools.pairwise([2, *found[0].ids, END_ID])), abs=1e-4
        )


def test_each_sentence_has_its_own():
    step = table_step(random_table(3), V)
    phrases = [[((B, B),)], [], [((C,),), ((A, B),)]]
    together = constrained_search(step, None, 8, np.array([5, 5, 5]), phrases, ANY, ANY)
    for own, found in zip(phrases, together, strict=True):
        (alone,) = constrained_search(step, None, 8, np.array([5]), [own], ANY, ANY)
        assert [one.ids for one in found] == [one.ids for one in alone]
        for phrase in own:
            assert any(way == found[0].ids[first : first + len(way)] for way in phrase for first in range(5))


def test_a_phrase_is_a_word_of_its_own():
    """Where only END_ID can follow the last letter of a word, the phrase is the last word."""
    ends = np.zeros(V, bool)
    ends[END_ID] = True
    (found,) = constrained_search(
        table_step(random_table(1), V), None, 20, np.array([5]), [[((A, B),)]], ends, ANY
    )
    assert found[0].complete and found[0].ids[-2:] == (A, B)


def test_what_cannot_be_met_is_still_translated():
    table = {token: {A: 0.5, END_ID: 0.5} for token in (2, A)}  # B never follows anything
    (found,) = constrained_search(table_step(table, V), None, 4, np.array([3]), [[((B,),)]], ANY, ANY)
    assert found and not found[0].complete


def test_pending_by_hand():
    start = Pending((((A, B), (C,)), ((A,),)))
    assert start.wanted() == {A, C}
    one = start.after(A)
    assert (one.met, one.inside, one.closing, one.tokens) == ({1}, ((0, 0, 1),), True, 2)
    assert one.wanted() == {B}
    assert one.after(B).done and one.after(C).done
    assert one.after(A).inside == ((0, 0, 1),)


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
    glossary = Glossary.read(["dog\tHund", "cat\tKatze"], "terms.tsv")
    dog, cat = glossary.terms
    demanded = [(2, TermUse(dog, "demanded", 1.5)), (4, TermUse(dog, "demanded", 0.5))]
    assert report([(1, TermUse(dog, "free")), *demanded, (2, TermUse(cat, "missing", 1.5))]) == [
        "term  translation  lines  free  demanded  cost  missing",
        "dog   Hund         3      1     2         1.00  0",
        "cat   Katze        1      0     0         -     1 (line 2)",
    ]
