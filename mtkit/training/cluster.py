"""The processes that train one model together: this one alone, or those that TF_CONFIG names (workers.py).

Each works on its share of every batch; the sums over the batch are added up over all of them, so all make the
same update of the same weights. What only one can know (how much time is over, which score was best) the
chief decides; only it writes.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cluster:
    """The workers of a job: one alone.

    Attributes:
        index: the number of this one; 0 is the chief.
        size: how many there are.
    """

    index: int = 0
    size: int = 1

    @property
    def chief(self) -> bool:
        """Whether this process is the one that validates and writes."""
        return self.index == 0

    def total(self, values: list) -> list:
        """Sums of tensors over all workers; for a compiled function."""
        return values

    def from_chief(self, number: float) -> float:
        """The chief's number, for all. A float64 passes unchanged."""
        return self._sum_of(number if self.chief else 0.0)

    def chiefs_choice(self, choices: Sequence[str], mine: str) -> str:
        """What the chief chose, by what it measured, for all."""
        return choices[int(self.from_chief(choices.index(mine)))]

    def any(self, flag: bool) -> bool:
        """Whether any worker says so."""
        return self._sum_of(float(flag)) > 0.0

    def watched(self) -> contextlib.AbstractContextManager:
        """A block in which the end of another worker is an MtkitError that says so."""
        return contextlib.nullcontext()

    def _sum_of(self, number: float) -> float:
        return number
