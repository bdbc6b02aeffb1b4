"""One way to translate: lines in, translations out, by one search of one engine.

Each line goes through the same steps. What must stay is taken out, the line is split into sentences; these
are sorted by length and searched in batches; hypotheses become text, unknown words are replaced, terms that
are missing are demanded; what was taken out is put back, and the sentences become a line again.
"""

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from mtkit.data.tokenizers import Tokenizers
from mtkit.errors import SettingsError
from mtkit.search.hypothesis import Hypothesis, Ranking
from mtkit.settings import Search
from mtkit.text.special import UNKNOWN_ID
from mtkit.translating.demands import Demands
from mtkit.translating.glossary import Term, TermUse, missing, uses_of
from mtkit.translating.placement import with_spans
from mtkit.translating.plain_search import PlainSearch
from mtkit.translating.protect import HeldLine
from mtkit.translating.splitting import Splitter
from mtkit.translating.step_search import StepSearch
from mtkit.translating.translation import Candidate, Translation

# What a sentence counts as at least, for each hypothesis of its beam: the output layer has as much to do for
# a short one.
LEAST_TOKENS = 6


@dataclass(frozen=True)
class Part:
    """A text that is searched for as a whole.

    Attributes:
        text: as it is, without what was taken out.
        ids: its tokens.
        number: what is drawn at random depends on it.
        beginning: the tokens that its translation begins with, or, where it is judged, all of them.
    """

    text: str
    ids: list[int]
    number: int
    beginning: list[int]


