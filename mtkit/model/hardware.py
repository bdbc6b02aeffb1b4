"""What this machine does best: threads, speed of matrix products, arithmetic; and the end of its memory."""

import contextlib
import math
import os
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import keras
from keras import ops

from mtkit.errors import MtkitError
from mtkit.machine import available_threads

# (rows, inner, columns): one at which a processor shows all it can, and one step of a small recurrent layer.
LARGE_PRODUCT = (1024, 1024, 2048)
# Two for each multiplication and addition.
LARGE_OPERATIONS = 2.0 * math.prod(LARGE_PRODUCT)
SHAPES = (LARGE_PRODUCT, (128, 256, 1024))
REPEATS, TRIES = 2, 5
# The arithmetic that may be chosen by measuring.
PRECISIONS = ("float32", "bfloat16")
# Less than this is noise: stay with the exact arithmetic.
WORTHWHILE = 1.15
# More parts than these would be too small to be fast.
MOST_PARTS = 4


def use_threads(threads: int) -> int:
    """Set how many processor threads are used, 0 for all there are; how many parts of the work are then best
    done in parallel.

    The products in the loops of a small model are too small to be shared by threads: two parts of a batch
    with a thread each are done a fifth faster than the whole with two. Where there are GPUs, each of them
    does one part. JAX shares its work out by itself. Comes before all other use of the backend; where that is
    at work already, its own threads stay as they are.
    """
    if keras.backend.backend() == "jax":
        if threads:
            os.environ["NPROC"] = str(threads)  # read by XLA when it starts
        return 1
    import tensorflow as tf

    threads = threads or available_threads()
    count = len(tf.config.list_physical_devices("GPU")) or min(threads, MOST_PARTS)
    with contextlib.suppress(RuntimeError):
        tf.config.threading.set_inter_op_parallelism_threads(count)
        tf.config.threading.set_intra_op_parallelism_threads(max(1, threads // count))
    return count


def product_seconds(shape: tuple[int, int, int], dtype: str, parallel: int) -> list[float]:
    """Times of a matrix product of float32 arrays in a dtype, casts included, in seconds: one of each try.

    So many products are made in parallel; the time they take is shared out among all of them.
    """
    rows, inner, columns = shape
    left, right = ops.ones((rows, inner)), ops.cast(ops.ones((inner, columns)), dtype)

    def repeat(_: int) -> None:
        for _ in range(REPEATS):
            product = ops.cast(ops.matmul(ops.cast(left, dtype), right), "float32")
        ops.convert_to_numpy(product[0, 0])

    seconds = []
    with ThreadPoolExecutor(parallel) as pool:
        for _ in range(1 + TRIES):
            began = time.perf_counter()
            list(pool.map(repeat, range(parallel)))
            seconds.append((time.perf_counter() - began) / REPEATS / parallel)
    return seconds[1:]  # the first warms up


def gemm_rate(dtype: str, parallel: int) -> float:
    """Floating-point operations a second in a large matrix product, at best."""
    return LARGE_OPERATIONS / min(product_seconds(LARGE_PRODUCT, dtype, parallel))


def usual_gemm_rate(dtype: str, parallel: int) -> float:
    """As `gemm_rate`, but as it goes here and now, with what else this machine does."""
    return LARGE_OPERATIONS / statistics.mean(product_seconds(LARGE_PRODUCT, dtype, parallel))


def faster_precision(parallel: int) -> str:
    """The arithmetic of matrix products for this machine.

    Returns:
        "bfloat16" where it is clearly faster than float32, in large products and small ones; else "float32".
    """
    gains = [
        min(product_seconds(shape, "float32", parallel)) / min(product_seconds(shape, "bfloat16", parallel))
        for shape in SHAPES
    ]
    return "bfloat16" if min(gains) > 1.0 and gains[0] > WORTHWHILE else "float32"


@contextlib.contextmanager
def enough_memory() -> Iterator[None]:
    """A block in which an end of memory, of the processor or a GPU, is an MtkitError that says what helps."""
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise MtkitError(
            "the memory is not enough for this training; train with a smaller --batch-tokens, or a smaller"
            " model. What was saved last is whole; with another batch size or model --force begins anew"
        ) from None


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error of Python, TensorFlow or JAX says that there is no memory left."""
    named = type(error).__name__ == "ResourceExhaustedError" or "RESOURCE_EXHAUSTED" in str(error)
    return named or isinstance(error, MemoryError)
