"""The processes that train one model together: this one alone, or those that TF_CONFIG names.

Each works on its share of every batch; the sums over the batch are added up over all of them, so all make the
same update of the same weights. What only one can know (how much time is over, which score was best) the
chief decides; only it writes.
"""

import contextlib
import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras

from mtkit.errors import SettingsError
from mtkit.training.rendezvous import meet


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


def join(say: Callable[[str], None]) -> Cluster:
    """Join the workers that the environment variable TF_CONFIG names, waiting for them; without it, be alone.

    Comes before all other use of TensorFlow.

    Args:
        say: called with a sentence before the wait.

    Raises:
        MtkitError: the others did not come.
        SettingsError: TF_CONFIG is not what TensorFlow takes, a worker has several GPUs, or Keras runs on
            something else.
    """
    text = os.environ.get("TF_CONFIG", "").strip()
    if not text:
        return Cluster()
    index, addresses = place_in(text)
    size = len(addresses)
    if size == 1:
        return Cluster()
    if keras.backend.backend() != "tensorflow":
        raise SettingsError(
            f"TF_CONFIG names {size} workers, and KERAS_BACKEND is {keras.backend.backend()!r}: unset one of"
            " them"
        )
    say(f"worker {index} of {size}, at {addresses[index]}")
    meet(index, addresses, say)
    from mtkit.training.tensorflow_cluster import connected

    return connected(index, size)


def place_in(text: str) -> tuple[int, list[str]]:
    """(number of this worker, the addresses of all) from the JSON of TF_CONFIG; a task of type chief comes
    first.
    """
    try:
        config = json.loads(text)
        cluster, task = config["cluster"], config["task"]
        others = sorted(set(cluster) - {"chief", "worker"})
        if others:
            raise SettingsError(
                f"TF_CONFIG: mtkit trains with tasks of type chief and worker, not {', '.join(others)}"
            )
        order = [(kind, index) for kind in ("chief", "worker") for index in range(len(cluster.get(kind, ())))]
        addresses = [cluster[kind][index] for kind, index in order]
        if not all(isinstance(cluster.get(kind, []), list) for kind in ("chief", "worker")):
            raise ValueError
        if not all(re.fullmatch(r".+:\d{1,5}", address) for address in addresses) or len(
            set(addresses)
        ) < len(addresses):
            raise ValueError
        return order.index((task["type"], int(task["index"]))), addresses
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SettingsError(
            'TF_CONFIG is JSON such as {"cluster": {"worker": ["HOST:PORT", "HOST:PORT"]}, '
            '"task": {"type": "worker", "index": 0}}; '
            f"received: {text[:200]}"
        ) from None
