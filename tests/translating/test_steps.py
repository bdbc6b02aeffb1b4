"""The steps of a line: each gives the texts on, and takes the translations back, in order."""

from dataclasses import dataclass

from mtkit.search.hypothesis import Hypothesis
from mtkit.translating.demanded_terms import DemandedTerms
from mtkit.translating.glossary import Glossary
from mtkit.translating.length_batches import LengthBatches, in_batches
from mtkit.translating.steps import SourceText, through
from mtkit.translating.translation import Candidate, Translation


@dataclass(frozen=True)
class Marks:
    """A step that puts a mark before a text, and behind its translation."""

    mark: str

    def translate(self, texts, translate):
        marked = [SourceText(self.mark + text.text, text.number) for text in texts]
        return [Translation(f"{translation.source}{self.mark}") for translation in translate(marked)]


def said(text, ids, log_probability=-1.0):
    hypothesis = Hypothesis(tuple(ids), (log_probability,), log_probability, complete=True)
    return Candidate(text, tuple(text.split()), hypothesis)


def test_a_text_goes_down_the_list_and_its_translation_up():
    translate = through([Marks("a"), Marks("b")], lambda texts: [Translation(text.text) for text in texts])
    assert [one.source for one in translate([SourceText("-", 0), SourceText("+", 1)])] == ["ba-ba", "ba+ba"]


def test_batches_hold_so_many_tokens():
    assert in_batches([5, 3, 1, 0], [32, 32, 40, 90], 80) == [[5, 3], [1], [0]]
    assert in_batches([5, 3, 1], [1, 2, 40], 120) == [[5, 3, 1]]
    assert in_batches([0, 1], [500, 600], 1) == [[0], [1]]
    assert in_batches([], [], 80) == []


def test_batches_give_back_the_order():
    texts = [
        SourceText(f"text {number}", number, ids=[7] * length) for number, length in enumerate((9, 1, 30, 2))
    ]
    asked = []

    def search(batch):
        asked.append([text.number for text in batch])
        return [Translation(text.text) for text in batch]

    translations = LengthBatches(most_tokens=18, rows=1, parallel=1).translate(texts, search)
    assert [translation.source for translation in translations] == [text.text for text in texts]
    assert asked == [[2], [0], [1, 3]], "the longest first, the short ones together"
    assert LengthBatches(18, 1, 2).translate([], search) == []


def test_only_what_lacks_a_term_is_translated_once_more():
    """The demanded translation is taken where it has more of the terms, whatever it costs."""
    asked = []

    def search(texts):
        asked.append([(text.number, bool(text.phrases)) for text in texts])
        return [
            Translation(
                text.text, (said("der Hund", [1], -3.0) if text.phrases else said("der Rüde", [2], -1.0),)
            )
            if "dog" in text.text
            else Translation(text.text, (said("Katze", [3]),))
            for text in texts
        ]

    glossary = Glossary.read(["dog\tHund", "cat\tKatze"], "terms")
    step = DemandedTerms(glossary, Letters(), n_best=1)
    dog, cat, none = step.translate(
        [SourceText(text, n) for n, text in enumerate(("a dog", "a cat", "x"))], search
    )
    assert asked == [[(0, False), (1, False), (2, False)], [(0, True)]]
    assert (dog.text, dog.terms[0].outcome, dog.terms[0].cost) == ("der Hund", "demanded", 2.0)
    assert (cat.text, cat.terms[0].outcome) == ("Katze", "free")
    assert none.terms == ()


class Letters:
    """A tokenizer whose tokens are the codes of letters."""

    def encode(self, texts):
        return [list(map(ord, text)) for text in texts]
