"""From lines to translations: blank lines set aside, sorted by length, searched in batches, put back in
order.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, cached_property
from threading import Lock

import numpy as np

from mtkit.data.tokenizers import Tokenizers
from mtkit.engines.engine import Engine
from mtkit.engines.forced import forced
from mtkit.errors import InputError
from mtkit.search.banned_text import BannedText
from mtkit.search.beam import beam_search
from mtkit.search.constrained import constrained_search
from mtkit.search.constraints import Constraints
from mtkit.search.hypothesis import Hypothesis, Ranking, ranked, unique
from mtkit.search.lexicon import Lexicon
from mtkit.search.open_hypotheses import Ending, Limits
from mtkit.search.sampling import Drawing, sample
from mtkit.search.shortlist import Shortlist
from mtkit.search.word_edges import WordEdges
from mtkit.settings import TranslateSettings
from mtkit.text.special import END_ID, FORBIDDEN_IDS, PAD_ID, UNKNOWN_ID
from mtkit.translating.demands import Demands, check_together, needing_attention
from mtkit.translating.glossary import Term, TermUse, missing
from mtkit.translating.translation import Candidate, Translation

# Tokens that a translation may have beside max_length_factor times those of the source.
ROOM_TOKENS = 10
# What a sentence counts as at least, for each hypothesis of its beam: the output layer has as much to do for
# a short one.
LEAST_TOKENS = 6
# Demands need a wider beam: it is shared out among the ways to meet them (Post and Vilar 2018, 4.1).
LEAST_CONSTRAINED_BEAM = 10


class Translator:
    """Translates lists of lines with an engine; the settings choose the search.

    Args:
        lexicon: for a shortlist.

    Raises:
        SettingsError: settings that do not go together.
    """

    def __init__(
        self,
        engine: Engine,
        tokenizers: Tokenizers,
        settings: TranslateSettings,
        demands: Demands = Demands(),  # noqa: B008  frozen
        lexicon: Lexicon | None = None,
    ):
        check_together(settings, demands, engine and engine.attends, tokenizers.target.has_unknown)
        self.engine = engine
        self.tokenizers = tokenizers
        self.settings = settings
        self.ranking = Ranking(
            settings.length_penalty, settings.length_penalty_form, settings.coverage_penalty
        )
        self.attending = bool(needing_attention(settings, demands))
        self.glossary = demands.glossary
        self.protection = demands.protection
        self.replacement = demands.replacement
        self.lexicon = lexicon
        never = (*FORBIDDEN_IDS, *tokenizers.target.tags.values())
        self.forbidden = tuple(token for token in never if token != UNKNOWN_ID or not demands.replacement)
        self.banned = BannedText(demands.banned, tokenizers.target) if demands.banned else None

    def translate(
        self,
        lines: Sequence[str],
        numbers: Sequence[int] | None = None,
        prefixes: Sequence[str] | None = None,
    ) -> list[Translation]:
        """One translation a line, in order.

        Args:
            numbers: of the lines, from 0; what is drawn at random depends on them.
            prefixes: what the translation of each line must begin with; all of it with `force_reference`.

        Raises:
            InputError: a reference for a blank line.
        """
        numbers = range(len(lines)) if numbers is None else numbers
        results = [Translation(line) for line in lines]
        places = [place for place, line in enumerate(lines) if line.strip()]
        sources = dict(
            zip(places, self.tokenizers.source.encode([lines[place] for place in places]), strict=True)
        )
        beginnings: dict[int, list[int]] = {}
        if prefixes is not None:
            texts = [
                prefixes[place] if self.settings.force_reference else prefixes[place].rstrip()
                for place in places
            ]
            beginnings = dict(zip(places, self.tokenizers.target.encode(texts), strict=True))
            stray = next(
                (place for place in range(len(lines)) if place not in beginnings and prefixes[place].strip()),
                None,
            )
            if stray is not None and self.settings.force_reference:
                raise InputError(
                    f"{self.settings.force_reference}:{numbers[stray] + 1}: a reference for a blank line of"
                    " the input"
                )
        places.sort(key=lambda place: len(sources[place]))
        if not places:
            return results
        rows = self.settings.n_best if self.settings.sample else self.settings.beam
        lengths = [max(len(sources[place]), LEAST_TOKENS * rows) for place in places]
        # Those that take longest come first, that no thread ends long after the others.
        batches = in_batches(places, lengths, self.settings.batch_tokens)[::-1]

        def run(batch: list[int]) -> list[tuple[list[Candidate], list[TermUse]]]:
            given = [beginnings[place] for place in batch] if beginnings else []
            ids, own = [sources[place] for place in batch], [lines[place] for place in batch]
            found = self.candidates(own, self.hypotheses(ids, [numbers[place] for place in batch], given))
            found, uses = self.with_terms(own, ids, found) if self.glossary else (found, [[] for _ in batch])
            if self.settings.signals:
                found = self.with_entropies(ids, found)
            return list(zip(found, uses, strict=True))

        with ThreadPoolExecutor(self.engine.parallel) as pool:
            found = list(pool.map(run, batches))
        for batch, every in zip(batches, found, strict=True):
            for place, (candidates, uses) in zip(batch, every, strict=True):
                pieces = self.tokenizers.source.pieces(sources[place])
                results[place] = Translation(lines[place], tuple(candidates), tuple(pieces), tuple(uses))
        return results

    def with_terms(
        self, lines: list[str], sources: list[list[int]], found: list[list[Candidate]]
    ) -> tuple[list[list[Candidate]], list[list[TermUse]]]:
        """The candidates of each line, and how its terms of the glossary fared; where some are missing they
        are demanded.
        """
        terms = [self.glossary.of(line) for line in lines]
        lacking = [row for row, wanted in enumerate(terms) if missing(wanted, found[row][0].text)]
        results, uses = list(found), [[TermUse(one, "free") for one in own] for own in terms]
        if not lacking:
            return results, uses
        searched = self.constrained([sources[row] for row in lacking], [terms[row] for row in lacking])
        for row, again in zip(
            lacking, self.candidates([lines[row] for row in lacking], searched), strict=True
        ):
            wanted, before = terms[row], found[row][0]
            known = {candidate.hypothesis.all_ids for candidate in found[row]}
            new = [candidate for candidate in again if candidate.hypothesis.all_ids not in known]
            # The best of those that have the most.
            every = [*found[row], *new]
            candidates = sorted(every, key=lambda one: (missing(wanted, one.text), -one.hypothesis.score))
            after = candidates[0]
            cost = before.hypothesis.log_probability - after.hypothesis.log_probability

            def outcome(term: Term, before: str = before.text, after: str = after.text) -> str:
                return "missing" if not term.is_in(after) else "free" if term.is_in(before) else "demanded"

            results[row] = candidates[: self.settings.n_best]
            uses[row] = [TermUse(one, outcome(one), cost) for one in wanted]
        return results, uses

    def constrained(self, sources: list[list[int]], terms: list[list[Term]]) -> list[list[Hypothesis]]:
        """Hypotheses that hold terms, for each list of source ids."""
        phrases = [[term.ways(self.tokenizers.target) for term in own] for own in terms]
        width = max(self.settings.beam, LEAST_CONSTRAINED_BEAM)
        needed = [[token for phrase in own for way in phrase for token in way] for own in phrases]
        candidates = width + max(sum(map(len, own)) for own in phrases)
        step = self.engine.step_function(candidates, self.forbidden, self.shortlist(sources, needed))
        state = self.engine.start(source_array(sources))
        longest = self.limits(sources).longest
        longest = longest + [sum(max(map(len, phrase)) for phrase in own) for own in phrases]
        longest = np.minimum(longest, self.settings.max_length or longest)
        return constrained_search(
            step, state, width, Limits(longest), phrases, self.word_edges, self.ending(sources)
        )

    @cached_property
    def word_edges(self) -> WordEdges:
        return WordEdges.of(self.tokenizers.target)

    def with_entropies(self, sources: list[list[int]], found: list[list[Candidate]]) -> list[list[Candidate]]:
        """The candidates of each list of source ids with the entropies of what their tokens were chosen
        from.
        """
        every = [source for source, candidates in zip(sources, found, strict=True) for _ in candidates]
        targets = [candidate.hypothesis.all_ids for candidates in found for candidate in candidates]
        judged = iter(forced(self.engine, source_array(every), targets))

        def with_its_own(candidate: Candidate) -> Candidate:
            entropies = tuple(next(judged).entropies.tolist())
            return replace(candidate, hypothesis=replace(candidate.hypothesis, entropies=entropies))

        return [list(map(with_its_own, candidates)) for candidates in found]

    def candidates(self, lines: list[str], found: list[list[Hypothesis]]) -> list[list[Candidate]]:
        """Hypotheses of each line with their texts."""
        if self.replacement:
            return [self.replaced(line, hypotheses) for line, hypotheses in zip(lines, found, strict=True)]
        texts = iter(
            self.tokenizers.target.decode(
                [hypothesis.ids for hypotheses in found for hypothesis in hypotheses]
            )
        )
        return [
            [self.candidate(next(texts), hypothesis) for hypothesis in hypotheses] for hypotheses in found
        ]

    def replaced(self, line: str, hypotheses: list[Hypothesis]) -> list[Candidate]:
        """Hypotheses of a line with their texts, in which nothing is unknown."""
        source, candidates = self.tokenizers.source.surfaces(line), []
        known = [token != UNKNOWN_ID for token in self.tokenizers.source.encode([line])[0]]
        for one in hypotheses:
            words = self.replacement.words(source, known, one.ids, one.attention)
            pieces, text = self.tokenizers.target.with_words(one.ids, words)
            candidates.append(Candidate(text, tuple(pieces), one))
        return candidates

    def candidate(self, text: str, hypothesis: Hypothesis) -> Candidate:
        """A hypothesis with its text, on one line."""
        one_line = text.replace("\n", " ").replace("\r", " ")
        return Candidate(one_line, tuple(self.tokenizers.target.pieces(hypothesis.ids)), hypothesis)

    def hypotheses(
        self, sources: list[list[int]], numbers: Sequence[int] = (), beginnings: Sequence[list[int]] = ()
    ) -> list[list[Hypothesis]]:
        """The `n_best` hypotheses for each list of source ids.

        Args:
            numbers: of the lines, for what is drawn at random.
            beginnings: the tokens that each must begin with; may be left out.
        """
        settings = self.settings
        if settings.force_reference:
            return [[one] for one in self.judged(sources, beginnings)]
        state, limits, ending = (
            self.engine.start(source_array(sources)),
            self.limits(sources),
            self.ending(sources),
        )
        limits = replace(limits, longest=np.maximum(limits.longest, [len(ids) for ids in beginnings] or 0))
        one_more = limits.shortest is not None  # candidate, in the place of an early end
        constraints = Constraints(
            self.engine.functions.size,
            settings.no_repeat_ngram,
            settings.repetition_penalty,
            self.banned,
            list(beginnings),
            self.forbidden,
        )
        shortlist = self.shortlist(sources, beginnings or [[] for _ in sources])
        # A forced beginning may hold a token that is forbidden elsewhere: the constraints see to both.
        forbidden = () if constraints else self.forbidden
        if settings.sample:
            candidates = (settings.top_k or self.engine.functions.size) + one_more
            step = self.engine.step_function(candidates, forbidden, shortlist)
            draws = [
                uniform(settings.seed, line, settings.n_best, most + 1)
                for line, most in zip(numbers, limits.longest, strict=True)
            ]
            drawing = Drawing(draws, settings.temperature, settings.top_p)
            found = sample(step, state, drawing, limits, ending, bias=constraints or None)
        else:
            step = self.engine.step_function(settings.beam + one_more, forbidden, shortlist)
            found = beam_search(
                step,
                state,
                settings.beam,
                limits,
                ending,
                bias=constraints or None,
                best=settings.n_best,
            )
        if self.banned:
            found = [self.without_banned(hypotheses) for hypotheses in found]
        return [hypotheses[: settings.n_best] for hypotheses in found]

    def judged(self, sources: list[list[int]], targets: Sequence[list[int]]) -> list[Hypothesis]:
        """A given translation of each list of source ids as a hypothesis."""
        found = forced(
            self.engine, source_array(sources), [[*ids, END_ID] for ids in targets], self.attending
        )
        hypotheses = []
        for source, ids, one in zip(sources, targets, found, strict=True):
            attention = one.attention[:, : len(source) + 1] if self.attending else None
            each = tuple(one.log_probabilities.tolist())
            score = self.ranking.score(sum(each), len(each), attention)
            hypotheses.append(Hypothesis(tuple(ids), each, score, True, attention))
        return hypotheses

    def shortlist(self, sources: list[list[int]], also: Sequence[Sequence[int]]) -> Shortlist | None:
        """What each list of source ids chooses from, with these tokens too; None for the whole vocabulary."""
        if not self.settings.shortlist:
            return None
        pairs = zip(sources, also, strict=True)
        return Shortlist.of([self.lexicon.choices(ids, self.settings.shortlist, own) for ids, own in pairs])

    def without_banned(self, hypotheses: list[Hypothesis]) -> list[Hypothesis]:
        """Hypotheses without those that hold a banned phrase after all (bytes may spell one unseen), unless
        all do.
        """
        order = unique if self.settings.sample else ranked
        trimmed = order([self.without_banned_end(hypothesis) for hypothesis in hypotheses])
        return [hypothesis for hypothesis in trimmed if not self.banned.is_in(hypothesis.ids)] or trimmed

    def ending(self, sources: list[list[int]]) -> Ending:
        """What makes hypotheses of rows, for lists of source ids."""
        return Ending(self.ranking, self.attending, np.array([len(ids) + 1 for ids in sources]))

    def limits(self, sources: list[list[int]]) -> Limits:
        """How long the translation of each list of source ids may be."""
        settings = self.settings
        lengths = np.array([len(ids) for ids in sources])
        shortest = np.maximum((settings.min_length_factor * lengths).astype(int), settings.min_length)
        longest = np.maximum((settings.max_length_factor * lengths).astype(int) + ROOM_TOKENS, shortest)
        longest = np.minimum(longest, settings.max_length or longest)
        return Limits(longest, np.minimum(shortest, longest) if shortest.any() else None)

    def without_banned_end(self, hypothesis: Hypothesis) -> Hypothesis:
        """Where the longest length cut a hypothesis off just behind a banned phrase: without the end of
        that.
        """
        while not hypothesis.complete and self.banned.at_end(hypothesis.ids):
            each = hypothesis.token_log_probabilities[:-1]
            attention = None if hypothesis.attention is None else hypothesis.attention[:-1]
            score = self.ranking.score(sum(each), len(each), attention)
            hypothesis = Hypothesis(hypothesis.ids[:-1], each, score, False, attention)
        return hypothesis


class PlainTranslator(Translator):
    """A translator by an engine that does whole searches, and no other than plain ones (see
    `demands.beyond_plain`).

    Args:
        engine: a `Ctranslate2Engine`.
        otherwise: makes the translator of what is too long for the engine.
    """

    def __init__(
        self, engine, tokenizers: Tokenizers, settings: TranslateSettings, otherwise: Callable[[], Translator]
    ):
        super().__init__(engine, tokenizers, settings)
        self._otherwise, self._one_at_a_time = cache(otherwise), Lock()

    def hypotheses(
        self, sources: list[list[int]], numbers: Sequence[int] = (), beginnings: Sequence[list[int]] = ()
    ) -> list[list[Hypothesis]]:
        longest = self.limits(sources).longest
        fit = [row for row, source in enumerate(sources) if self.engine.takes(source, longest[row])]
        found: dict[int, list[Hypothesis]] = {}
        if fit:
            ours = self.engine.search(
                [sources[row] for row in fit], self.settings.beam, longest[fit], self.ranking
            )
            found = {
                row: hypotheses[: self.settings.n_best] for row, hypotheses in zip(fit, ours, strict=True)
            }
        rest = [row for row in range(len(sources)) if row not in found]
        if rest:
            with self._one_at_a_time:
                other = self._otherwise()
            found |= zip(rest, other.hypotheses([sources[row] for row in rest]), strict=True)
        return [found[row] for row in range(len(sources))]


def source_array(sources: list[list[int]]) -> np.ndarray:
    """Lists of source ids as int32 [B, S], each with END_ID, padded."""
    array = np.full((len(sources), max(map(len, sources)) + 1), PAD_ID, np.int32)
    for row, ids in enumerate(sources):
        array[row, : len(ids) + 1] = [*ids, END_ID]
    return array


def in_batches(places: list[int], lengths: list[int], most: int) -> list[list[int]]:
    """Places in batches of at most so many tokens, padding included, or of one place; lengths ascend."""
    batches: list[list[int]] = []
    for place, length in zip(places, lengths, strict=True):
        if batches and (len(batches[-1]) + 1) * length <= most:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches


def uniform(seed: int, line: int, samples: int, length: int) -> np.ndarray:
    """Random numbers in [0, 1), float64 [samples, length], that depend on the seed and the line alone.

    A number is the same whatever `samples` and `length` are.
    """
    return np.stack([np.random.default_rng([seed, line, which]).random(length) for which in range(samples)])
