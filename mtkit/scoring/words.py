"""Words of translations: which are right, what is copied or repeated, what differs."""

import difflib
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import regex

Frequencies = Counter[str]
Ngram = tuple[str, ...]

# Letters with their marks and joiners; a sign by itself, and likewise a letter of a script that is written
# without spaces.
_CJK = r"[\p{Han}\p{Hiragana}\p{Katakana}]"
_WORD = regex.compile(rf"(?V1){_CJK}|[[\w\p{{M}}\u200c\u200d]--{_CJK}]+|[^\w\s]")
MOST_ORDER = 4
# A sequence of so many words that comes twice in a translation, and not in its reference, is a repetition.
REPEATED = 3


def words_of(text: str) -> list[str]:
    """Its words, and its signs each by itself."""
    return _WORD.findall(text)


def ngrams(words: Sequence[str], order: int) -> Iterator[Ngram]:
    """The sequences of so many words."""
    return zip(*(words[start:] for start in range(order)), strict=False)


@dataclass(frozen=True)
class Accuracy:
    """How many of some words, or sequences of words, are right.

    Attributes:
        matched: in a translation and in its reference, each as often as it is in both.
        hypothesis: in translations.
        reference: in references.
    """

    matched: int
    hypothesis: int
    reference: int

    @property
    def precision(self) -> float:
        return self.matched / self.hypothesis if self.hypothesis else 0.0

    @property
    def recall(self) -> float:
        return self.matched / self.reference if self.reference else 0.0

    @property
    def f1(self) -> float:
        both = self.hypothesis + self.reference
        return 2 * self.matched / both if both else 0.0


def accuracy_by_order(hypotheses: Sequence[list[str]], references: Sequence[list[str]]) -> list[Accuracy]:
    """The accuracy of sequences of 1, 2, 3 and 4 words."""
    return [accuracy_of_order(hypotheses, references, order) for order in range(1, MOST_ORDER + 1)]


def accuracy_of_order(
    hypotheses: Sequence[list[str]], references: Sequence[list[str]], order: int
) -> Accuracy:
    """The accuracy of sequences of so many words."""
    matched = said = wanted = 0
    for hypothesis, reference in zip(hypotheses, references, strict=True):
        in_hypothesis = Counter(ngrams(hypothesis, order))
        in_reference = Counter(ngrams(reference, order))
        matched += (in_hypothesis & in_reference).total()
        said += in_hypothesis.total()
        wanted += in_reference.total()
    return Accuracy(matched, said, wanted)


def span_of(firsts: Sequence[int], values: Sequence[int]) -> np.ndarray:
    """The place of the span that each value is in, int [values].

    Args:
        firsts: the lowest value of each span, ascending.
    """
    return np.searchsorted(np.asarray(firsts), np.asarray(values), side="right") - 1


def accuracy_by_frequency(
    hypotheses: Sequence[list[str]],
    references: Sequence[list[str]],
    frequencies: Frequencies,
    firsts: Sequence[int],
) -> list[Accuracy]:
    """The accuracy of the words of each frequency (Neubig et al. 2019, arXiv:1903.07926, 2.2).

    Args:
        firsts: the lowest frequency of each group, ascending from 0.
    """
    table = np.zeros((3, len(firsts)), np.int64)  # matched, hypothesis, reference
    for hypothesis, reference in zip(hypotheses, references, strict=True):
        in_hypothesis, in_reference = Counter(hypothesis), Counter(reference)
        for row, words in enumerate((in_hypothesis & in_reference, in_hypothesis, in_reference)):
            spans = span_of(firsts, [frequencies[word] for word in words])
            np.add.at(table[row], spans, list(words.values()))
    return [Accuracy(*map(int, column)) for column in table.T]


def copies_source(source: str, hypothesis: str, references: Sequence[str]) -> bool:
    """Whether a translation is its source, and that is not right."""
    source, hypothesis = source.strip(), hypothesis.strip()
    return bool(source) and hypothesis == source and hypothesis not in map(str.strip, references)


def is_repetitive(hypothesis: Sequence[str], references: Sequence[Sequence[str]]) -> bool:
    """Whether a sequence of words comes more than once, and more often than in any reference."""
    repeated = {ngram: n for ngram, n in Counter(ngrams(hypothesis, REPEATED)).items() if n > 1}
    if not repeated:
        return False
    counts = [Counter(ngrams(reference, REPEATED)) for reference in references]
    return any(all(n > count[ngram] for count in counts) for ngram, n in repeated.items())


class Distinctive(NamedTuple):
    """Words that one system has right more often than another.

    Attributes:
        words: a sequence of them.
        ours: times that the system in question has them right.
        theirs: times that the other has.
    """

    words: str
    ours: int
    theirs: int


def distinctive(
    ours: Sequence[list[str]], theirs: Sequence[list[str]], references: Sequence[list[str]], most: int
) -> tuple[list[Distinctive], list[Distinctive]]:
    """Sequences of 1 to 4 words that one system has right more often than another.

    Returns:
        What `ours` has right more often, and what `theirs` has: the `most` that tell most, with the largest
        difference for the square root of the sum of both, its spread under chance. Of two where one is in the
        other and tells as much, the longer.
    """
    our_right, their_right = right_ngrams(ours, references), right_ngrams(theirs, references)

    def counted(ngrams: list[Ngram]) -> list[Distinctive]:
        return [Distinctive(" ".join(ngram), our_right[ngram], their_right[ngram]) for ngram in ngrams]

    gained = most_telling(our_right, their_right, most)
    lost = most_telling(their_right, our_right, most)
    return counted(gained), counted(lost)


def right_ngrams(hypotheses: Sequence[list[str]], references: Sequence[list[str]]) -> Counter[Ngram]:
    """How often each sequence of 1 to 4 words is in a translation and in its reference."""
    right: Counter[Ngram] = Counter()
    for hypothesis, reference in zip(hypotheses, references, strict=True):
        for order in range(1, MOST_ORDER + 1):
            right.update(Counter(ngrams(hypothesis, order)) & Counter(ngrams(reference, order)))
    return right


def most_telling(counts: Counter[Ngram], others: Counter[Ngram], most: int) -> list[Ngram]:
    """Sequences that are in the first counts more often, by more than one, those that tell most first."""
    gains = {}
    for ngram, count in counts.items():
        difference = count - others[ngram]
        if difference > 1:
            gains[ngram] = difference / math.sqrt(count + others[ngram])
    chosen: list[Ngram] = []
    for ngram in sorted(gains, key=lambda ngram: (-gains[ngram], -len(ngram), ngram)):
        if len(chosen) == most:
            break
        as_telling = (longer for longer in chosen if gains[longer] == gains[ngram])
        if not any(is_within(ngram, longer) for longer in as_telling):
            chosen.append(ngram)
    return chosen


def is_within(ngram: Ngram, longer: Ngram) -> bool:
    """Whether words stand side by side in a longer sequence."""
    return f" {' '.join(ngram)} " in f" {' '.join(longer)} "


def marked(hypothesis: str, reference: str) -> list[tuple[str, bool]]:
    """The words of a translation, each with whether the reference has it in its place; parted at spaces."""
    ours, theirs = hypothesis.split(), reference.split()
    same = np.zeros(len(ours), bool)
    for block in difflib.SequenceMatcher(a=ours, b=theirs, autojunk=False).get_matching_blocks():
        same[block.a : block.a + block.size] = True
    return list(zip(ours, same.tolist(), strict=True))
