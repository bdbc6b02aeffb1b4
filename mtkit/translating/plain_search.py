"""From source ids to hypotheses with an engine that searches by itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mtkit.engines.searching_engine import SearchingEngine
from mtkit.search.hypothesis import Hypothesis, Ranking
from mtkit.settings.search import Search
from mtkit.text.tokenizer import Tokenizer
from mtkit.translating.length_limits import length_limits
from mtkit.translating.step_search import StepSearch


@dataclass(frozen=True)
class PlainSearch:
    """Beam searches with nothing that steers them, by an engine that takes no steps.

    Attributes:
        tokenizer: of the source.
        otherwise: gives the search for what is too long for the engine.
    """

    engine: SearchingEngine
    tokenizer: Tokenizer
    search: Search
    ranking: Ranking
    otherwise: Callable[[], StepSearch]

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
        """See `StepSearch.hypotheses`; nothing is drawn, and nothing begins as it must."""
        without_contexts = [self.tokenizer.without_context(ids) for ids in sources]
        longest = length_limits(self.search, without_contexts).longest
        fitting = [row for row, source in enumerate(sources) if self.engine.takes(source, int(longest[row]))]
        hypotheses: dict[int, list[Hypothesis]] = {}
        if fitting:
            sources_here = [sources[row] for row in fitting]
            searched = self.engine.search(sources_here, self.search.beam, longest[fitting], self.ranking)
            best = [of_source[: self.search.n_best] for of_source in searched]
            hypotheses = dict(zip(fitting, best, strict=True))
        too_long = [row for row in range(len(sources)) if row not in hypotheses]
        if too_long:
            searched = self.otherwise().hypotheses([sources[row] for row in too_long])
            hypotheses |= zip(too_long, searched, strict=True)
        return [hypotheses[row] for row in range(len(sources))]
