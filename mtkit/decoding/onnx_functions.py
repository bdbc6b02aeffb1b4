"""The functions of an engine, by ONNX Runtime, from what `mtkit export` wrote. Nothing here needs TensorFlow."""

from pathlib import Path

import numpy as np
import onnxruntime

from mtkit.errors import CheckpointError


class OnnxFunctions:
    """See `engines.Functions`; arrays are those of numpy. Searches in several threads may use it at the same time.

    Args:
        encoder, step: the two models.
        size: of the target vocabulary.
    """

    def __init__(self, encoder: Path, step: Path, size: int):
        self.size = size
        self._encoder, self._step = session(encoder), session(step)
        self._names = [array.name for array in self._step.get_inputs()]
        self._memory = sum(name.startswith("memory_") for name in self._names)
        self.attends = self._memory > 0

    def start(self, source: np.ndarray):
        arrays = self._encoder.run(None, {"source": source})
        return arrays[: self._memory], arrays[self._memory :]

    def step(self, memory, state, tokens, count, bias):
        given = [*memory, *state, tokens, np.array(count, np.int32), bias]
        scores, ids, *rest = self._step.run(None, dict(zip(self._names, given, strict=True)))
        return scores, ids, rest.pop(0) if self.attends else None, rest

    def take(self, array, rows):
        return array.take(rows, axis=0)


def session(model: Path | bytes) -> onnxruntime.InferenceSession:
    """A model (a file, or what would be in it) that runs in the thread that calls it.

    Batches side by side, a thread each, use the processor better than threads within a product.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises classes of its own, which have no common parent
        raise CheckpointError(f"{model} cannot be loaded ({error}); run 'mtkit export' again") from None
