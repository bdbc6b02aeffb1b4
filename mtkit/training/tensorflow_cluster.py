"""Workers that TensorFlow connects."""

import contextlib
from dataclasses import dataclass

import tensorflow as tf

from mtkit.errors import MtkitError, SettingsError
from mtkit.model.backend import quiet_backend
from mtkit.training.cluster import Cluster

GONE = (
    "another worker of this job is gone or cannot be reached ({problem}); the weights saved last are whole: "
    "start all workers again to go on"
)


@dataclass(frozen=True)
class TensorflowCluster(Cluster):
    """See `Cluster`.

    Attributes:
        strategy: what connects them.
    """

    strategy: tf.distribute.Strategy | None = None

    def total(self, values: list[tf.Tensor]) -> list[tf.Tensor]:
        def add_up(values):
            here = [tf.identity(value) for value in values]  # on the device of this worker
            return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, here)

        return self.strategy.run(add_up, (values,))

    @contextlib.contextmanager
    def watched(self):
        try:
            yield
        except tf.errors.OpError as error:
            raise MtkitError(GONE.format(problem=type(error).__name__)) from None

    def _sum_of(self, number: float) -> float:
        return float(_sum_over(self, tf.constant(number, tf.float64)))


@tf.function(autograph=False)
def _sum_over(cluster: TensorflowCluster, number: tf.Tensor) -> tf.Tensor:
    return cluster.total([number])[0]


def connected(index: int, size: int) -> TensorflowCluster:
    """This worker among those that TF_CONFIG names; all are there.

    Raises:
        MtkitError, SettingsError: see `workers.join_workers`.
    """
    with quiet_backend():
        try:
            strategy = tf.distribute.MultiWorkerMirroredStrategy()
        except (tf.errors.OpError, RuntimeError, ValueError) as error:
            raise MtkitError(f"the workers of TF_CONFIG cannot be joined: {error}") from None
    if strategy.num_replicas_in_sync != size:
        raise SettingsError(
            "a worker uses one GPU: start a worker for each of them, with CUDA_VISIBLE_DEVICES and a line of"
            " TF_CONFIG of its own"
        )
    return TensorflowCluster(index, size, strategy)
