"""How far a model reaches: what it keeps of its quality where lines are joined to longer ones."""

import copy
import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mtkit.formats.wrapping import joined
from mtkit.reporter import Reporter
from mtkit.scoring.counts import usual_metric
from mtkit.scoring.metrics import bleu, chrf
from mtkit.settings.search import Search
from mtkit.translating.demands import Demands
from mtkit.translating.translator import Translator

# So many neighbours are joined to one line.
JOINED_LINES = (1, 2, 4, 8, 16)
# Lines that are measured with, the first of a text.
MEASURED_LINES = 320
# Lines of several sentences that tell anything.
LEAST_LINES = 30
# Joined lines that tell anything.
LEAST_JOINED = 10
# Lines are within reach if, translated whole, they keep so much of what they have sentence by sentence.
KEPT = 0.99
# A score, BLEU or chrF, that is less tells nothing.
LEAST_SCORE = 5.0
# What keeps less is lost; longer lines are not tried whole.
LOST = 0.5


@dataclass(frozen=True)
class ReachPoint:
    """The quality of lines of about one length.

    Attributes:
        joined_lines: lines of the text in each; 1 are those of several sentences.
        source_tokens: the median.
        whole: their score, translated whole; None where that was not tried.
        split: their score, sentence by sentence.
    """

    joined_lines: int
    source_tokens: int
    whole: float | None
    split: float

    @property
    def is_in_reach(self) -> bool:
        """Whether such lines are as well translated whole."""
        return self.whole is not None and self.whole >= max(LEAST_SCORE, KEPT * self.split)


@dataclass(frozen=True)
class ReachCurve:
    """Quality by length.

    Attributes:
        metric: that the scores are of, "bleu", or "chrf" for scripts without spaces.
        points: the shorter lines first.
    """

    metric: str
    points: tuple[ReachPoint, ...]

    @property
    def whole_tokens(self) -> int:
        """Source tokens up to which lines of several sentences are as well translated whole; 0 none are."""
        reached = 0
        for point in self.points:
            if not point.is_in_reach:
                break
            reached = max(reached, point.source_tokens)
        return reached


def measure_reach(
    translator: Translator,
    sources: Sequence[str],
    references: Sequence[str],
    reporter: Reporter | None = None,
    seconds: float = math.inf,
) -> ReachCurve:
    """The quality of lines by their length, by greedy search.

    Args:
        sources, references: a text and its translation, in order.
        reporter: told how far it is.
        seconds: no further length is measured that may last longer, by the one before.
    """
    began = time.monotonic()
    reporter = reporter or Reporter()
    sources, references = sources[:MEASURED_LINES], references[:MEASURED_LINES]
    metric = usual_metric(references)
    translator = copy.copy(translator)
    translator.reach = replace(translator.reach, whole_tokens=0)
    measure = LengthMeasure(translator, metric)
    points: list[ReachPoint] = []
    for number, count in enumerate(JOINED_LINES):
        reporter.count("measuring how long lines may be", number, len(JOINED_LINES), "lengths")
        if count == 1:
            texts, wanted = lines_of_several_sentences(translator, sources, references)
            if len(texts) < LEAST_LINES:
                continue
        elif len(sources) < LEAST_JOINED * count:
            break
        else:
            texts, wanted = joined_by(sources, count), joined_by(references, count)
        over = time.monotonic() - began
        # Each length takes about as long as the one before.
        if points and over + over / len(points) > seconds:
            break
        is_lost = bool(points) and (points[-1].whole or 0.0) < LOST * points[-1].split
        points.append(measure.point(count, texts, wanted, whole=not is_lost))
    reporter.count("measuring how long lines may be", len(JOINED_LINES), len(JOINED_LINES), "lengths")
    return ReachCurve(metric, tuple(points))


class LengthMeasure:
    """Translates and scores lines, whole and sentence by sentence.

    Args:
        translator: whose reach is none, so that it splits lines of any length.
    """

    def __init__(self, translator: Translator, metric: str):
        self._translator = translator
        self._score = {"bleu": bleu, "chrf": chrf}[metric]
        greedy = Search(beam=1)
        self._whole = translator.plan(greedy, demands=Demands(whole_lines=True))
        self._split = translator.plan(greedy)

    def point(self, count: int, sources: list[str], references: list[str], *, whole: bool) -> ReachPoint:
        """The quality of some lines.

        Args:
            count: lines of the text in each.
            whole: whether they are translated whole too.
        """
        split = [translation.text for translation in self._split.translate(sources)]
        score_whole = None
        if whole:
            translations = self._whole.translate(sources)
            score_whole = self._score([translation.text for translation in translations], references)
        tokens = self._translator.tokenizers.source.encode(sources)
        return ReachPoint(
            joined_lines=count,
            source_tokens=int(statistics.median(map(len, tokens))),
            whole=score_whole,
            split=self._score(split, references),
        )


def lines_of_several_sentences(
    translator: Translator, sources: Sequence[str], references: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Those lines of a text that are split into several sentences, and their references."""
    splitter = translator.plan(Search(beam=1)).splitter
    split = splitter.sentences.split(sources)
    several = [number for number, of_line in enumerate(split) if len(of_line.texts) > 1]
    return [sources[number] for number in several], [references[number] for number in several]


def joined_by(lines: Sequence[str], count: int) -> list[str]:
    """Lines, so many neighbours on each; those left over at the end are left out."""
    return [joined(lines[start : start + count]) for start in range(0, len(lines) - count + 1, count)]
