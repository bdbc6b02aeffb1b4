"""The network. Written in keras and keras.ops; TensorFlow is its backend unless KERAS_BACKEND names
another.
"""

import contextlib
import os

from mtkit.errors import MtkitError

BACKENDS = ("tensorflow", "jax")

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")


@contextlib.contextmanager
def quiet_backend():
    """Silence what TensorFlow's C++ part writes to stderr of its own accord (which options do not reach).

    Only for a block that the user waits for anyway and in which Python prints nothing: an import, a first
    call.
    """
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


if os.environ["KERAS_BACKEND"] not in BACKENDS:
    raise MtkitError(
        f"KERAS_BACKEND is {os.environ['KERAS_BACKEND']!r}; the model runs on {' and '.join(BACKENDS)}"
    )
with quiet_backend():
    import keras


def need_tensorflow() -> None:
    """Raise MtkitError where Keras runs on something else, for an export, which is made of functions of
    TensorFlow.
    """
    if keras.backend.backend() != "tensorflow":
        raise MtkitError(
            f"an export is made by TensorFlow, and KERAS_BACKEND is {keras.backend.backend()!r}: run 'mtkit"
            " export' without it"
        )
