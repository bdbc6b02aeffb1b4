"""A line in parts, each of which is translated by itself, and the translation of the line from theirs."""

import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import NamedTuple

from mtkit.search.hypothesis import Hypothesis, Ranking
from mtkit.text.lengths import Lengths
from mtkit.text.patterns import is_unspaced
from mtkit.text.sentence_splitter import SentenceSplitter, SplitText
from mtkit.text.sentences import sentences_between
from mtkit.translating.protect import HeldLine, HeldSpan, are_strangers
from mtkit.translating.signals import faults
from mtkit.translating.steps import SourceText, Translate
from mtkit.translating.translation import Candidate, Translation

# Part n of a line has the number of the line plus n times two to this.
PART_SHIFT = 40
# A translation lacks something if it is shorter than expected by more standard deviations, and more tokens:
# so are hardly any references, and most translations that have lost the second of two sentences.
MOST_MISSING, FREE_TOKENS = 3.5, 4


@dataclass(frozen=True)
class LineParts:
    """A line in parts, each of which is translated by itself.

    Attributes:
        texts: of the parts.
        spans: what was taken out of each, and goes back into its translation.
        seams: what stays as it is: before the first part, between them, and behind the last.
        cut_within: whether a sentence was too long, and was cut where none ends.
    """

    texts: list[str]
    spans: list[list[HeldSpan]]
    seams: list[str]
    cut_within: bool = False

    def of(self, line: SourceText, most_context: int) -> Iterator[SourceText]:
        """The parts as texts on their way to the search, each with a number of its own.

        Args:
            most_context: so many sentences before each are read too.
        """
        context = deque(line.context, maxlen=most_context)
        for part, (text, spans) in enumerate(zip(self.texts, self.spans, strict=True)):
            number = line.number + (part << PART_SHIFT)
            yield SourceText(text, number, line.beginning, tuple(context), spans=spans)
            context.append(text)


class DoneAgain(NamedTuple):
    """A line, by its number, that was translated again, in other parts."""

    number: int
    parts: LineParts
    translations: list[Translation]


