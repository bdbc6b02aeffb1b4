"""One way to translate: lines in, translations out, by one search of one engine.

Each line goes through the same list of steps, and at their end stands the search. What must stay is taken
out, the line is split into sentences; these become tokens, are sorted by length and searched in batches;
terms that are missing are demanded, unknown words are replaced; what was taken out is put back, and the
sentences become a line again.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from mtkit.data.tokenizers import Tokenizers
from mtkit.errors import SettingsError
from mtkit.search.hypothesis import Hypothesis
from mtkit.settings.search import Search
from mtkit.translating.demanded_terms import DemandedTerms
from mtkit.translating.demands import Demands
from mtkit.translating.length_batches import LengthBatches
from mtkit.translating.looked_into import Choices, Entropies
from mtkit.translating.plain_search import PlainSearch
from mtkit.translating.preceding import PrecedingSentences
from mtkit.translating.protected_text import TextPutBack, TextTakenOut
from mtkit.translating.splitting import Splitter
from mtkit.translating.step_search import StepSearch
from mtkit.translating.steps import SourceText, Step, through
from mtkit.translating.tokens import Tokens
from mtkit.translating.translation import Candidate, Translation
from mtkit.translating.unknown_words import UnknownWords


@dataclass(frozen=True)
class Plan:
    """How lines are translated. Made by `Translator.plan`, which sees to it that all of it goes together.

    Several threads may use it at the same time.

    Attributes:
        tokenizers: of the source and the target language.
        searcher: finds hypotheses.
        search: what it searches by.
        keep: what to keep of a search; see `compatibility.KEEP`.
        demands: what is asked beside the search.
        splitter: of lines.
        batch_tokens: tokens that are searched at once; changes no translation.
    """

    tokenizers: Tokenizers
    searcher: StepSearch | PlainSearch
    search: Search
    keep: frozenset[str]
    demands: Demands
    splitter: Splitter
    batch_tokens: int

    @property
    def engine(self) -> str:
        """The name of the engine that searches."""
        return self.searcher.engine.name

    @property
    def preceding(self) -> PrecedingSentences:
        """Tells what stands before a line."""
        splitter = self.splitter
        return PrecedingSentences(splitter.most_context, splitter.sentences, self.demands.protection)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """What is done to a line before the search and, in the other direction, after it."""
        demands, tokenizers = self.demands, self.tokenizers
        of_line: list[Step] = [self.splitter]
        if demands.protection:
            of_line = [
                TextTakenOut(demands.protection),
                self.splitter,
                TextPutBack(tokenizers.source),
            ]
        of_sentence: list[Step] = []
        if "entropies" in self.keep:
            of_sentence.append(Entropies(self.searcher))
        if "choices" in self.keep:
            of_sentence.append(Choices(self.searcher))
        if demands.glossary:
            of_sentence.append(DemandedTerms(demands.glossary, tokenizers.target, self.search.n_best))
        if demands.replacement:
            of_sentence.append(UnknownWords(demands.replacement, tokenizers))
        return (*of_line, *self._to_batches, *of_sentence)

    @property
    def _to_batches(self) -> tuple[Step, ...]:
        rows = self.search.n_best if self.search.sample else self.search.beam
        return Tokens(self.tokenizers), LengthBatches(self.batch_tokens, rows, self.searcher.parallel)

    def translate(
        self,
        lines: Sequence[str],
        numbers: Sequence[int] | None = None,
        prefixes: Sequence[str] | None = None,
        before: Sequence[str] = (),
    ) -> list[Translation]:
        """One translation a line, in order.

        Args:
            numbers: of the lines, from 0; what is drawn at random depends on them.
            prefixes: what the translation of each line must begin with.
            before: the lines before the first; see `PrecedingSentences.going_along`.

        Raises:
            SettingsError: prefixes, for which this plan was not made.
        """
        if prefixes is None:
            prefixes = itertools.repeat("", len(lines))
        elif self.splitter.whole_tokens is not None:
            raise SettingsError("lines with prefixes stay whole: plan with given=('--prefixes',)")
        numbers = range(len(lines)) if numbers is None else numbers
        texts = [
            SourceText(line, number, prefix.rstrip(), context)
            for line, number, prefix, context in zip(
                lines, numbers, prefixes, self.preceding.of(lines, before), strict=True
            )
        ]
        return through(self.steps, self._search)(texts)

    def judge(
        self, sources: Sequence[str], targets: Sequence[str], before: Sequence[str] = ()
    ) -> list[Translation]:
        """Given translations as if they were found: their log-probabilities, and what else is kept.

        A blank source has no translation, whatever its target is.

        Args:
            before: see `translate`.

        Raises:
            SettingsError: this plan was not made for it.
        """
        if not isinstance(self.searcher, StepSearch):
            raise SettingsError(
                f"the engine {self.engine} cannot judge: plan with given=('--force-reference',)"
            )
        rows = zip(sources, targets, self.preceding.of(sources, before), strict=True)
        texts = [
            SourceText(source, number, target, context)
            for number, (source, target, context) in enumerate(rows)
        ]
        return through(self._to_batches, self._judge)(texts)

    def _search(self, texts: Sequence[SourceText]) -> list[Translation]:
        """What is found for a batch."""
        sources = [text.ids for text in texts]
        if any(text.phrases for text in texts):
            hypotheses = self.searcher.demanding(sources, [text.phrases for text in texts])
        else:
            numbers = [text.number for text in texts]
            beginnings = [text.beginning_ids for text in texts]
            hypotheses = self.searcher.hypotheses(sources, numbers, beginnings if any(beginnings) else ())
        return self._translations(texts, hypotheses)

    def _judge(self, texts: Sequence[SourceText]) -> list[Translation]:
        """What is given for a batch."""
        targets = [text.beginning_ids for text in texts]
        hypotheses = self.searcher.judged([text.ids for text in texts], targets)
        return self._translations(texts, [[hypothesis] for hypothesis in hypotheses])

    def _translations(
        self, texts: Sequence[SourceText], hypotheses: Sequence[Sequence[Hypothesis]]
    ) -> list[Translation]:
        """Hypotheses of texts as their translations."""
        in_turn = itertools.chain.from_iterable(hypotheses)
        decoded = iter(self.tokenizers.target.decode([hypothesis.ids for hypothesis in in_turn]))
        return [
            Translation(text.text, tuple(self._candidates(of_text, decoded)), self._pieces(text))
            for text, of_text in zip(texts, hypotheses, strict=True)
        ]

    def _pieces(self, text: SourceText) -> tuple[str, ...]:
        """The pieces of a text, without those of its context."""
        source = self.tokenizers.source
        return tuple(source.pieces(source.without_context(text.ids)))

    def _candidates(self, hypotheses: Sequence[Hypothesis], decoded: Iterator[str]) -> Iterator[Candidate]:
        """Hypotheses with the next texts, each on one line."""
        pieces = self.tokenizers.target.pieces
        for hypothesis in hypotheses:
            text = next(decoded).replace("\n", " ").replace("\r", " ")
            yield Candidate(text, tuple(pieces(hypothesis.ids)), hypothesis)
