"""Words of translations: which are right, how often they were in the training text, what is copied or
repeated, what differs.
"""

import difflib
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import regex

from mtkit.checkpoint import Checkpoint
from mtkit.data.store import TokenCorpus
from mtkit.errors import CheckpointError
from mtkit.text.tokenizer import Tokenizer

Frequencies = Counter[str]

# Letters with their marks and joiners; a sign by itself, and likewise a letter of a script that is written
# without spaces.
_CJK = r"[\p{Han}\p{Hiragana}\p{Katakana}]"
_WORD = regex.compile(rf"(?V1){_CJK}|[[\w\p{{M}}\u200c\u200d]--{_CJK}]+|[^\w\s]")
_READ_SENTENCES = 10_000
MOST_ORDER = 4
# A sequence of so many words that comes twice in a translation, and not in its reference, is a repetition.
REPEATED = 3


def words_of(text: str) -> list[str]:
    """Its words, and its signs each by itself."""
    return _WORD.findall(text)


def why_no_frequencies(checkpoint: Checkpoint, tokenizer: Tokenizer) -> str:
    """Why it cannot be told how often words were trained on; nothing where it can."""
    if not (checkpoint.data / "train" / "store.json").exists():
        return (
            f"{checkpoint.data / 'train'} is not whole here, so how often words were trained on is not known"
        )
    if tokenizer.has_unknown:
        return (
            "the vocabulary leaves words out, so how often they were trained on is not known (it has no byte"
            " fallback)"
        )
    return ""


def training_frequencies(checkpoint: Checkpoint, side: str, tokenizer: Tokenizer) -> Frequencies:
    """How often each word stands in the training text of a checkpoint directory.

    Args:
        side: "source" or "target".

    Raises:
        CheckpointError: see `why_no_frequencies`.
    """
    if why := why_no_frequencies(checkpoint, tokenizer):
        raise CheckpointError(why)
    corpus, counts = TokenCorpus(checkpoint.data / "train"), Counter()
    for start in range(0, len(corpus), _READ_SENTENCES):
        rows = np.arange(start, min(start + _READ_SENTENCES, len(corpus)))
        for text in tokenizer.decode(corpus.sentences(side, rows)):
            counts.update(words_of(text))
    return counts


@dataclass(frozen=True)
class Accuracy:
    """How many of some words, or sequences of words, are right.

    Attributes:
        matched: found in a translation and in its reference, each as often as it is in both.
        hypothesis: found in translations.
        reference: found in references.
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
        return (
            2 * self.matched / (self.hypothesis + self.reference) if self.hypothesis + self.reference else 0.0
        )


def accuracy_by_order(hypotheses: Sequence[list[str]], references: Sequence[list[str]]) -> list[Accuracy]:
    """The accuracy of sequences of 1, 2, 3 and 4 words."""
    found = []
    for order in range(1, MOST_ORDER + 1):
        matched = said = wanted = 0
        for ours, theirs in zip(hypotheses, references, strict=True):
            one, other = Counter(ngrams(ours, order)), Counter(ngrams(theirs, order))
            matched, said, wanted = (
                matched + (one & other).total(),
                said + one.total(),
                wanted + other.total(),
            )
        found.append(Accuracy(matched, said, wanted))
    return found


def span_of(firsts: Sequence[int], values: Sequence[int]) -> np.ndarray:
    """The place of the span that each value is in, int [values]."""
    return np.searchsorted(np.asarray(firsts), np.asarray(values), side="right") - 1


def accuracy_by_frequency(
    hypotheses: Sequence[list[str]],
    references: Sequence[list[str]],
    counts: Frequencies,
    firsts: Sequence[int],
) -> list[Accuracy]:
    """The accuracy of the words of each frequency (Neubig et al. 2019, arXiv:1903.07926, 2.2).

    Args:
        counts: of the words.
        firsts: the lowest frequency of each group, ascending from 0.
    """
    table = np.zeros((3, len(firsts)), np.int64)
    for ours, theirs in zip(hypotheses, references, strict=True):
        one, other = Counter(ours), Counter(theirs)
        for row, words in enumerate((one & other, one, other)):
            np.add.at(table[row], span_of(firsts, [counts[word] for word in words]), list(words.values()))
    return [Accuracy(*map(int, column)) for column in table.T]


def ngrams(words: Sequence[str], order: int) -> Iterator[tuple[str, ...]]:
    return zip(*(words[start:] for start in range(order)), strict=False)


def is_copy(source: str, hypothesis: str, references: Sequence[str]) -> bool:
    """Whether a translation is its source, and that is not right."""
    return (
        bool(source.strip())
        and hypothesis.strip() == source.strip()
        and hypothesis.strip() not in map(str.strip, references)
    )


def is_repetitive(hypothesis: Sequence[str], references: Sequence[Sequence[str]]) -> bool:
    """Whether a sequence of words comes more than once, and more often than in any reference."""
    ours = Counter(ngrams(hypothesis, REPEATED))
    theirs = [Counter(ngrams(reference, REPEATED)) for reference in references]
    return any(count > 1 and all(count > one[words] for one in theirs) for words, count in ours.items())


Distinctive = list[tuple[str, int, int]]


def distinctive(
    ours: Sequence[list[str]], theirs: Sequence[list[str]], references: Sequence[list[str]], most: int
) -> tuple[Distinctive, Distinctive]:
    """Sequences of 1 to 4 words that one system has right more often than another.

    Returns:
        What `ours` has right more often, and what `theirs` has: (words, times that `ours` has them right,
            times that `theirs`
        has) of the `most` that tell most: with the largest difference for the square root of the sum of both,
        its spread under chance; of two where one is in the other and tells as much, the longer.
    """
    right = [Counter(), Counter()]
    for reference, *both in zip(references, ours, theirs, strict=True):
        for order in range(1, MOST_ORDER + 1):
            wanted = Counter(ngrams(reference, order))
            for found, words in zip(right, both, strict=True):
                found.update(Counter(ngrams(words, order)) & wanted)
    tables = []
    for one, other in (right, right[::-1]):
        chosen = _most_telling(one, other, most)
        tables.append([(" ".join(words), right[0][words], right[1][words]) for words in chosen])
    return tables[0], tables[1]


def _most_telling(one: Counter, other: Counter, most: int) -> list[tuple[str, ...]]:
    gains = {}
    for words, count in one.items():
        if count - other[words] > 1:
            gains[words] = (count - other[words]) / math.sqrt(count + other[words])
    chosen: list[tuple[str, ...]] = []
    for words in sorted(gains, key=lambda words: (-gains[words], -len(words), words)):
        if len(chosen) == most:
            break
        if not any(
            gains[longer] == gains[words] and f" {' '.join(words)} " in f" {' '.join(longer)} "
            for longer in chosen
        ):
            chosen.append(words)
    return chosen


def marked(hypothesis: str, reference: str) -> list[tuple[str, bool]]:
    """The words of a translation, each with whether the reference has it in its place; parted at spaces."""
    ours, theirs = hypothesis.split(), reference.split()
    same = np.zeros(len(ours), bool)
    for block in difflib.SequenceMatcher(a=ours, b=theirs, autojunk=False).get_matching_blocks():
        same[block.a : block.a + block.size] = True
    return list(zip(ours, same.tolist(), strict=True))
