"""Texts in sentences: by rules, by what was learned of a corpus, and where a sentence is too long."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from mtkit.text.line_ends import LineEnds
from mtkit.text.sentences import Sentence, sentence_ends, sentences_between
from mtkit.text.tokenizer import Tokenizer, most_tokens

CLAUSE_ENDS = ",;:–—，；、"


class SplitText(NamedTuple):
    """A text in sentences.

    Attributes:
        sentences: what is after the last is one without text; all joined are the text.
        cut_within: whether one was too long, and was cut where none ends.
    """

    sentences: list[Sentence]
    cut_within: bool

    @property
    def texts(self) -> list[str]:
        """The sentences without what is between them."""
        return [sentence.text for sentence in self.sentences[:-1]]


@dataclass(frozen=True)
class SentenceSplitter:
    """Splits texts where sentences end.

    Attributes:
        tokenizer: that counts tokens.
        line_ends: what was learned of a corpus; None where nothing was.
        most_tokens: a longer sentence is cut too, until no part is longer: near its middle, at the end of a
            clause if there is one, else at a space; 0 none is.
    """

    tokenizer: Tokenizer
    line_ends: LineEnds | None = None
    most_tokens: int = 0

    def split(self, texts: Sequence[str], *, eagerly: bool = False) -> list[SplitText]:
        """The sentences of each text.

        Args:
            eagerly: also where it is less sure that a sentence ends.
        """
        cuts = [list(sentence_ends(text)) for text in texts]
        if self.line_ends:
            cuts = with_learned_cuts(texts, cuts, self.line_ends, eagerly=eagerly)
        return [self._split(text, cuts_of_text) for text, cuts_of_text in zip(texts, cuts, strict=True)]

    def count_tokens(self, text: str, most: int) -> int:
        """How many tokens a text has; of one that cannot have more than `most`, no fewer than it has."""
        bound = most_tokens(text)
        # Counting takes long, and most texts cannot have so many.
        return bound if bound <= most else len(self.tokenizer.encode([text])[0])

    def _split(self, text: str, cuts: Sequence[int]) -> SplitText:
        if not self.most_tokens:
            return SplitText(sentences_between(text, cuts), cut_within=False)
        ends: list[int] = []
        for start, end in pairwise([0, *cuts, len(text)]):
            ends += self._short_parts(text, start, end)
        return SplitText(sentences_between(text, ends[:-1]), cut_within=len(ends) > len(cuts) + 1)

    def _short_parts(self, text: str, start: int, end: int) -> Iterator[int]:
        """Where to cut text[start:end] so that no part has too many tokens; its end is the last."""
        if end - start < 2 or self.count_tokens(text[start:end], self.most_tokens) <= self.most_tokens:
            yield end
            return
        cut = self._cut_near_middle(text, start, end)
        yield from self._short_parts(text, start, cut)
        yield from self._short_parts(text, cut, end)

    def _cut_near_middle(self, text: str, start: int, end: int) -> int:
        """A place between start and end: the best of those near the middle, if there are any."""
        quarter, middle = (end - start) // 4, (start + end) // 2
        near = range(start + quarter, end - quarter)
        for places in (
            (place + 1 for place in near if ends_clause(text, place)),
            self._likely_places(text, near),
            (place for place in range(start, end) if text[place].isspace()),
        ):
            inside = [place for place in places if start < place < end]
            if inside:
                return min(inside, key=lambda place: abs(place - middle))
        return middle

    def _likely_places(self, text: str, near: range) -> Iterator[int]:
        """The place where a sentence is likeliest to end, if any is between words."""
        place = (
            self.line_ends.likeliest_end(text[near.start : near.stop]) if self.line_ends and near else None
        )
        if place is not None:
            yield near.start + place


def with_learned_cuts(
    texts: Sequence[str], cuts: Sequence[Sequence[int]], line_ends: LineEnds, *, eagerly: bool
) -> list[list[int]]:
    """Cuts of texts, and those within the parts between them that are learned of a corpus."""
    parts = []
    for number, (text, cuts_of_text) in enumerate(zip(texts, cuts, strict=True)):
        parts += [(number, start, end) for start, end in pairwise([0, *cuts_of_text, len(text)])]
    learned = line_ends.cuts(
        [texts[number][start:end].strip() for number, start, end in parts], eagerly=eagerly
    )
    together: list[list[int]] = [[] for _ in texts]
    for (number, start, end), places in zip(parts, learned, strict=True):
        part = texts[number][start:end]
        first = start + len(part) - len(part.lstrip())
        together[number] += [*(first + place for place in places), end]
    # The last of each is its end.
    return [ends[:-1] for ends in together]


def ends_clause(text: str, place: int) -> bool:
    """Whether a mark at a place of a text ends a clause: white space follows it."""
    return text[place] in CLAUSE_ENDS and text[place + 1 : place + 2].isspace()
