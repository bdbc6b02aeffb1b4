"""The way of whole lines: what must stay is taken out, long ones are split, and translations of parts become those of lines."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from mtkit.decoding.paragraphs import Part, split
from mtkit.decoding.protect import Span, put_back
from mtkit.decoding.search import Hypothesis, Ranking
from mtkit.decoding.translation import Candidate, Translation
from mtkit.decoding.translator import Translator
from mtkit.settings import TranslateSettings
from mtkit.text.tokenizer import Tokenizer, most_tokens

# Part n of a line has the number of the line plus n times two to this.
PART_SHIFT = 40
NOTHING = Candidate("", (), Hypothesis((), (), 0.0, True))


def stay_whole(settings: TranslateSettings) -> bool:
    """Whether the settings ask for something that is about whole lines, so that none is split."""
    about_lines = (settings.explain, settings.alignments, settings.attention, settings.prefixes, settings.force_reference)
    return settings.n_best > 1 or any(about_lines)


def translate_lines(
    translator: Translator, lines: Sequence[str], first: int = 0, beside: Sequence[str] | None = None
) -> list[Translation]:
    """One translation a line, in order; lines longer than the settings allow in parts, with `paragraphs` every line by sentences.

    Args:
        first: number of the first line, from 0.
        beside: what stands beside each line (see `Translator.translate`).
    """
    protection, tokenizer = translator.protection, translator.tokenizers.source
    held = [protection.take_out(line) if protection else (line, []) for line in lines]
    parts = [parts_of(text, bool(spans), translator.settings, tokenizer) for text, spans in held]
    texts = [part.text for own in parts for part in own[:-1]]
    numbers = [first + line + (which << PART_SHIFT) for line, own in enumerate(parts) for which in range(len(own) - 1)]
    found = iter(translator.translate(texts, numbers, beside))
    results = []
    for line, (_, spans), own in zip(lines, held, parts, strict=True):
        translations = [next(found) for _ in own[:-1]]
        if spans:
            pairs = zip(translations, shared_out(spans, own), strict=True)
            translations = [with_spans(translation, its_own, tokenizer) for translation, its_own in pairs]
            own = without_stand_ins(own, spans)
        result = join(line, own, translations, translator.ranking)
        results.append(replace(result, changed=tuple(protection.changed(line, result.text))) if spans else result)
    return results


def parts_of(text: str, with_spans: bool, settings: TranslateSettings, tokenizer: Tokenizer) -> list[Part]:
    """What of a line is translated each by itself, and behind it a part without text; all joined are the line.

    Args:
        with_spans: whether text was taken out, which needs a part to go back to.
    """
    most = settings.max_source_tokens

    def tokens(text: str) -> int:
        return len(tokenizer.encode([text])[0])

    too_long = most and most_tokens(text) > most and tokens(text) > most
    if stay_whole(settings) or not (settings.paragraphs or too_long):
        return [Part("", text), Part("", "")]
    parts = split(text, tokens, most)
    return [Part(text, ""), Part("", "")] if with_spans and len(parts) == 1 else parts


def shared_out(spans: Sequence[Span], parts: Sequence[Part]) -> list[list[Span]]:
    """The spans of each part but the last, at their places in it: what stands between two of them is the second's."""
    shared: list[list[Span]] = []
    start, following = 0, list(spans)
    for number, part in enumerate(parts[:-1]):
        start += len(part.before)
        end, last = start + len(part.text), number == len(parts) - 2
        own = [span for span in following if last or span.place <= end]
        following = following[len(own) :]
        shared.append([replace(span, place=min(max(0, span.place - start), len(part.text))) for span in own])
        start = end
    return shared


def without_stand_ins(parts: Sequence[Part], spans: Sequence[Span]) -> list[Part]:
    """Parts without the spaces between them that stood for a text that held words apart."""
    places = {span.place for span in spans if span.held_apart}
    ends = accumulate((len(before) + len(text) for before, text in parts), initial=0)
    return [Part(before[1:] if end in places else before, text) for end, (before, text) in zip(ends, parts, strict=False)]


def with_spans(translation: Translation, spans: Sequence[Span], tokenizer: Tokenizer) -> Translation:
    """A translation of what was left of a line, with what was taken out."""
    if not spans:
        return translation
    source, pieces = translation.source, tokenizer.surfaces(translation.source)
    candidates = translation.candidates or (NOTHING,)
    whole = tuple(replace(candidate, text=put_back(candidate, spans, source, pieces)) for candidate in candidates)
    return replace(translation, candidates=whole)


def join(line: str, parts: Sequence[Part], translations: Sequence[Translation], ranking: Ranking) -> Translation:
    """The translation of a line from those of its parts (one each, but for the last, which has no text)."""
    if len(parts) == 2 and not parts[0].before and not parts[1].before:
        return replace(translations[0], source=line)
    bests = [translation.best for translation in translations]
    text = "".join(part.before + best.text for part, best in zip(parts, bests, strict=False)) + parts[-1].before
    each = tuple(value for best in bests for value in best.hypothesis.token_log_probabilities)
    own = [best.hypothesis for best in bests]
    entropies = tuple(value for one in own for value in one.entropies)
    coverage = sum(one.score - ranking.score(one.log_probability, len(one.token_log_probabilities), None) for one in own)
    score = ranking.score(sum(each), len(each), None) + coverage
    ids, complete = tuple(token for one in own for token in one.ids), all(one.complete for one in own)
    hypothesis = Hypothesis(ids, each, score, complete, None, entropies)
    candidate = Candidate(text, tuple(token for best in bests for token in best.tokens), hypothesis)
    terms = tuple(use for translation in translations for use in translation.terms)
    pieces = tuple(piece for translation in translations for piece in translation.source_tokens)
    return Translation(line, (candidate,), pieces, terms)