@dataclass(frozen=True)
class Splitter:
    """The step that splits lines where sentences end, and joins the translations of the sentences.

    Attributes:
        sentences: finds where they end.
        ranking: what the score of a joined translation is made by.
        whole_tokens: a line of so many tokens, or fewer, stays whole; None all do.
        lengths: how long translations are, in tokens. A line whose translation is much shorter is done again,
            in more parts; None none is.
        most_context: sentences before each part that are read too.
    """

    sentences: SentenceSplitter
    ranking: Ranking
    whole_tokens: int | None = 0
    lengths: Lengths | None = None
    most_context: int = 0

    def translate(self, texts: Sequence[SourceText], translate: Translate) -> list[Translation]:
        """See `Step`."""
        lines = self.take_out(texts)
        translations = translated(self._sources(texts, lines), translate)
        for again in self._done_again(texts, lines, translations, translate):
            lines[again.number], translations[again.number] = again.parts, again.translations
        return [
            self.put_back(text.text, parts, of_parts)
            for text, parts, of_parts in zip(texts, lines, translations, strict=True)
        ]

    def take_out(self, lines: Sequence[SourceText], *, eagerly: bool = False) -> list[LineParts]:
        """The parts of each line.

        What stood between two parts, or at the edge of the line, stays there: white space where lines are
        split, and tags, unless their other half is within a part. Other text goes to the part behind it, at
        the end of the line to the one before.

        Args:
            eagerly: also where it is less sure that a sentence ends.
        """
        left = [line.held or HeldLine(line.text) for line in lines]
        if self.whole_tokens is None:
            return [whole_line(line.text, held) for line, held in zip(lines, left, strict=True)]
        texts = [held.text for held in left]
        split = [SplitText(sentences_between(text, ()), cut_within=False) for text in texts]
        far = [number for number, text in enumerate(texts) if eagerly or not self._is_in_reach(text)]
        sentences = self.sentences.split([texts[number] for number in far], eagerly=eagerly)
        for number, sentences_of_text in zip(far, sentences, strict=True):
            split[number] = sentences_of_text
        return [
            split_line(line.text, held, sentences_of_text)
            if line.text.strip()
            else whole_line(line.text, held)
            for line, held, sentences_of_text in zip(lines, left, split, strict=True)
        ]

    def put_back(self, line: str, parts: LineParts, translations: Sequence[Translation]) -> Translation:
        """The translation of a line from those of its parts."""
        is_short = any(map(self.lacks_text, translations))
        if len(translations) == 1:
            (translation,) = translations
            translation = replace(translation, is_short=is_short)
            if translation.source == line:  # nothing is around it
                return translation
            first, last = parts.seams
            candidates = tuple(
                replace(candidate, text=first + candidate.text + last) for candidate in translation.candidates
            )
            return replace(translation, source=line, candidates=candidates)
        best = [translation.best for translation in translations]
        candidate = Candidate(
            text=joined_texts(parts, [candidate.text for candidate in best]),
            tokens=chained(candidate.tokens for candidate in best),
            hypothesis=joined_hypotheses([candidate.hypothesis for candidate in best], self.ranking),
        )
        return Translation(
            source=line,
            candidates=(candidate,),
            source_tokens=chained(translation.source_tokens for translation in translations),
            terms=chained(translation.terms for translation in translations),
            cut_within=parts.cut_within,
            is_short=is_short,
        )

    def lacks_text(self, translation: Translation) -> bool:
        """Whether a translation is so short that it must have lost something; not if it was cut off."""
        if not self.lengths or not translation.best or not translation.best.hypothesis.complete:
            return False
        source, target = len(translation.source_tokens), len(translation.best.tokens)
        is_far = self.lengths.ratio * source - target > FREE_TOKENS
        return is_far and self.lengths.missing(source, target) > MOST_MISSING

    def _sources(self, texts: Sequence[SourceText], lines: Sequence[LineParts]) -> list[list[SourceText]]:
        """The parts of each line as texts on their way to the search."""
        return [list(parts.of(text, self.most_context)) for parts, text in zip(lines, texts, strict=True)]

    def _count_wrong(self, translations: Sequence[Translation]) -> int:
        """How many translations of parts lost text, or are wrong at first sight."""
        return sum(self.lacks_text(translation) or bool(faults(translation)) for translation in translations)

    def _is_in_reach(self, text: str) -> bool:
        """Whether a text is short enough to stay whole, however many sentences it has."""
        most = self.whole_tokens
        return bool(most) and self.sentences.count_tokens(text, most) <= most

    def _done_again(
        self,
        texts: Sequence[SourceText],
        lines: Sequence[LineParts],
        translations: Sequence[Sequence[Translation]],
        translate: Translate,
    ) -> list[DoneAgain]:
        """The lines that were translated again, with fewer parts that went wrong, because text was lost."""
        if self.whole_tokens is None:
            return []
        short = [number for number, parts in enumerate(translations) if any(map(self.lacks_text, parts))]
        in_more_parts = self.take_out([texts[number] for number in short], eagerly=True)
        again = [
            (number, parts)
            for number, parts in zip(short, in_more_parts, strict=True)
            if len(parts.texts) > len(lines[number].texts)
        ]
        if not again:
            return []
        numbers = [number for number, _ in again]
        before = self._sources([texts[number] for number in numbers], [lines[number] for number in numbers])
        known = {}
        for number, sources in zip(numbers, before, strict=True):
            known |= zip(map(as_read, sources), translations[number], strict=True)
        sources = self._sources([texts[number] for number in numbers], [parts for _, parts in again])
        new = translated(sources, translate, known)
        return [
            DoneAgain(number, parts, of_parts)
            for (number, parts), of_parts in zip(again, new, strict=True)
            if self._count_wrong(of_parts) < self._count_wrong(translations[number])
        ]


def translated(
    lines: Sequence[Sequence[SourceText]],
    translate: Translate,
    known: Mapping[tuple, Translation] | None = None,
) -> list[list[Translation]]:
    """The translations of the parts of each line.

    Args:
        known: those that are there already, by what was read (`as_read`).
    """
    known = known or {}
    unknown = [part for part in chained(lines) if as_read(part) not in known]
    translations = iter(translate(unknown))
    return [[known.get(as_read(part)) or next(translations) for part in parts] for parts in lines]


def as_read(part: SourceText) -> tuple:
    """What the translation of a part depends on: its line, its text, and what goes with it."""
    line = part.number % (1 << PART_SHIFT)
    return line, part.text, part.context, tuple(part.spans)


def whole_line(line: str, held: HeldLine) -> LineParts:
    """A line in one part; white space around what is left of it stays outside where text was taken out."""
    if not held.spans:
        return LineParts([line], [[]], ["", ""])
    sentences = sentences_between(held.text, ())
    texts = [sentence.text for sentence in sentences[:-1]]
    parts = seamed(line, held, texts, [sentence.before for sentence in sentences])
    parts.seams[0], parts.seams[-1] = parts.seams[0].lstrip(), parts.seams[-1].rstrip()
    return parts


def split_line(line: str, held: HeldLine, split: SplitText) -> LineParts:
    """A line in its sentences."""
    texts, gaps = split.texts, [sentence.before for sentence in split.sentences]
    if not held.spans:
        return LineParts(texts, [[] for _ in texts], gaps, split.cut_within)
    return replace(seamed(line, held, texts, gaps), cut_within=split.cut_within)


