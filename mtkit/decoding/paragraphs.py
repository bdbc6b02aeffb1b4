"""Long lines: split where sentences end, translated in parts, and joined again with the white space that was there."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from mtkit.decoding.protect import translate_protected
from mtkit.decoding.search import Hypothesis, Ranking
from mtkit.decoding.translation import Candidate, Translation
from mtkit.decoding.translator import Translator
from mtkit.settings import TranslateSettings

ENDS = ".!?…"
# Of scripts that put no space between sentences.
WIDE_ENDS = "。！？"
CLAUSE_ENDS = ",;:–—，；、"
OPENING, CLOSING = "\"'«“‘([¿¡", "\"'»”’)]"
# What a full stop behind does not end.
ABBREVIATIONS = frozenset(
    (
        "Dr", "Mr", "Mrs", "Ms", "Prof", "St", "Nr", "No", "vs", "z.B", "d.h", "bzw", "ca", "e.g", "i.e", "etc", "Abb", "Fig",
        "Vol", "Mme", "Mlle", "Sr", "Sra",
    )
)

# Characters around a mark that are looked at.
NEAR = 40
# Part n of a line has the number of the line plus n times two to this.
PART_SHIFT = 40


class Part(NamedTuple):
    """Some text of a line, and the white space before it."""

    before: str
    text: str


def split(line: str, tokens: Callable[[str], int] | None = None, most: int = 0) -> list[Part]:
    """The sentences of a line; what is after the last is a part without text. All parts joined are the line.

    Args:
        tokens: how many tokens a text has.
        most: a longer sentence is split too: near its middle, at the end of a clause if there is one, else at a space, until no
            part is longer.
    """
    cuts = [0, *sentence_ends(line), len(line)]
    if tokens and most:
        cuts = [0, *(cut for start, end in pairwise(cuts) for cut in short(line, start, end, tokens, most))]
    parts, before = [], ""
    for start, end in pairwise(cuts):
        text = line[start:end]
        body = text.strip()
        first = text.index(body) if body else len(text)
        if body:
            parts.append(Part(before + text[:first], body))
            before = text[first + len(body) :]
        else:
            before += text
    return [*parts, Part(before, "")]


def short(line: str, start: int, end: int, tokens: Callable[[str], int], most: int) -> Iterator[int]:
    """Where to cut line[start:end] so that no part has more than `most` tokens; its end is the last."""
    if end - start < 2 or tokens(line[start:end]) <= most:
        yield end
        return
    quarter = (end - start) // 4
    middle = (start + end) // 2
    places = range(start + quarter, end - quarter)
    clauses = [place + 1 for place in places if line[place] in CLAUSE_ENDS and line[place + 1 : place + 2].isspace()]
    spaces = [place for place in places if line[place].isspace()]
    inside = [place for place in clauses or spaces if start < place < end]
    cut = min(inside or [middle], key=lambda place: abs(place - middle))
    yield from short(line, start, cut, tokens, most)
    yield from short(line, cut, end, tokens, most)


def sentence_ends(line: str) -> Iterator[int]:
    """Where sentences end but the last: behind the mark and the quotes and brackets that close with it."""
    place = 0
    while place < len(line):
        mark, place = line[place], place + 1
        if mark not in ENDS and mark not in WIDE_ENDS:
            continue
        while place < len(line) and line[place] in ENDS + WIDE_ENDS + CLOSING:
            place += 1
        following = line[place : place + NEAR].lstrip().lstrip(OPENING)[:1]
        behind = line[max(0, place - NEAR) : place]
        new = following and line[place].isspace() and not following.islower() and not abbreviated(behind)
        if new or (following and mark in WIDE_ENDS):
            yield place


def abbreviated(text: str) -> bool:
    """Whether the full stop that a text ends with belongs to its last word: an abbreviation, an initial, a number."""
    if not text.endswith("."):
        return False
    word = (text[:-1].split() or [""])[-1].lstrip(OPENING)
    return word in ABBREVIATIONS or word.isdigit() or (len(word) == 1 and word.isupper())


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
    settings, encode = translator.settings, translator.tokenizers.source.encode
    if stay_whole(settings) or not (settings.paragraphs or settings.max_source_tokens):
        return translate_protected(translator, lines, range(first, first + len(lines)), beside)
    most = settings.max_source_tokens
    long = [bool(most) and len(ids) > most for ids in encode(lines)]
    parts = [
        split(line, lambda text: len(encode([text])[0]), most) if settings.paragraphs or too_long else None
        for line, too_long in zip(lines, long, strict=True)
    ]
    texts = [[part.text for part in own[:-1]] if own else [line] for line, own in zip(lines, parts, strict=True)]
    numbers = [first + line + (which << PART_SHIFT) for line, own in enumerate(texts) for which in range(len(own))]
    found = iter(translate_protected(translator, [text for own in texts for text in own], numbers))
    results = []
    for line, own, own_texts in zip(lines, parts, texts, strict=True):
        translations = [next(found) for _ in own_texts]
        results.append(join(line, own, translations, translator.ranking) if own else translations[0])
    return results


def join(line: str, parts: Sequence[Part], translations: Sequence[Translation], ranking: Ranking) -> Translation:
    """The translation of a line from those of its parts (one each, but for the last, which has no text)."""
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
    changed = tuple(text for translation in translations for text in translation.changed)
    pieces = tuple(piece for translation in translations for piece in translation.source_tokens)
    return Translation(line, (candidate,), pieces, terms, changed)
