"""What this machine does best: its threads, its speed of matrix products, the arithmetic to choose."""

import contextlib
import os
import time
from concurrent.futures import ThreadPoolExecutor

from keras import ops

# (rows, inner, columns): one at which a processor shows all it can, and one step of a small recurrent layer.
LARGE_PRODUCT = (1024, 1024, 2048)
SHAPES = (LARGE_PRODUCT, (128, 256, 1024))
REPEATS, TRIES = 2, 5
# Less than this is noise: stay with the exact arithmetic.
WORTHWHILE = 1.15
# More than these would cut batches into parts too small to be fast.
MOST_WORKERS = 4


def use_threads(threads: int) -> int:
    """Share processor threads out among workers, 0 for all there are, and say how many workers these are.

    A worker is a thread that does a part of a batch, or a batch, from beginning to end. The products in the loops of a small
    model are too small to be shared by threads: two workers with a thread each are a fifth faster than one with two. Comes
    before all other use of TensorFlow; where that is at work already, its own threads stay as they are.
    """
    import tensorflow as tf

    threads = threads or available_threads()
    count = 1 if tf.config.list_physical_devices("GPU") else min(threads, MOST_WORKERS)
    with contextlib.suppress(RuntimeError):
        tf.config.threading.set_inter_op_parallelism_threads(count)
        tf.config.threading.set_intra_op_parallelism_threads(max(1, threads // count))
    return count


def available_threads() -> int:
    """Processor threads that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def product_seconds(shape: tuple[int, int, int], dtype: str, workers: int) -> float:
    """Shortest time of a matrix product of float32 arrays in a dtype, casts included, in seconds.

    Every worker makes products at the same time; the time they take is shared out among all of them.
    """
    rows, inner, columns = shape
    left, right = ops.ones((rows, inner)), ops.cast(ops.ones((inner, columns)), dtype)

    def repeat(_: int) -> None:
        for _ in range(REPEATS):
            product = ops.cast(ops.matmul(ops.cast(left, dtype), right), "float32")
        ops.convert_to_numpy(product[0, 0])

    with ThreadPoolExecutor(workers) as pool:

        def once() -> float:
            began = time.perf_counter()
            list(pool.map(repeat, range(workers)))
            return (time.perf_counter() - began) / REPEATS / workers

        once()
        return min(once() for _ in range(TRIES))


def gemm_rate(dtype: str, workers: int, shape: tuple[int, int, int] = LARGE_PRODUCT) -> float:
    """Floating-point operations a second in a matrix product, two for each multiplication and addition."""
    rows, inner, columns = shape
    return 2.0 * rows * inner * columns / product_seconds(shape, dtype, workers)


def faster_precision(workers: int) -> str:
    """"bfloat16" where this machine multiplies clearly faster in it than in float32, large and small alike; else "float32"."""
    gains = [product_seconds(shape, "float32", workers) / product_seconds(shape, "bfloat16", workers) for shape in SHAPES]
    return "bfloat16" if min(gains) > 1.0 and gains[0] > WORTHWHILE else "float32"
