"""Keras and what it runs on: TensorFlow, unless KERAS_BACKEND names another.

Before a module is imported that imports Keras, `load_backend` is called; as late as can be: it takes seconds.
"""

import functools
import os
import threading

from mtkit.errors import MtkitError

BACKENDS = ("tensorflow", "jax")


@functools.cache
def load_backend() -> str:
    """Import Keras with its backend, without a word of theirs on stderr; only the first call does anything.

    Returns:
        The name of the backend, in BACKENDS.

    Raises:
        MtkitError: KERAS_BACKEND names another one.
    """
    # Read by TensorFlow and Keras when they are imported.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    backend = os.environ.setdefault("KERAS_BACKEND", BACKENDS[0])
    if backend not in BACKENDS:
        raise MtkitError(f"KERAS_BACKEND is {backend!r}; the model runs on {' and '.join(BACKENDS)}")
    with quiet_backend():
        import keras
    return keras.backend.backend()


def need_tensorflow() -> None:
    """Load the backend for an export, which is made of functions of TensorFlow.

    Raises:
        MtkitError: Keras runs on something else.
    """
    backend = load_backend()
    if backend != "tensorflow":
        raise MtkitError(
            f"an export is made by TensorFlow, and KERAS_BACKEND is {backend!r}:"
            " run 'mtkit export' without it"
        )


class Silence:
    """stderr that leads nowhere while any block, of any thread, asks for it."""

    def __init__(self):
        self._lock = threading.Lock()
        self._blocks = 0
        self._stderr = -1

    def __enter__(self):
        with self._lock:
            if not self._blocks:
                self._stderr = os.dup(2)
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, 2)
                os.close(nowhere)
            self._blocks += 1

    def __exit__(self, *_):
        with self._lock:
            self._blocks -= 1
            if not self._blocks:
                os.dup2(self._stderr, 2)
                os.close(self._stderr)


_SILENCE = Silence()


def quiet_backend() -> Silence:
    """Silence what TensorFlow's C++ part writes to stderr of its own accord (which options do not reach).

    Only for a block that the user waits for anyway, and in which Python prints nothing: an import, a first
    call.
    """
    return _SILENCE
