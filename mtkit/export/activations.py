"""How large the activations of exported models become, while sample text is translated."""

import numpy as np
import onnx

from mtkit.data.tokenizers import Tokenizers
from mtkit.engines.choice import OneEngine
from mtkit.engines.onnx_functions import ExportedFiles, OnnxFunctions, input_names, session
from mtkit.engines.step_engine import StepEngine
from mtkit.export.quantize import watched
from mtkit.settings.search import Search
from mtkit.translating.demands import Demands
from mtkit.translating.translator import Translator


def largest_activations(
    files: ExportedFiles, tokenizers: Tokenizers, lines: list[str]
) -> list[dict[str, float]]:
    """The largest absolute value of the activations of each product while lines are translated.

    Returns:
        For each of the models the values by the names of the arrays.
    """
    recorder = Recorder(OnnxFunctions(files, tokenizers.target.size))
    translator = Translator(tokenizers, OneEngine(StepEngine(recorder)))
    translator.translate(lines, Search(beam=1), demands=Demands(whole_lines=True))
    start, step, best = (
        largest_of(onnx.load(file), inputs)
        for file, inputs in zip(files.models, recorder.inputs, strict=False)
    )
    return [start, step, best, best, best]  # the last three have the same activations


def largest_of(model: onnx.ModelProto, inputs: list[list[np.ndarray]]) -> dict[str, float]:
    """The largest values of a model, which is run with each of these lists of inputs."""
    watching = watched(model)
    runner = session(watching.model.SerializeToString())
    values = [runner.run(None, dict(zip(input_names(runner), arrays, strict=True))) for arrays in inputs]
    return dict(zip(watching.names, np.max(values, axis=0).tolist(), strict=True))


class Recorder:
    """Functions of an engine that keep what they are given.

    Attributes:
        inputs: of `start`, `step` and `best`, a list for each call.
    """

    def __init__(self, functions: OnnxFunctions):
        self.functions = functions
        self.size = functions.size
        self.attends = functions.attends
        self.take = functions.take
        self.inputs: tuple[list, list, list] = ([], [], [])

    def start(self, source):
        self.inputs[0].append([source])
        return self.functions.start(source)

    def step(self, memory, state, tokens):
        self.inputs[1].append([*memory, *state, tokens])
        return self.functions.step(memory, state, tokens)

    def best(self, readout, count):
        self.inputs[2].append([readout, np.array(count, np.int32)])
        return self.functions.best(readout, count)

    def move(self, array, rows, places, size):
        return self.functions.move(array.copy(), rows, places, size)  # what is kept must not change