def seamed(line: str, held: HeldLine, texts: list[str], gaps: list[str]) -> LineParts:
    """The parts of a line that text was taken out of.

    Args:
        texts, gaps: in turn, gaps first and last, they are what is left of the line.
    """
    pieces = chained(zip(gaps, [*texts, ""], strict=True))
    edges = list(accumulate(map(len, pieces)))
    text_starts, text_stops = edges[0:-2:2], edges[1:-2:2]  # in what is left of the line
    # Where the gaps are in the line itself.
    gap_starts = [0, *(held.origin[stop - 1] + 1 for stop in text_stops)]
    gap_stops = [*(held.origin[start] for start in text_starts), len(line)]
    inside = [
        spans_between(held.spans, start, stop)
        for start, stop in zip(gap_stops[:-1], gap_starts[1:], strict=True)
    ]
    spans = [
        [replace(span, place=span.place - start) for span in spans_inside]
        for spans_inside, start in zip(inside, text_starts, strict=True)
    ]
    seams = []
    for gap, (start, stop) in enumerate(zip(gap_starts, gap_stops, strict=True)):
        before = inside[gap - 1] if gap else None
        behind = inside[gap] if gap < len(inside) else None
        in_gap = chained(span.apart() for span in spans_between(held.spans, start, stop))
        earlier, later = shared_out(list(in_gap), before, behind)
        if earlier:
            spans[gap - 1] += [replace(span, place=len(texts[gap - 1])) for span in earlier]
            start = earlier[-1].stop
        if later:
            spans[gap] = [*(replace(span, place=0) for span in later), *spans[gap]]
            stop = later[0].start
        seams.append(line[start:stop])
    return LineParts(texts, spans, seams)


def spans_between(spans: Sequence[HeldSpan], start: int, stop: int) -> list[HeldSpan]:
    """Those that begin in a stretch of the line."""
    return [span for span in spans if start <= span.start < stop]


def shared_out(
    in_gap: list[HeldSpan], before: list[HeldSpan] | None, behind: list[HeldSpan] | None
) -> tuple[list[HeldSpan], list[HeldSpan]]:
    """The spans in a gap that go back to the part before it, and those that go on to the part behind it.

    Args:
        before, behind: the spans inside these parts; None where there is no part.
    """
    goes_back = [
        before is not None and (closes(span, before) or (behind is None and not span.is_tag))
        for span in in_gap
    ]
    count = max((number for number, goes in enumerate(goes_back, 1) if goes), default=0)
    left = in_gap[count:]
    goes_on = [behind is not None and (opens(span, behind) or not span.is_tag) for span in left]
    return in_gap[:count], left[goes_on.index(True) :] if any(goes_on) else []


def opens(span: HeldSpan, others: Sequence[HeldSpan]) -> bool:
    """Whether one of the others closes what a span opens."""
    return any(span.halves(opening=True) & other.halves(opening=False) for other in others)


def closes(span: HeldSpan, others: Sequence[HeldSpan]) -> bool:
    """Whether a span closes what one of the others opens."""
    return any(opens(other, [span]) for other in others)


def joined_texts(parts: LineParts, texts: list[str]) -> str:
    """The translations of parts with what stood between these."""
    inner = [
        seam or " " * grown_apart(before, after)
        for seam, before, after in zip(parts.seams[1:-1], pairwise(parts.texts), pairwise(texts), strict=True)
    ]
    seams = [parts.seams[0], *inner, *parts.seams[1:][-1:]]
    return "".join(chained(zip(seams, [*texts, ""], strict=True)))


def joined_hypotheses(hypotheses: Sequence[Hypothesis], ranking: Ranking) -> Hypothesis:
    """One for the whole line: as if its tokens were those of one text, with the coverage of the parts."""
    log_probabilities = chained(part.token_log_probabilities for part in hypotheses)
    coverage = sum(
        part.score - ranking.score(part.log_probability, len(part.token_log_probabilities), None)
        for part in hypotheses
    )
    return Hypothesis(
        ids=chained(part.ids for part in hypotheses),
        token_log_probabilities=log_probabilities,
        score=ranking.score(sum(log_probabilities), len(log_probabilities), None) + coverage,
        complete=all(part.complete for part in hypotheses),
        entropies=chained(part.entropies for part in hypotheses),
    )


def chained(sequences: Iterable[Iterable]) -> tuple:
    """The items of some sequences, one after the other."""
    return tuple(itertools.chain.from_iterable(sequences))


def grown_apart(before: tuple[str, str], after: tuple[str, str]) -> bool:
    """Whether two texts of a script without spaces, side by side, became two that want a space between."""
    source_edge, target_edge = (first[-1:] + second[:1] for first, second in (before, after))
    return any(map(is_unspaced, source_edge)) and are_strangers(target_edge)
