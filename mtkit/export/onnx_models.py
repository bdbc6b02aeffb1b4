"""The functions of a Keras model as ONNX models, in float32 and int8."""

import logging

import numpy as np
import onnx
import tf2onnx

from mtkit.arrays import save_arrays
from mtkit.data.tokenizers import Tokenizers
from mtkit.engines.engine import Engine
from mtkit.engines.onnx_functions import ExportedFiles, OnnxFunctions, names, session
from mtkit.engines.tensorflow_functions import TensorflowFunctions
from mtkit.errors import MtkitError
from mtkit.export.int8_weights import in_int8
from mtkit.export.quantize import GIVEN, GIVEN_SCALE, watching
from mtkit.model.backend import quiet_backend
from mtkit.settings import TranslateSettings
from mtkit.translating.translator import Translator

OPSET = 18


def converted(functions: TensorflowFunctions) -> list[onnx.ModelProto]:
    """The models of `ExportedFiles.models`; inputs and outputs are those of `engine.Functions`, in the same
    order.
    """
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    try:
        with quiet_backend():
            return [
                tf2onnx.convert.from_function(
                    function, input_signature=function.input_signature, opset=OPSET
                )[0]
                for function in functions.traced()
            ]
    except Exception as error:  # whatever a converter of another house may raise must not end a training
        raise MtkitError(f"the model cannot be written as ONNX ({type(error).__name__}: {error})") from error


def write(models: list[onnx.ModelProto], output: dict[str, np.ndarray], files: ExportedFiles) -> None:
    """Write each model to its file, and the output layer (see `output_arrays`)."""
    for model, file in zip(models, files.models, strict=True):
        file.write_bytes(model.SerializeToString())
    save_arrays(files.output, output)


def output_arrays(functions: TensorflowFunctions, precision: str) -> dict[str, np.ndarray]:
    """The output layer: "matrix" [E, V], float32 or int8 with "matrix_scale" float32 [V], and "shift" float32
    [V].
    """
    matrix, shift = (np.array(array) for array in functions.output(np.arange(functions.size)))
    if precision == "float32":
        return {GIVEN: matrix, "shift": shift}
    numbers, scale = in_int8(matrix)
    return {GIVEN: numbers, GIVEN_SCALE: scale, "shift": shift}


def activations(files: ExportedFiles, tokenizers: Tokenizers, lines: list[str]) -> list[dict[str, float]]:
    """The largest absolute value of the activations of each product while lines are translated, for each of
    the models.
    """
    recorder = Recorder(OnnxFunctions(files, tokenizers.target.size))
    Translator(Engine(recorder), tokenizers, TranslateSettings(beam=1)).translate(lines)
    found = []
    for file, given in zip(files.models, recorder.given, strict=False):
        watched, watched_names = watching(onnx.load(file))
        runner = session(watched.SerializeToString())
        largest = [runner.run(None, dict(zip(names(runner), arrays, strict=True))) for arrays in given]
        found.append(dict(zip(watched_names, np.max(largest, axis=0).tolist(), strict=True)))
    return [*found, found[-1], found[-1]]  # the last three have the same activations


class Recorder:
    """Functions of an engine that keep what they are given."""

    def __init__(self, functions: OnnxFunctions):
        self.functions, self.size, self.attends, self.take = (
            functions,
            functions.size,
            functions.attends,
            functions.take,
        )
        self.given: tuple[list, list, list] = ([], [], [])

    def start(self, source):
        self.given[0].append([source])
        return self.functions.start(source)

    def step(self, memory, state, tokens):
        self.given[1].append([*memory, *state, tokens])
        return self.functions.step(memory, state, tokens)

    def best(self, readout, count):
        self.given[2].append([readout, np.array(count, np.int32)])
        return self.functions.best(readout, count)

    def move(self, array, rows, places, size):
        return self.functions.move(array.copy(), rows, places, size)
