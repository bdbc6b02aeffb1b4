"""Where text that was taken out of a line goes in its translation, by attention.

Shape letters: S source units, T target units; a unit is a word or a mark.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mtkit.text.patterns import LETTER, UNSPACED, is_unspaced
from mtkit.text.tokenizer import Tokenizer
from mtkit.translating.alignment import ends_in_text
from mtkit.translating.protect import HeldSpan
from mtkit.translating.translation import Candidate, Translation

UNIT = rf"[{UNSPACED}]|{LETTER}+(?:[-'’]{LETTER}+)*|[^\w\s]"
# What no space comes before.
CLOSING = ".,;:!?…%)]}»”。，、！？；："


def with_spans(translation: Translation, spans: Sequence[HeldSpan], tokenizer: Tokenizer) -> Translation:
    """A translation of what was left of a text, with what was taken out.

    Args:
        tokenizer: of the source.
    """
    if not spans:
        return translation
    pieces = tokenizer.surfaces(translation.source)
    candidates = [
        replace(candidate, text=put_back(candidate, spans, translation.source, pieces))
        for candidate in translation.candidates
    ]
    return replace(translation, candidates=tuple(candidates))


def put_back(candidate: Candidate, spans: Sequence[HeldSpan], source: str, pieces: Sequence[str]) -> str:
    """The text of a candidate with what was taken out of its line.

    A text goes before the word that its right neighbour has become, or behind the one that its left neighbour
    has become: to the word that it is joined to, else to the one that is attended to more clearly. Tags keep
    their order.

    Args:
        source: what was translated.
        pieces: its pieces, as they stand in it.
    """
    target = candidate.text
    places = places_of(candidate, spans, source, pieces)
    text, end = "", 0
    for number in sorted(range(len(spans)), key=lambda number: (places[number], number)):
        span, kept = spans[number], len(text)  # no space that a span ends with goes
        text += target[end : places[number]]
        end = places[number]
        without_space = text[:kept] + text[kept:].rstrip()
        if joins(without_space[-1:], span.before):
            text = without_space
        elif text and not text[-1].isspace():
            text += " "
        text += span.text
        following = target[end:].lstrip()
        if joins(following[:1], span.behind) or following[:1] in CLOSING:
            end = len(target) - len(following)
        elif following and not target[end].isspace():
            text += " "
    return text + target[end:]


def places_of(
    candidate: Candidate, spans: Sequence[HeldSpan], source: str, pieces: Sequence[str]
) -> list[int]:
    """Where each span goes in the text of a candidate; see `put_back`."""
    source_units, target_units = list(re.finditer(UNIT, source)), list(re.finditer(UNIT, candidate.text))
    if not source_units or not target_units:
        return [len(candidate.text)] * len(spans)
    weights = between_units(candidate, pieces, source_units, target_units)
    places = [place_for(span, source_units, target_units, weights) for span in spans]
    tags = [number for number, span in enumerate(spans) if span.is_tag]
    for number, place in zip(tags, sorted(places[number] for number in tags), strict=True):
        places[number] = place
    return places


def joins(now: str, then: str) -> bool:
    """Whether a text joins its neighbour here, as it did one in its line.

    Not a word, where that was a mark; nor a word of a script with spaces, where that was of one without.
    """
    if not then or (now.isalnum() and not then.isalnum()):
        return False
    return is_unspaced(now) or not is_unspaced(then) or not now.isalnum()


class Neighbour(NamedTuple):
    """A word or mark beside a span, and where it has gone. The larger of two is the better.

    Attributes:
        is_word: whether the span was joined to a word here.
        weight: the attention that it has from the unit that it has become.
        place: where the span goes by it.
    """

    is_word: bool
    weight: float
    place: int


def place_for(
    span: HeldSpan, source_units: list[re.Match], target_units: list[re.Match], weights: np.ndarray
) -> int:
    """Where a text goes in the translation.

    Args:
        source_units, target_units: S and T words and marks.
        weights: float [T, S], attention.
    """
    before = [number for number, unit in enumerate(source_units) if unit.start() < span.place]
    behind = [number for number, unit in enumerate(source_units) if unit.end() > span.place]
    neighbours = []
    if before:
        column = weights[:, before[-1]]
        became = int(column.argmax())
        neighbours.append(Neighbour(span.before.isalnum(), column[became], target_units[became].end()))
    if behind:
        column = weights[:, behind[0]]
        became = int(column.argmax())
        neighbours.append(Neighbour(span.behind.isalnum(), column[became], target_units[became].start()))
    return max(neighbours).place


def between_units(
    candidate: Candidate,
    source_pieces: Sequence[str],
    source_units: Sequence[re.Match],
    target_units: Sequence[re.Match],
) -> np.ndarray:
    """Attention between words and marks, float [T, S]: the mean over the pieces of a target unit."""
    rows = covering(ends_in_text(candidate.tokens), target_units)  # [T, target pieces]
    columns = covering(ends_in_text(source_pieces), source_units)  # [S, source pieces]
    means = rows / np.maximum(1, rows.sum(axis=1, keepdims=True))
    return means @ candidate.attention[: rows.shape[1], : columns.shape[1]] @ columns.T


def covering(ends: list[int], units: Sequence[re.Match]) -> np.ndarray:
    """Whether a piece has a part of a unit, float [units, pieces].

    A piece begins where the one before it ends.
    """
    piece_starts, piece_ends = np.array([0, *ends[:-1]]), np.array(ends)
    return np.array([(piece_starts < unit.end()) & (piece_ends > unit.start()) for unit in units], float)
