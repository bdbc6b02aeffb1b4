"""The processes that train one model together: this one alone, or those that TF_CONFIG names.

Each works on its share of every batch; the sums over the batch are added up over all of them, so all make the same update of
the same weights. What only one can know (how much time is over, which score was best) the chief decides; only it writes.
"""

import contextlib
import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import tensorflow as tf

from mtkit.errors import MtkitError, SettingsError
from mtkit.model import quiet_backend
from mtkit.training.rendezvous import meet

GONE = (
    "another worker of this job is gone or cannot be reached ({problem}); the weights saved last are whole: "
    "start all workers again to go on"
)


@dataclass(frozen=True)
class Cluster:
    """The workers of a job.

    Attributes:
        index: the number of this one; 0 is the chief.
        size: how many there are.
        strategy: what connects them; None for one alone.
    """

    index: int = 0
    size: int = 1
    strategy: tf.distribute.Strategy | None = None

    @property
    def chief(self) -> bool:
        """Whether this process is the one that validates and writes."""
        return self.index == 0

    def total(self, values: list[tf.Tensor]) -> list[tf.Tensor]:
        """Sums of tensors over all workers; for a compiled function."""
        if self.strategy is None:
            return values

        def add_up(values):
            here = [tf.identity(value) for value in values]  # on the device of this worker
            return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, here)

        return self.strategy.run(add_up, (values,))

    def from_chief(self, number: float) -> float:
        """The chief's number, for all. A float64 passes unchanged."""
        return self._sum_of(number if self.chief else 0.0)

    def chiefs_choice(self, choices: Sequence[str], mine: str) -> str:
        """What the chief chose, by what it measured, for all."""
        return choices[int(self.from_chief(choices.index(mine)))]

    def any(self, flag: bool) -> bool:
        """Whether any worker says so."""
        return self._sum_of(float(flag)) > 0.0

    def _sum_of(self, number: float) -> float:
        return number if self.strategy is None else float(_sum_over(self, tf.constant(number, tf.float64)))


@tf.function(autograph=False)
def _sum_over(cluster: Cluster, number: tf.Tensor) -> tf.Tensor:
    return cluster.total([number])[0]


@contextlib.contextmanager
def watched(cluster: Cluster):
    """In the block, the end of another worker is an MtkitError that says so."""
    try:
        yield
    except tf.errors.OpError as error:
        if cluster.strategy is None:
            raise
        raise MtkitError(GONE.format(problem=type(error).__name__)) from None


def join(say: Callable[[str], None]) -> Cluster:
    """Join the workers that the environment variable TF_CONFIG names, waiting for them; without it, be alone.

    Comes before all other use of TensorFlow.

    Args:
        say: called with a sentence before the wait.

    Raises:
        MtkitError: the others did not come.
        SettingsError: TF_CONFIG is not what TensorFlow takes, or a worker has several GPUs.
    """
    text = os.environ.get("TF_CONFIG", "").strip()
    if not text:
        return Cluster()
    index, addresses = place_in(text)
    size = len(addresses)
    if size == 1:
        return Cluster()
    say(f"worker {index} of {size}, at {addresses[index]}")
    meet(index, addresses, say)
    with quiet_backend():
        try:
            strategy = tf.distribute.MultiWorkerMirroredStrategy()
        except (tf.errors.OpError, RuntimeError, ValueError) as error:
            raise MtkitError(f"the workers of TF_CONFIG cannot be joined: {error}") from None
    if strategy.num_replicas_in_sync != size:
        raise SettingsError(
            "a worker uses one GPU: start a worker for each of them, with CUDA_VISIBLE_DEVICES and a line of TF_CONFIG of its own"
        )
    return Cluster(index, size, strategy)


def place_in(text: str) -> tuple[int, list[str]]:
    """(number of this worker, the addresses of all) from the JSON of TF_CONFIG; a task of type chief comes first."""
    try:
        config = json.loads(text)
        cluster, task = config["cluster"], config["task"]
        others = sorted(set(cluster) - {"chief", "worker"})
        if others:
            raise SettingsError(f"TF_CONFIG: mtkit trains with tasks of type chief and worker, not {', '.join(others)}")
        order = [(kind, index) for kind in ("chief", "worker") for index in range(len(cluster.get(kind, ())))]
        addresses = [cluster[kind][index] for kind, index in order]
        if not all(isinstance(cluster.get(kind, []), list) for kind in ("chief", "worker")):
            raise ValueError
        if not all(re.fullmatch(r".+:\d{1,5}", address) for address in addresses) or len(set(addresses)) < len(addresses):
            raise ValueError
        return order.index((task["type"], int(task["index"]))), addresses
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SettingsError(
            'TF_CONFIG is JSON such as {"cluster": {"worker": ["HOST:PORT", "HOST:PORT"]}, '
            '"task": {"type": "worker", "index": 0}}; '
            f"received: {text[:200]}"
        ) from None
