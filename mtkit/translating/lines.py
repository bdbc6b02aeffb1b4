"""The way of whole lines: what must stay is taken out, long ones are split, and translations of parts become
those of lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from mtkit.search.hypothesis import Hypothesis, Ranking
from mtkit.settings import TranslateSettings
from mtkit.text.sentences import Sentence, split_sentences
from mtkit.text.tokenizer import Tokenizer, most_tokens
from mtkit.translating.protect import STRANGERS, Held, Span, is_unspaced, put_back
from mtkit.translating.translation import Candidate, Translation
from mtkit.translating.translator import Translator

# Part n of a line has the number of the line plus n times two to this.
PART_SHIFT = 40


def stay_whole(settings: TranslateSettings) -> bool:
    """Whether the settings ask for something that is about whole lines, so that none is split."""
    about_lines = (
        settings.explain,
        settings.alignments,
        settings.attention,
        settings.prefixes,
        settings.force_reference,
    )
    return settings.n_best > 1 or any(about_lines)


def translate_lines(
    translator: Translator, lines: Sequence[str], first: int = 0, beside: Sequence[str] | None = None
) -> list[Translation]:
    """One translation a line, in order; each sentence is translated by itself, unless the settings ask for
    whole lines.

    Args:
        first: number of the first line, from 0.
        beside: what stands beside each line (see `Translator.translate`).
    """
    protection, tokenizer = translator.protection, translator.tokenizers.source
    held = [protection.take_out(line) if protection else Held(line) for line in lines]
    cuts = [cut(line, one, translator.settings, tokenizer) for line, one in zip(lines, held, strict=True)]
    texts = [text for one in cuts for text in one.texts]
    numbers = [
        first + line + (which << PART_SHIFT)
        for line, one in enumerate(cuts)
        for which in range(len(one.texts))
    ]
    found = iter(translator.translate(texts, numbers, beside))
    results = []
    for line, held_back, one in zip(lines, held, cuts, strict=True):
        translations = [with_spans(next(found), spans, tokenizer) for spans in one.spans]
        result = join(line, one, translations, translator.ranking)
        results.append(
            replace(result, changed=tuple(protection.changed(line, result.text)))
            if held_back.spans
            else result
        )
    return results


@dataclass(frozen=True)
class Cut:
    """A line in parts, each of which is translated by itself.

    Attributes:
        texts: of the parts.
        spans: what was taken out of each, and goes back into its translation.
        seams: what stays as it is: before the first part, between them, and behind the last.
    """

    texts: list[str]
    spans: list[list[Span]]
    seams: list[str]


def cut(line: str, held: Held, settings: TranslateSettings, tokenizer: Tokenizer) -> Cut:
    """A line in parts: by sentences; or one, where the settings ask for whole lines and it is not too long.

    What stood between two parts, or at the edge of the line, stays there: white space where lines are split,
    and tags, unless their other half is within a part. Other text goes to the part behind it, at the end of
    the line to the one before.
    """
    if not line.strip():
        return Cut([line], [[]], ["", ""])
    most = settings.max_source_tokens

    def tokens(text: str) -> int:
        return len(tokenizer.encode([text])[0])

    too_long = most and most_tokens(held.text) > most and tokens(held.text) > most
    whole = stay_whole(settings) or (settings.whole_lines and not too_long)
    if whole and not held.spans:
        return Cut([line], [[]], ["", ""])
    stripped = held.text.strip()
    first = held.text.index(stripped)
    edges = [Sentence(held.text[:first], stripped), Sentence(held.text[first + len(stripped) :], "")]
    parts = edges if whole and stripped else split_sentences(held.text, tokens, most)
    texts, seams = [part.text for part in parts[:-1]], [part.before for part in parts]
    if not held.spans:
        return Cut(texts, [[] for _ in texts], seams)
    return seamed(line, held, texts, seams, whole)


def seamed(line: str, held: Held, texts: list[str], gaps: list[str], whole: bool) -> Cut:
    """A cut of a line that text was taken out of.

    Args:
        texts, gaps: in turn, gaps first and last, they are what is left of the line.
        whole: whether white space at the edges of the line goes.
    """
    edges = list(accumulate(len(one) for pair in zip(gaps, [*texts, ""], strict=True) for one in pair))
    starts, stops = edges[0:-2:2], edges[1:-2:2]  # of the texts in what is left
    # Where the gaps are in the line itself.
    begins = [0, *(held.origin[stop - 1] + 1 for stop in stops)]
    ends = [*(held.origin[start] for start in starts), len(line)]
    inside = [
        [span for span in held.spans if end <= span.start < begin]
        for end, begin in zip(ends[:-1], begins[1:], strict=True)
    ]
    spans = [
        [replace(span, place=span.place - start) for span in own]
        for own, start in zip(inside, starts, strict=True)
    ]
    seams = []
    for gap, (begin, end, before, behind) in enumerate(
        zip(begins, ends, [None, *inside], [*inside, None], strict=True)
    ):
        here = [one for span in held.spans if begin <= span.start < end for one in span.apart()]
        earlier, later = shared_out(here, before, behind)
        if earlier:
            spans[gap - 1] += [replace(span, place=len(texts[gap - 1])) for span in earlier]
        if later:
            spans[gap] = [*(replace(span, place=0) for span in later), *spans[gap]]
        seams.append(line[earlier[-1].stop if earlier else begin : later[0].start if later else end])
    if whole:
        seams[0], seams[-1] = seams[0].lstrip(), seams[-1].rstrip()
    return Cut(texts, spans, seams)


def shared_out(
    here: list[Span], before: list[Span] | None, behind: list[Span] | None
) -> tuple[list[Span], list[Span]]:
    """Of the spans in a gap those that go back to the part before it, and those that go on to the part behind
    it.

    Args:
        before, behind: the spans inside these parts; None where there is no part.
    """
    back = [
        before is not None and (closes(span, before) or (behind is None and not span.is_tag)) for span in here
    ]
    count = max((number for number, goes in enumerate(back, 1) if goes), default=0)
    rest = here[count:]
    on = [behind is not None and (opens(span, behind) or not span.is_tag) for span in rest]
    return here[:count], rest[on.index(True) :] if any(on) else []


def opens(span: Span, others: Sequence[Span]) -> bool:
    """Whether one of the others closes what a span opens."""
    return any(span.halves(opening=True) & other.halves(opening=False) for other in others)


def closes(span: Span, others: Sequence[Span]) -> bool:
    """Whether a span closes what one of the others opens."""
    return any(opens(other, [span]) for other in others)


def with_spans(translation: Translation, spans: Sequence[Span], tokenizer: Tokenizer) -> Translation:
    """A translation of what was left of a text, with what was taken out."""
    if not spans:
        return translation
    source, pieces = translation.source, tokenizer.surfaces(translation.source)
    whole = tuple(replace(one, text=put_back(one, spans, source, pieces)) for one in translation.candidates)
    return replace(translation, candidates=whole)


def join(line: str, parts: Cut, translations: Sequence[Translation], ranking: Ranking) -> Translation:
    """The translation of a line from those of its parts."""
    if len(translations) == 1:
        first, last = parts.seams
        candidates = tuple(replace(one, text=first + one.text + last) for one in translations[0].candidates)
        return replace(translations[0], source=line, candidates=candidates)
    bests = [translation.best for translation in translations]
    texts = [best.text for best in bests]
    inner = zip(parts.seams[1:-1], pairwise(parts.texts), pairwise(texts), strict=True)
    inner = [seam or " " * grown_apart(before, after) for seam, before, after in inner]
    seams = [parts.seams[0], *inner, *parts.seams[1:][-1:]]
    text = "".join(seam + own for seam, own in zip(seams, [*texts, ""], strict=True))
    each = tuple(value for best in bests for value in best.hypothesis.token_log_probabilities)
    own = [best.hypothesis for best in bests]
    entropies = tuple(value for one in own for value in one.entropies)
    coverage = sum(
        one.score - ranking.score(one.log_probability, len(one.token_log_probabilities), None) for one in own
    )
    score = ranking.score(sum(each), len(each), None) + coverage
    ids, complete = tuple(token for one in own for token in one.ids), all(one.complete for one in own)
    hypothesis = Hypothesis(ids, each, score, complete, None, entropies)
    candidate = Candidate(text, tuple(token for best in bests for token in best.tokens), hypothesis)
    terms = tuple(use for translation in translations for use in translation.terms)
    pieces = tuple(piece for translation in translations for piece in translation.source_tokens)
    return Translation(line, (candidate,), pieces, terms)


def grown_apart(before: tuple[str, str], after: tuple[str, str]) -> bool:
    """Whether two texts side by side, of a script without spaces, became two that want a space between
    them.
    """
    here, there = (first[-1:] + second[:1] for first, second in (before, after))
    return any(map(is_unspaced, here)) and STRANGERS.fullmatch(there) is not None
