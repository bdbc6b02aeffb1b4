"""From source ids to hypotheses with an engine that takes steps: beam search, sampling, forced decoding."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mtkit.data.tokenizers import Tokenizers
from mtkit.engines.forced import ForcedTranslation, forced
from mtkit.engines.step_engine import EngineStep, StepEngine, source_array
from mtkit.search.banned_text import BannedText
from mtkit.search.beam import beam_search
from mtkit.search.constrained import constrained_search
from mtkit.search.constraints import Constraints
from mtkit.search.hypothesis import Hypothesis, Ranking, ranked
from mtkit.search.lexicon import Lexicon
from mtkit.search.open_hypotheses import Ending, Limits
from mtkit.search.pending import Phrase
from mtkit.search.sampling import Drawing, sample
from mtkit.search.shortlist import Shortlist
from mtkit.search.step_function import StepFunction
from mtkit.search.word_edges import WordEdges
from mtkit.settings.search import Search
from mtkit.text.special import BEGIN_ID, END_ID
from mtkit.translating.length_limits import length_limits
from mtkit.translating.translation import TokenChoice

# Demands need a wider beam: it is shared out among the ways to meet them (Post and Vilar 2018, 4.1).
LEAST_CONSTRAINED_BEAM = 10
RUNNERS_UP = 3


@dataclass(frozen=True)
class StepSearch:
    """Searches that an engine takes step by step. Batches in several threads may use it at the same time.

    Source ids may begin with a context. How long a translation is, and what it attends to, is about the
    sentence behind it alone.

    Attributes:
        forbidden: tokens that no translation holds, but for those of a forced beginning.
        banned: phrases that none holds.
        attending: whether hypotheses come with their attention.
        lexicon: for a shortlist.
    """

    engine: StepEngine
    tokenizers: Tokenizers
    search: Search
    ranking: Ranking
    forbidden: tuple[int, ...]
    banned: BannedText | None = None
    attending: bool = False
    lexicon: Lexicon | None = None

    @property
    def parallel(self) -> int:
        """How many batches are best searched at the same time, each in a thread."""
        return self.engine.parallel

    def hypotheses(
        self,
        sources: Sequence[list[int]],
        numbers: Sequence[int] = (),
        beginnings: Sequence[list[int]] = (),
    ) -> list[list[Hypothesis]]:
        """The `n_best` hypotheses for each list of source ids.

        Args:
            numbers: of the lines, for what is drawn at random.
            beginnings: the tokens that each must begin with; may be left out.
        """
        limits = length_limits(self.search, self._own_ids(sources))
        limits = replace(limits, longest=np.maximum(limits.longest, [len(ids) for ids in beginnings] or 0))
        constraints = Constraints(
            self.engine.size,
            self.search.no_repeat_ngram,
            self.search.repetition_penalty,
            self.banned,
            list(beginnings),
            self.forbidden,
        )
        # A forced beginning may hold a token that is forbidden elsewhere: the constraints see to both.
        forbidden = () if constraints else self.forbidden
        candidates = self.search.beam
        if self.search.sample:
            candidates = self.search.top_k or self.engine.size
        candidates += limits.shortest is not None  # one more, in the place of an early end
        shortlist = self._shortlist(sources, beginnings or [[] for _ in sources])
        step = EngineStep(self.engine, candidates, forbidden, shortlist)
        if self.search.sample:
            hypotheses = self._drawn(step, sources, numbers, limits, constraints)
        else:
            hypotheses = self._best(step, sources, limits, constraints)
        if self.banned:
            hypotheses = [self._without_banned(of_source) for of_source in hypotheses]
        return [of_source[: self.search.n_best] for of_source in hypotheses]

    def _best(
        self, step: StepFunction, sources: Sequence[list[int]], limits: Limits, constraints: Constraints
    ) -> list[list[Hypothesis]]:
        return beam_search(
            step,
            self.engine.start(source_array(sources)),
            self.search.beam,
            limits,
            self._ending(sources),
            bias=constraints or None,
            best=self.search.n_best,
        )

    def _drawn(
        self,
        step: StepFunction,
        sources: Sequence[list[int]],
        numbers: Sequence[int],
        limits: Limits,
        constraints: Constraints,
    ) -> list[list[Hypothesis]]:
        search = self.search
        uniform = [
            uniform_numbers(search.seed, number, search.n_best, most + 1)
            for number, most in zip(numbers, limits.longest, strict=True)
        ]
        return sample(
            step,
            self.engine.start(source_array(sources)),
            Drawing(uniform, search.temperature, search.top_p),
            limits,
            self._ending(sources),
            bias=constraints or None,
        )

    def demanding(
        self, sources: Sequence[list[int]], phrases: Sequence[Sequence[Phrase]]
    ) -> list[list[Hypothesis]]:
        """Hypotheses that hold phrases, for each list of source ids."""
        width = max(self.search.beam, LEAST_CONSTRAINED_BEAM)
        needed = [tokens_of(of_source) for of_source in phrases]
        candidates = width + max(sum(map(len, of_source)) for of_source in phrases)
        step = EngineStep(self.engine, candidates, self.forbidden, self._shortlist(sources, needed))
        longest = length_limits(self.search, self._own_ids(sources)).longest
        longest = longest + [sum(max(map(len, phrase)) for phrase in of_source) for of_source in phrases]
        longest = np.minimum(longest, self.search.max_length or longest)
        state = self.engine.start(source_array(sources))
        return constrained_search(
            step, state, width, Limits(longest), phrases, self._word_edges, self._ending(sources)
        )

    def judged(self, sources: Sequence[list[int]], targets: Sequence[list[int]]) -> list[Hypothesis]:
        """A given translation of each list of source ids as a hypothesis."""
        with_end = [[*ids, END_ID] for ids in targets]
        judgements = forced(self.engine, source_array(sources), with_end, keep_attention=self.attending)
        triples = zip(sources, targets, judgements, strict=True)
        return [self._judged(source, ids, judgement) for source, ids, judgement in triples]

    def _judged(self, source: list[int], ids: list[int], judgement: ForcedTranslation) -> Hypothesis:
        attention = judgement.attention
        if attention is not None:
            (positions,) = self._own_positions([source])
            attention = attention[:, positions]
        log_probabilities = tuple(judgement.log_probabilities.tolist())
        score = self.ranking.score(sum(log_probabilities), len(log_probabilities), attention)
        return Hypothesis(tuple(ids), log_probabilities, score, complete=True, attention=attention)

    def entropies(
        self, sources: Sequence[list[int]], targets: Sequence[Sequence[int]]
    ) -> list[tuple[float, ...]]:
        """Of what each token of given translations was chosen from, in nats."""
        judgements = forced(self.engine, source_array(sources), targets)
        return [tuple(judgement.entropies.tolist()) for judgement in judgements]

    def choices(self, source: list[int], hypothesis: Hypothesis) -> tuple[TokenChoice, ...]:
        """How the model came to choose each token of a hypothesis."""
        shortlist = self._shortlist([source], [hypothesis.ids])
        step = EngineStep(self.engine, RUNNERS_UP + 1, self.forbidden, shortlist)
        state = self.engine.start(source_array([source]))
        row, last, choices = np.zeros(1, np.int32), BEGIN_ID, []
        (positions,) = self._own_positions([source])
        pairs = zip(hypothesis.all_ids, hypothesis.token_log_probabilities, strict=True)
        for token, log_probability in pairs:
            scores, ids, attention, state = step(state, np.array([last], np.int32), row)
            others = [
                (self._piece(other), float(np.exp(score)))
                for other, score in zip(ids[0].tolist(), scores[0], strict=True)
                if other != token
            ]
            weights = None if attention is None else attention[0, positions]
            choices.append(TokenChoice(float(np.exp(log_probability)), tuple(others[:RUNNERS_UP]), weights))
            last = token
        return tuple(choices)

    def _piece(self, token: int) -> str:
        return self.tokenizers.target.pieces([token])[0]

    def _ending(self, sources: Sequence[list[int]]) -> Ending:
        """What makes hypotheses of rows, for lists of source ids."""
        return Ending(self.ranking, self.attending, self._own_positions(sources))

    def _own_ids(self, sources: Sequence[list[int]]) -> list[list[int]]:
        """Source ids without their contexts."""
        return [self.tokenizers.source.without_context(ids) for ids in sources]

    def _own_positions(self, sources: Sequence[list[int]]) -> list[slice]:
        """The positions of source ids, and of the end behind them, that are of no context."""
        pairs = zip(sources, self._own_ids(sources), strict=True)
        return [slice(len(ids) - len(own), len(ids) + 1) for ids, own in pairs]

    def _shortlist(self, sources: Sequence[list[int]], also: Sequence[Sequence[int]]) -> Shortlist | None:
        """What each list of source ids chooses from, with these tokens too; None for the whole vocabulary."""
        if not self.search.shortlist:
            return None
        pairs = zip(self._own_ids(sources), also, strict=True)
        return Shortlist.of(
            [self.lexicon.choices(ids, self.search.shortlist, tokens) for ids, tokens in pairs]
        )

    @cached_property
    def _word_edges(self) -> WordEdges:
        return WordEdges.of(self.tokenizers.target)

    def _without_banned(self, hypotheses: list[Hypothesis]) -> list[Hypothesis]:
        """Hypotheses without those that hold a banned phrase after all, unless all do.

        Bytes may spell one unseen. What was drawn stays as it was drawn, repetitions too.
        """
        trimmed = list(map(self.without_banned_end, hypotheses))
        if not self.search.sample:
            trimmed = ranked(trimmed)
        return [hypothesis for hypothesis in trimmed if not self.banned.is_in(hypothesis.ids)] or trimmed

    def without_banned_end(self, hypothesis: Hypothesis) -> Hypothesis:
        """A hypothesis without the end of a banned phrase, where the longest length cut it off behind one."""
        while not hypothesis.complete and self.banned.at_end(hypothesis.ids):
            log_probabilities = hypothesis.token_log_probabilities[:-1]
            attention = None if hypothesis.attention is None else hypothesis.attention[:-1]
            score = self.ranking.score(sum(log_probabilities), len(log_probabilities), attention)
            hypothesis = Hypothesis(
                hypothesis.ids[:-1], log_probabilities, score, complete=False, attention=attention
            )
        return hypothesis


def tokens_of(phrases: Sequence[Phrase]) -> list[int]:
    """All tokens of all ways to say some phrases."""
    ways = itertools.chain.from_iterable(phrases)
    return list(itertools.chain.from_iterable(ways))


def uniform_numbers(seed: int, line: int, samples: int, length: int) -> np.ndarray:
    """Random numbers in [0, 1), float64 [samples, length], that depend on the seed and the line alone.

    A number is the same whatever `samples` and `length` are.
    """
    return np.stack([np.random.default_rng([seed, line, which]).random(length) for which in range(samples)])
