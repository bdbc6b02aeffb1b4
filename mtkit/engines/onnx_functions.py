"""The functions of an engine, by ONNX Runtime, from what `mtkit export` wrote; without TensorFlow."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import onnxruntime

from mtkit.arrays import load_arrays
from mtkit.errors import CheckpointError
from mtkit.search.shortlist import NO_TOKEN, OUT, filled_up


@dataclass(frozen=True)
class ExportedFiles:
    """The files of one precision.

    Attributes:
        start, step, best, best_of, judge: the models, for the functions of these names; see functions.py.
        output: the weights of the output layer.
    """

    start: Path
    step: Path
    best: Path
    best_of: Path
    judge: Path
    output: Path

    @classmethod
    def in_folder(cls, folder: Path, precision: str) -> "ExportedFiles":
        """Those of a folder, by the names that an export gives them."""
        models = {
            "start": "encoder",
            "step": "step",
            "best": "output",
            "best_of": "output-part",
            "judge": "output-given",
        }
        files = {name: folder / f"{part}-{precision}.onnx" for name, part in models.items()}
        return cls(**files, output=folder / f"output-{precision}.safetensors")

    @property
    def models(self) -> list[Path]:
        """The files that are models of ONNX."""
        return [self.start, self.step, self.best, self.best_of, self.judge]


class OnnxFunctions:
    """See `functions.Functions`; arrays are those of numpy. Safe from several threads.

    Args:
        size: of the target vocabulary.
    """

    def __init__(self, files: ExportedFiles, size: int):
        self.size = size
        self._files = files
        self._start, self._step, self._best = map(session, (files.start, files.step, files.best))
        self._names = input_names(self._step)
        self._memory = sum(name.startswith("memory_") for name in self._names)
        self.attends = self._memory > 0

    def start(self, source):
        arrays = self._start.run(None, {"source": source})
        return arrays[: self._memory], arrays[self._memory :]

    def step(self, memory, state, tokens):
        inputs = dict(zip(self._names, [*memory, *state, tokens], strict=True))
        readout, *state = self._step.run(None, inputs)
        attention = state.pop(0) if self.attends else None
        return readout, attention, state

    def best(self, readout, count):
        return self._best.run(None, {"readout": readout, "count": np.array(count, np.int32)})

    def output(self, ids=None):
        if ids is None:
            return self._output_of_all
        weights = dict(self._output_weights)
        shift = weights.pop("shift")[ids] + np.where(ids == NO_TOKEN, OUT, 0.0).astype(np.float32)
        return [{name: array.take(ids, axis=-1) for name, array in weights.items()} | {"shift": shift}]

    def best_of(self, readout, count, output, mask, bias):
        inputs = {"readout": readout, "count": np.array(count, np.int32), "mask": mask, "bias": bias}
        return self._best_of.run(None, inputs | output[0])

    def judge(self, readout, output, tokens):
        return self._judge.run(None, {"readout": readout, "tokens": tokens} | output[0])

    def take(self, array, rows):
        return array.take(rows, axis=0)

    def move(self, array, rows, places, size):
        array[places] = array[rows]
        return array[:size]

    # What only a part of the searches needs.

    @cached_property
    def _best_of(self):
        return session(self._files.best_of)

    @cached_property
    def _judge(self):
        return session(self._files.judge)

    @cached_property
    def _output_of_all(self) -> list:
        return self.output(filled_up(np.arange(self.size)))

    @cached_property
    def _output_weights(self) -> dict[str, np.ndarray]:
        return load_arrays(self._files.output)[0]


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
        name = "an ONNX model" if isinstance(model, bytes) else model
        raise CheckpointError(f"{name} cannot be loaded ({error}); run 'mtkit export' again") from None


def input_names(model: onnxruntime.InferenceSession) -> list[str]:
    """The names of what a model is given."""
    return [array.name for array in model.get_inputs()]
