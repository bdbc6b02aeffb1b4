"""Text that must stay as it is: addresses, placeholders, tags, and whatever a regular expression finds.

A model makes little of such text, and the sentence around it suffers. So it is taken out of a line before the line is translated,
and put back where attention says that the words beside it have gone (compare Joanis et al. 2013, "Transferring markup tags in
statistical machine translation"). Nothing is left to the model, so that each is there as often as the line has it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mtkit.decoding.alignment import ends_in_text
from mtkit.decoding.search import Hypothesis
from mtkit.decoding.translation import Candidate, Translation
from mtkit.decoding.translator import Translator
from mtkit.errors import SettingsError

# Names that stand for regular expressions. What ends a sentence behind an address does not belong to it.
PRESETS = {
    "url": r"(?:(?:https?|ftp)://|www\.)[^\s<>\"'()\[\]{}]*[^\s<>\"'()\[\]{}.,;:!?]",
    "email": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "placeholder": r"%(?:\d+\$|\(\w+\))?[-+#0]*\d*(?:\.\d+)?[sdiufgxXc@](?!\w)|\$?\{\{?[\w.:-]*\}?\}",
    "tag": r"</?[A-Za-z][^<>]*>|&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z]+);",
}
UNIT = re.compile(r"\w+(?:[-'’]\w+)*|[^\w\s]")


@dataclass(frozen=True)
class Span:
    """Text that was taken out of a line; what stood side by side is one.

    Attributes:
        text: as it was.
        place: where it was in what is left of the line.
        before, behind: the character that stood there; nothing for a space, or the edge of the line.
    """

    text: str
    place: int
    before: str = ""
    behind: str = ""

    @property
    def is_tag(self) -> bool:
        return re.search("</?[A-Za-z]", self.text) is not None


def pattern_of(names: Sequence[str]) -> re.Pattern:
    """What finds what any of these finds, regular expressions or names of PRESETS; at the same place the first one has it.

    Raises:
        SettingsError: one is no regular expression, or finds text of no length.
    """
    patterns = []
    for name in names:
        text = PRESETS.get(name, name)
        try:
            empty = re.compile(text).search("") is not None
        except (re.error, OverflowError, RecursionError) as error:
            presets = ", ".join(PRESETS)
            raise SettingsError(f"--protect takes {presets} or a regular expression; {name!r} is none: {error}") from None
        if empty:
            raise SettingsError(f"--protect {name!r} finds text of no length")
        patterns.append(f"(?:{text})")
    try:
        return re.compile("|".join(patterns))
    except re.error as error:
        raise SettingsError(f"--protect: these regular expressions cannot be searched for together: {error}") from None


def take_out(line: str, pattern: re.Pattern) -> tuple[str, list[Span]]:
    """What is left of a line, and what was taken out, in order. Of the spaces around a text one stays."""
    left, spans, end = "", [], 0
    for start, stop in side_by_side([match.span() for match in pattern.finditer(line) if match[0]]):
        left += line[end:start]
        before, behind = left[-1:].strip(), line[stop : stop + 1].strip()
        end = stop if before or behind else min(len(line), stop + 1)  # with the space behind it
        spans.append(Span(line[start:stop], len(left), before, behind))
    left += line[end:]
    text, indent = left.strip(), len(left) - len(left.lstrip())
    return text, [replace(span, place=min(max(0, span.place - indent), len(text))) for span in spans]


def changed(line: str, text: str, pattern: re.Pattern) -> list[str]:
    """What a line has and its translation has not just as often."""
    here, there = (Counter(match[0] for match in pattern.finditer(one)) for one in (line, text))
    return [found for found, times in here.items() if there[found] != times]


def side_by_side(matches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places (start, end) in a line, with those that follow each other at once made one."""
    joined: list[tuple[int, int]] = []
    for start, end in matches:
        if joined and joined[-1][1] == start:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined


def translate_protected(
    translator: Translator, lines: Sequence[str], numbers: Sequence[int], beside: Sequence[str] | None = None
) -> list[Translation]:
    """As `Translator.translate`, with what must stay taken out before, and put back."""
    pattern = translator.protected
    if not pattern:
        return translator.translate(lines, numbers, beside)
    held = [take_out(line, pattern) for line in lines]
    results = []
    for line, (_, spans), found in zip(lines, held, translator.translate([text for text, _ in held], numbers), strict=True):
        if not spans:
            results.append(replace(found, source=line))
            continue
        candidates = found.candidates or (Candidate("", (), Hypothesis((), (), 0.0, True)),)
        whole = tuple(replace(candidate, text=put_back(found, candidate, spans)) for candidate in candidates)
        results.append(replace(found, source=line, candidates=whole, changed=tuple(changed(line, whole[0].text, pattern))))
    return results


def put_back(translation: Translation, candidate: Candidate, spans: Sequence[Span]) -> str:
    """The text of a candidate with what was taken out of its line.

    A text goes before the word that its right neighbour has become, or behind the one that its left neighbour has become: to the
    word that it is joined to, else to the one that is attended to more clearly. Tags keep their order.
    """
    source, target = translation.source, candidate.text
    weights = None
    source_units, target_units = (list(UNIT.finditer(text)) for text in (source, target))
    if source_units and target_units:
        weights = between_units(translation, candidate, source_units, target_units)
    places = [place_for(span, source_units, target_units, weights) if weights is not None else len(target) for span in spans]
    tags = [number for number, span in enumerate(spans) if span.is_tag]
    for number, place in zip(tags, sorted(places[number] for number in tags), strict=True):
        places[number] = place
    order = sorted(range(len(spans)), key=lambda number: (places[number], number))
    text, end = "", 0
    for number in order:
        span = spans[number]
        text += target[end : places[number]]
        end = places[number]
        if joins(text.rstrip()[-1:], span.before):
            text = text.rstrip()
        elif text and not text[-1].isspace():
            text += " "
        text += span.text
        following = target[end:].lstrip()
        if joins(following[:1], span.behind):
            end = len(target) - len(following)
        elif following and not target[end].isspace():
            text += " "
    return text + target[end:]


def joins(now: str, then: str) -> bool:
    """Whether a text joins its neighbour here, as it did one in its line: not a word, where that was a mark."""
    return bool(then) and (then.isalnum() or not now.isalnum())


def place_for(span: Span, source_units: list[re.Match], target_units: list[re.Match], weights: np.ndarray) -> int:
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


def between_units(translation: Translation, candidate: Candidate, source_units, target_units) -> np.ndarray:
    """Attention between words and marks, float [target units, source units]: the mean over the pieces of a target unit."""
    attention = candidate.hypothesis.attention
    rows, columns = (
        covering(ends_in_text(pieces), units)
        for pieces, units in ((candidate.tokens, target_units), (translation.source_tokens, source_units))
    )
    means = rows / np.maximum(1, rows.sum(axis=1, keepdims=True))
    return means @ attention[: rows.shape[1], : columns.shape[1]] @ columns.T


def covering(ends: list[int], units: Sequence[re.Match]) -> np.ndarray:
    """Whether a piece has a part of a unit, float [units, pieces]; a piece stands where the one before it ends."""
    starts, ends_here = np.array([0, *ends[:-1]]), np.array(ends)
    return np.array([(starts < unit.end()) & (ends_here > unit.start()) for unit in units], float)
