"""What this machine does best: its threads, its speed of matrix products, the arithmetic to choose."""

import time

from keras import ops

# (rows, inner, columns): one at which a processor shows all it can, and one step of a small recurrent layer.
LARGE_PRODUCT = (2048, 1024, 2048)
SMALL_PRODUCT = (128, 256, 1024)
REPEATS = 10
# Less than this is noise: stay with the exact arithmetic.
WORTHWHILE = 1.15


def use_threads(threads: int) -> None:
    """Bound TensorFlow's processor threads; 0 leaves all. Comes before all other use of it."""
    if threads:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)


def product_seconds(shape: tuple[int, int, int], dtype: str) -> float:
    """Shortest time of one matrix product of float32 arrays in a dtype, casts included, in seconds."""
    rows, inner, columns = shape
    left, right = ops.ones((rows, inner)), ops.cast(ops.ones((inner, columns)), dtype)

    def once() -> float:
        began = time.perf_counter()
        product = ops.cast(ops.matmul(ops.cast(left, dtype), right), "float32")
        ops.convert_to_numpy(product[0, 0])
        return time.perf_counter() - began

    once()
    return min(once() for _ in range(REPEATS))


def gemm_rate(dtype: str, shape: tuple[int, int, int] = LARGE_PRODUCT) -> float:
    """Floating-point operations a second in a matrix product, two for each multiplication and addition."""
    rows, inner, columns = shape
    return 2.0 * rows * inner * columns / product_seconds(shape, dtype)


def faster_precision() -> str:
    """"bfloat16" where this machine multiplies clearly faster in it than in float32, large and small alike; else "float32"."""
    gains = [product_seconds(shape, "float32") / product_seconds(shape, "bfloat16") for shape in (LARGE_PRODUCT, SMALL_PRODUCT)]
    return "bfloat16" if min(gains) > 1.0 and gains[0] > WORTHWHILE else "float32"