@dataclass(frozen=True)
class Plan:
    """How lines are translated. Made by `Translator.plan`, which sees to it that all of it goes together.

    Several threads may use it at the same time.

    Attributes:
        tokenizers: of the source and the target language.
        searcher: finds hypotheses.
        search: what it searches by.
        ranking: what hypotheses are compared by.
        keep: what to keep of a search; see `compatibility.KEEP`.
        demands: what is asked beside the search.
        splitter: of lines.
        batch_tokens: tokens that are searched at once; changes no translation.
    """

    tokenizers: Tokenizers
    searcher: StepSearch | PlainSearch
    search: Search
    ranking: Ranking
    keep: frozenset[str]
    demands: Demands
    splitter: Splitter
    batch_tokens: int

    @property
    def engine(self) -> str:
        """The name of the engine that searches."""
        return self.searcher.engine.name

    def translate(
        self,
        lines: Sequence[str],
        numbers: Sequence[int] | None = None,
        prefixes: Sequence[str] | None = None,
    ) -> list[Translation]:
        """One translation a line, in order.

        Args:
            numbers: of the lines, from 0; what is drawn at random depends on them.
            prefixes: what the translation of each line must begin with.

        Raises:
            SettingsError: prefixes, for which this plan was not made.
        """
        if prefixes is not None and not self.splitter.never:
            raise SettingsError("lines with prefixes stay whole: plan with given=('--prefixes',)")
        numbers = range(len(lines)) if numbers is None else numbers
        protection = self.demands.protection
        held_lines = [protection.take_out(line) if protection else HeldLine(line) for line in lines]
        split_lines = [
            self.splitter.take_out(line, held) for line, held in zip(lines, held_lines, strict=True)
        ]
        texts: list[str] = []
        part_numbers: list[int] = []
        for parts, number in zip(split_lines, numbers, strict=True):
            texts += parts.texts
            part_numbers += parts.numbers(number)
        beginnings = prefixes and [prefix.rstrip() for prefix in prefixes]
        translations = iter(self.translate_texts(texts, part_numbers, beginnings))
        results = []
        for line, held, parts in zip(lines, held_lines, split_lines, strict=True):
            of_parts = [
                with_spans(next(translations), spans, self.tokenizers.source) for spans in parts.spans
            ]
            result = self.splitter.put_back(line, parts, of_parts, self.ranking)
            if held.spans:
                result = replace(result, changed=tuple(protection.changed(line, result.text)))
            results.append(result)
        return results

    def translate_texts(
        self, texts: Sequence[str], numbers: Sequence[int], prefixes: Sequence[str] | None = None
    ) -> list[Translation]:
        """One translation of each text as a whole, in order; see `translate`."""
        parts = self._parts(texts, numbers, prefixes)
        return self._in_batches(texts, parts, self._translate_batch)

    def judge(self, sources: Sequence[str], targets: Sequence[str]) -> list[Translation]:
        """Given translations as if they were found: their log-probabilities, and what else is kept.

        A blank source has no translation, whatever its target is.
        """
        parts = self._parts(sources, range(len(sources)), targets)
        return self._in_batches(sources, parts, self._judge_batch)

    def _parts(
        self, texts: Sequence[str], numbers: Sequence[int], beginnings: Sequence[str] | None
    ) -> list[Part | None]:
        """What is searched for: a part for each text, none for a blank one."""
        places = [place for place, text in enumerate(texts) if text.strip()]
        ids = self.tokenizers.source.encode([texts[place] for place in places])
        begin_ids: list[list[int]] = [[] for _ in places]
        if beginnings is not None:
            begin_ids = self.tokenizers.target.encode([beginnings[place] for place in places])
        parts: list[Part | None] = [None] * len(texts)
        for place, source_ids, first_ids in zip(places, ids, begin_ids, strict=True):
            parts[place] = Part(texts[place], source_ids, numbers[place], first_ids)
        return parts

    def _in_batches(self, texts: Sequence[str], parts: Sequence[Part | None], translate_batch):
        """Batches of parts of similar length, several at the same time; a translation a text, in order.

        Args:
            translate_batch: list of parts -> list of translations.
        """
        results = [Translation(text) for text in texts]
        places = [place for place, part in enumerate(parts) if part]
        if not places:
            return results
        places.sort(key=lambda place: len(parts[place].ids))
        rows = self.search.n_best if self.search.sample else self.search.beam
        lengths = [max(len(parts[place].ids), LEAST_TOKENS * rows) for place in places]
        # Those that take longest come first, that no thread ends long after the others.
        batches = in_batches(places, lengths, self.batch_tokens)[::-1]
        with ThreadPoolExecutor(self.searcher.parallel) as pool:
            batches_of_parts = [[parts[place] for place in batch] for batch in batches]
            for batch, translations in zip(batches, pool.map(translate_batch, batches_of_parts), strict=True):
                for place, translation in zip(batch, translations, strict=True):
                    results[place] = translation
        return results

    def _translate_batch(self, parts: list[Part]) -> list[Translation]:
        ids = [part.ids for part in parts]
        beginnings = [part.beginning for part in parts] if any(part.beginning for part in parts) else ()
        hypotheses = self.searcher.hypotheses(ids, [part.number for part in parts], beginnings)
        candidates = self._candidates(parts, hypotheses)
        uses: list[list[TermUse]] = [[] for _ in parts]
        if self.demands.glossary:
            candidates, uses = self._with_terms(parts, candidates)
        return self._translations(parts, candidates, uses)

    def _judge_batch(self, parts: list[Part]) -> list[Translation]:
        hypotheses = self.searcher.judged([part.ids for part in parts], [part.beginning for part in parts])
        candidates = self._candidates(parts, [[hypothesis] for hypothesis in hypotheses])
        return self._translations(parts, candidates, [[] for _ in parts])

    def _translations(
        self, parts: list[Part], candidates: list[list[Candidate]], uses: list[list[TermUse]]
    ) -> list[Translation]:
        """Those of parts, with what else is kept of their search."""
        if "entropies" in self.keep:
            candidates = self._with_entropies(parts, candidates)
        if "choices" in self.keep:
            candidates = self._with_choices(parts, candidates)
        pieces = self.tokenizers.source.pieces
        return [
            Translation(part.text, tuple(of_part), tuple(pieces(part.ids)), tuple(terms))
            for part, of_part, terms in zip(parts, candidates, uses, strict=True)
        ]

    def _candidates(self, parts: list[Part], hypotheses: list[list[Hypothesis]]) -> list[list[Candidate]]:
        """Hypotheses of each part with their texts."""
        if self.demands.replacement:
            pairs = zip(parts, hypotheses, strict=True)
            return [[self._replaced(part, hypothesis) for hypothesis in of_part] for part, of_part in pairs]
        in_turn = itertools.chain.from_iterable(hypotheses)
        texts = iter(self.tokenizers.target.decode([hypothesis.ids for hypothesis in in_turn]))
        return [
            [self._candidate(next(texts), hypothesis) for hypothesis in of_part] for of_part in hypotheses
        ]

    def _candidate(self, text: str, hypothesis: Hypothesis) -> Candidate:
        """A hypothesis with its text, on one line."""
        one_line = text.replace("\n", " ").replace("\r", " ")
        return Candidate(one_line, tuple(self.tokenizers.target.pieces(hypothesis.ids)), hypothesis)

    def _replaced(self, part: Part, hypothesis: Hypothesis) -> Candidate:
        """A hypothesis with its text, in which nothing is unknown."""
        surfaces = self.tokenizers.source.surfaces(part.text)
        known = [token != UNKNOWN_ID for token in part.ids]
        words = self.demands.replacement.words(surfaces, known, hypothesis.ids, hypothesis.attention)
        pieces, text = self.tokenizers.target.with_words(hypothesis.ids, words)
        return Candidate(text, tuple(pieces), hypothesis)

    def _with_terms(
        self, parts: list[Part], candidates: list[list[Candidate]]
    ) -> tuple[list[list[Candidate]], list[list[TermUse]]]:
        """The candidates of each part, and how its terms of the glossary fared.

        Where some are missing they are demanded.
        """
        terms = [self.demands.glossary.of(part.text) for part in parts]
        uses = [[TermUse(term, "free") for term in of_part] for of_part in terms]
        candidates = list(candidates)
        lacking = [row for row, of_part in enumerate(terms) if missing(of_part, candidates[row][0].text)]
        if not lacking:
            return candidates, uses
        lacking_parts = [parts[row] for row in lacking]
        phrases = [[term.ways(self.tokenizers.target) for term in terms[row]] for row in lacking]
        hypotheses = self.searcher.demanding([part.ids for part in lacking_parts], phrases)
        demanded = self._candidates(lacking_parts, hypotheses)
        for row, with_demands in zip(lacking, demanded, strict=True):
            free = candidates[row]
            ordered = by_terms(terms[row], free, with_demands)
            candidates[row] = ordered[: self.search.n_best]
            cost = free[0].log_probability - ordered[0].log_probability
            uses[row] = list(uses_of(terms[row], free[0].text, ordered[0].text, cost))
        return candidates, uses

    def _with_entropies(self, parts: list[Part], candidates: list[list[Candidate]]) -> list[list[Candidate]]:
        """The candidates of each part with the entropies of what their tokens were chosen from."""
        sources: list[list[int]] = []
        targets: list[tuple[int, ...]] = []
        for part, of_part in zip(parts, candidates, strict=True):
            sources += [part.ids] * len(of_part)
            targets += [candidate.hypothesis.all_ids for candidate in of_part]
        entropies = iter(self.searcher.entropies(sources, targets))
        return [
            [with_entropies(candidate, next(entropies)) for candidate in of_part] for of_part in candidates
        ]

    def _with_choices(self, parts: list[Part], candidates: list[list[Candidate]]) -> list[list[Candidate]]:
        """The candidates of each part, the best with how the model came to choose its tokens."""
        results = []
        for part, (best, *others) in zip(parts, candidates, strict=True):
            choices = self.searcher.choices(part.ids, best.hypothesis)
            results.append([replace(best, choices=choices), *others])
        return results


def with_entropies(candidate: Candidate, entropies: tuple[float, ...]) -> Candidate:
    """A candidate whose hypothesis has them."""
    return replace(candidate, hypothesis=replace(candidate.hypothesis, entropies=entropies))


def by_terms(terms: list[Term], free: list[Candidate], demanded: list[Candidate]) -> list[Candidate]:
    """All different candidates, those first that have the most terms; of these the best."""
    known = {candidate.hypothesis.all_ids for candidate in free}
    new = [candidate for candidate in demanded if candidate.hypothesis.all_ids not in known]
    return sorted(
        [*free, *new], key=lambda candidate: (missing(terms, candidate.text), -candidate.hypothesis.score)
    )


def in_batches(places: Sequence[int], lengths: Sequence[int], most: int) -> list[list[int]]:
    """Places in batches of at most so many tokens, padding included, or of one place; lengths ascend."""
    batches: list[list[int]] = []
    for place, length in zip(places, lengths, strict=True):
        if batches and (len(batches[-1]) + 1) * length <= most:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches
