"""A line in parts, each of which is translated by itself, and the translation of the line from theirs."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from mtkit.search.hypothesis import Hypothesis, Ranking
from mtkit.text.sentences import Sentence, split_sentences
from mtkit.text.tokenizer import Tokenizer, most_tokens
from mtkit.translating.protect import HeldLine, HeldSpan, are_strangers, is_unspaced
from mtkit.translating.steps import SourceText, Translate
from mtkit.translating.translation import Candidate, Translation

# Part n of a line has the number of the line plus n times two to this.
PART_SHIFT = 40


@dataclass(frozen=True)
class LineParts:
    """A line in parts, each of which is translated by itself.

    Attributes:
        texts: of the parts.
        spans: what was taken out of each, and goes back into its translation.
        seams: what stays as it is: before the first part, between them, and behind the last.
    """

    texts: list[str]
    spans: list[list[HeldSpan]]
    seams: list[str]

    def of(self, line: SourceText) -> Iterator[SourceText]:
        """The parts as texts on their way to the search, each with a number of its own."""
        for part, (text, spans) in enumerate(zip(self.texts, self.spans, strict=True)):
            yield SourceText(text, line.number + (part << PART_SHIFT), line.beginning, spans=spans)


@dataclass(frozen=True)
class Splitter:
    """The step that splits lines where sentences end, and joins the translations of the sentences.

    Attributes:
        tokenizer: of the source.
        ranking: what the score of a joined translation is made by.
        whole_lines: lines stay whole, unless one is too long.
        keeps_lines_whole: lines stay whole, however long.
        most_tokens: a longer sentence, or whole line, is split too; 0 none is.
    """

    tokenizer: Tokenizer
    ranking: Ranking
    whole_lines: bool = False
    keeps_lines_whole: bool = False
    most_tokens: int = 0

    def translate(self, texts: Sequence[SourceText], translate: Translate) -> list[Translation]:
        """See `Step`."""
        lines = [self.take_out(text.text, text.held or HeldLine(text.text)) for text in texts]
        parts = chained(line.of(text) for line, text in zip(lines, texts, strict=True))
        translations = iter(translate(parts))
        return [
            self.put_back(text.text, line, list(itertools.islice(translations, len(line.texts))))
            for line, text in zip(lines, texts, strict=True)
        ]

    def take_out(self, line: str, held: HeldLine) -> LineParts:
        """The parts of a line.

        What stood between two parts, or at the edge of the line, stays there: white space where lines are
        split, and tags, unless their other half is within a part. Other text goes to the part behind it, at
        the end of the line to the one before.

        Args:
            held: what is left of the line without the text that must stay as it is.
        """
        stays_whole = self._stays_whole(line, held)
        if stays_whole and not held.spans:
            return LineParts([line], [[]], ["", ""])
        stripped = held.text.strip()
        if stays_whole and stripped:
            first = held.text.index(stripped)
            behind = held.text[first + len(stripped) :]
            sentences = [Sentence(held.text[:first], stripped), Sentence(behind, "")]
        else:
            sentences = split_sentences(held.text, self._count_tokens, self.most_tokens)
        texts = [sentence.text for sentence in sentences[:-1]]
        gaps = [sentence.before for sentence in sentences]
        if not held.spans:
            return LineParts(texts, [[] for _ in texts], gaps)
        parts = seamed(line, held, texts, gaps)
        if stays_whole:
            parts.seams[0], parts.seams[-1] = parts.seams[0].lstrip(), parts.seams[-1].rstrip()
        return parts

    def put_back(self, line: str, parts: LineParts, translations: Sequence[Translation]) -> Translation:
        """The translation of a line from those of its parts."""
        if len(translations) == 1:
            (translation,) = translations
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
        )

    def _stays_whole(self, line: str, held: HeldLine) -> bool:
        if self.keeps_lines_whole or not line.strip():
            return True
        return self.whole_lines and not self._is_too_long(held.text)

    def _is_too_long(self, text: str) -> bool:
        return bool(self.most_tokens) and self._count_tokens(text) > self.most_tokens

    def _count_tokens(self, text: str) -> int:
        """How many tokens a text has; of one that cannot have too many, no fewer than it has."""
        bound = most_tokens(text)
        # Counting takes long, and most texts cannot have so many.
        return bound if bound <= self.most_tokens else len(self.tokenizer.encode([text])[0])


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
