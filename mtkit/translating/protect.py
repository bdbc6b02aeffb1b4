"""Text that must stay as it is: addresses, placeholders, tags, and whatever a regular expression finds.

A model makes little of such text, and the sentence around it suffers. So it is taken out of a line before the
line is translated, and put back where attention says that the words beside it have gone (compare Joanis et
al. 2013, "Transferring markup tags in statistical machine translation"). Nothing is left to the model, so
that each is there as often as the line has it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mtkit.errors import SettingsError
from mtkit.text.patterns import LETTER, PRESETS, UNSPACED
from mtkit.translating.alignment import ends_in_text
from mtkit.translating.translation import Candidate

UNIT = re.compile(rf"[{UNSPACED}]|{LETTER}+(?:[-'’]{LETTER}+)*|[^\w\s]")
# What no space comes before.
CLOSING = ".,;:!?…%)]}»”。，、！？；："
TAG = re.compile(r"<(?P<closes>/?)(?P<name>[A-Za-z][\w:.-]*)[^<>]*?(?P<whole>/?)>")
# Two characters that are no neighbours in a text: where a word begins, behind a word or what closes a
# sentence.
STRANGERS = re.compile(rf"(?:{LETTER}|[.,;:!?…%)\]]){LETTER}")


@dataclass(frozen=True)
class Span:
    """Text that was taken out of a line; what stood side by side is one.

    Attributes:
        text: as it was.
        place: where it was in what is left of the line.
        before, behind: the character that stood there; nothing for a space, or the edge of the line.
        start: where it was in the line.
    """

    text: str
    place: int
    before: str = ""
    behind: str = ""
    start: int = field(default=0, compare=False)

    @property
    def stop(self) -> int:
        """Where it ended in the line."""
        return self.start + len(self.text)

    @property
    def is_tag(self) -> bool:
        """Whether there is a tag in it."""
        return TAG.search(self.text) is not None

    def halves(self, opening: bool) -> set[str]:
        """The names of the tags in it that open, or close, what stands between them and another."""
        return {
            tag["name"]
            for tag in TAG.finditer(self.text)
            if not tag["whole"] and opening != bool(tag["closes"])
        }

    def apart(self) -> "list[Span]":
        """The tags side by side in it each by itself; all of it where there is more than tags."""
        tags = list(TAG.finditer(self.text))
        if len(tags) < 2 or "".join(tag[0] for tag in tags) != self.text:
            return [self]
        spans = [Span(tag[0], self.place, "", "", self.start + tag.start()) for tag in tags]
        spans[0], spans[-1] = replace(spans[0], before=self.before), replace(spans[-1], behind=self.behind)
        return spans

    @property
    def held_apart(self) -> bool:
        """Whether a space stands in its place, between words that it alone held apart, or behind a mark."""
        return STRANGERS.fullmatch(self.before + self.behind) is not None


@dataclass(frozen=True)
class Protection:
    """What finds text that must stay as it is: what any of these patterns finds."""

    patterns: tuple[re.Pattern, ...]

    @classmethod
    def of(cls, names: Sequence[str]) -> "Protection":
        """From regular expressions and names of PRESETS.

        Raises:
            SettingsError: one is no regular expression, or finds text of no length.
        """
        patterns = []
        for name in names:
            try:
                pattern = re.compile(PRESETS.get(name, name))
            except (re.error, OverflowError, RecursionError) as error:
                presets = ", ".join(PRESETS)
                raise SettingsError(
                    f"--protect takes {presets} or a regular expression; {name!r} is none: {error}"
                ) from None
            if pattern.search(""):
                raise SettingsError(f"--protect {name!r} finds text of no length")
            patterns.append(pattern)
        return cls(tuple(patterns))

    def find(self, line: str) -> list[tuple[int, int]]:
        """Where such text is, (start, end) in order; what overlaps is one."""
        return joined(
            (match.span() for pattern in self.patterns for match in pattern.finditer(line)), touching=False
        )

    def take_out(self, line: str) -> "Held":
        """What is left of a line, and what was taken out, in order. Of two spaces around a text one stays."""
        left, origin, spans, end = [], [], [], 0
        for start, stop in joined(self.find(line), touching=True):
            left += line[end:start]
            origin += range(end, start)
            before, behind = left[-1].strip() if left else "", line[stop : stop + 1].strip()
            spans.append(Span(line[start:stop], len(left), before, behind, start))
            spaced = line[stop : stop + 1] == " " and (not left or left[-1] == " ")
            end = stop + spaced
            if spans[-1].held_apart:
                left.append(" ")
                origin.append(start)
        return Held("".join(left) + line[end:], tuple(spans), (*origin, *range(end, len(line))))

    def changed(self, line: str, text: str) -> list[str]:
        """What a line has and its translation has not just as often."""
        here, there = (Counter(one[start:end] for start, end in self.find(one)) for one in (line, text))
        return [found for found, times in here.items() if there[found] != times]


@dataclass(frozen=True)
class Held:
    """A line without the text that must stay as it is.

    Attributes:
        text: what is left.
        spans: what was taken out.
        origin: for each character of the text where it was in the line, or, for a space that stands in for a
            span, where that was.
    """

    text: str
    spans: tuple[Span, ...] = ()
    origin: tuple[int, ...] = ()


def joined(places: Iterable[tuple[int, int]], touching: bool) -> list[tuple[int, int]]:
    """Places (start, end) in order, with those that overlap made one, and those that follow each other at
    once if `touching`.
    """
    merged: list[tuple[int, int]] = []
    for start, end in sorted(place for place in places if place[0] < place[1]):
        if merged and start < merged[-1][1] + touching:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def put_back(candidate: Candidate, spans: Sequence[Span], source: str, pieces: Sequence[str]) -> str:
    """The text of a candidate with what was taken out of its line.

    A text goes before the word that its right neighbour has become, or behind the one that its left neighbour
    has become: to the word that it is joined to, else to the one that is attended to more clearly. Tags keep
    their order.

    Args:
        source: what was translated.
        pieces: its pieces, as they stand in it.
    """
    target = candidate.text
    weights = None
    source_units, target_units = (list(UNIT.finditer(text)) for text in (source, target))
    if source_units and target_units:
        weights = between_units(candidate, pieces, source_units, target_units)
    places = [
        place_for(span, source_units, target_units, weights) if weights is not None else len(target)
        for span in spans
    ]
    tags = [number for number, span in enumerate(spans) if span.is_tag]
    for number, place in zip(tags, sorted(places[number] for number in tags), strict=True):
        places[number] = place
    order = sorted(range(len(spans)), key=lambda number: (places[number], number))
    text, end = "", 0
    for number in order:
        span, kept = spans[number], len(text)  # no space that a span ends with goes
        text += target[end : places[number]]
        end = places[number]
        bare = text[:kept] + text[kept:].rstrip()
        if joins(bare[-1:], span.before):
            text = bare
        elif text and not text[-1].isspace():
            text += " "
        text += span.text
        following = target[end:].lstrip()
        if joins(following[:1], span.behind) or following[:1] in CLOSING:
            end = len(target) - len(following)
        elif following and not target[end].isspace():
            text += " "
    return text + target[end:]


def joins(now: str, then: str) -> bool:
    """Whether a text joins its neighbour here, as it did one in its line: not a word, where that was a mark;
    nor a word of a script with spaces, where that was of one without."""
    if not then or (now.isalnum() and not then.isalnum()):
        return False
    return is_unspaced(now) or not is_unspaced(then) or not now.isalnum()


def is_unspaced(character: str) -> bool:
    """Whether a character is of a script that puts no space between words."""
    return re.fullmatch(f"[{UNSPACED}]", character) is not None


def place_for(
    span: Span, source_units: list[re.Match], target_units: list[re.Match], weights: np.ndarray
) -> int:
    """Where a text goes in the translation.

    Args:
        source_units, target_units: words and marks.
        weights: float [target units, source units], attention.
    """
    before = [number for number, unit in enumerate(source_units) if unit.start() < span.place]
    behind = [number for number, unit in enumerate(source_units) if unit.end() > span.place]
    found = []  # (how clearly, where)
    if before:
        best = int(weights[:, before[-1]].argmax())
        found.append((span.before.isalnum(), weights[best, before[-1]], target_units[best].end()))
    if behind:
        best = int(weights[:, behind[0]].argmax())
        found.append((span.behind.isalnum(), weights[best, behind[0]], target_units[best].start()))
    return max(found)[2]


def between_units(
    candidate: Candidate, source_pieces: Sequence[str], source_units, target_units
) -> np.ndarray:
    """Attention between words and marks, float [target units, source units]: the mean over the pieces of a
    target unit.
    """
    attention = candidate.hypothesis.attention
    rows, columns = (
        covering(ends_in_text(pieces), units)
        for pieces, units in ((candidate.tokens, target_units), (source_pieces, source_units))
    )
    means = rows / np.maximum(1, rows.sum(axis=1, keepdims=True))
    return means @ attention[: rows.shape[1], : columns.shape[1]] @ columns.T


def covering(ends: list[int], units: Sequence[re.Match]) -> np.ndarray:
    """Whether a piece has a part of a unit, float [units, pieces]; a piece stands where the one before it
    ends.
    """
    starts, ends_here = np.array([0, *ends[:-1]]), np.array(ends)
    return np.array([(starts < unit.end()) & (ends_here > unit.start()) for unit in units], float)
