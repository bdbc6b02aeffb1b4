"""The functions of a Keras model as ONNX models, in float32 and int8."""

import logging
from pathlib import Path

import numpy as np
import onnx

from mtkit.decoding.engines import Engine
from mtkit.decoding.keras_functions import KerasFunctions
from mtkit.decoding.onnx_functions import OnnxFunctions, session
from mtkit.decoding.quantize import watching
from mtkit.decoding.translator import Tokenizers, Translator
from mtkit.errors import MtkitError
from mtkit.model import quiet_backend
from mtkit.settings import TranslateSettings

with quiet_backend():
    import tf2onnx

OPSET = 18


def converted(functions: KerasFunctions) -> list[onnx.ModelProto]:
    """Encoder and step as ONNX models; inputs and outputs are those of `engines.Functions`, in the same order."""
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    try:
        with quiet_backend():
            return [
                tf2onnx.convert.from_function(function, input_signature=function.input_signature, opset=OPSET)[0]
                for function in functions.traced()
            ]
    except Exception as error:  # whatever a converter of another house may raise must not end a training
        raise MtkitError(f"the model cannot be written as ONNX ({type(error).__name__}: {error})") from error


def write(models: list[onnx.ModelProto], files: list[Path]) -> None:
    """Write each model to its file."""
    for model, file in zip(models, files, strict=True):
        file.write_bytes(model.SerializeToString())


def activations(files: list[Path], tokenizers: Tokenizers, lines: list[str]) -> list[dict[str, float]]:
    """The largest absolute value of the activations of each product while lines are translated, for each of the two models."""
    recorder = Recorder(OnnxFunctions(*files, tokenizers.target.size))
    Translator(Engine(recorder), tokenizers, TranslateSettings(beam=1)).translate(lines)
    found = []
    for file, given in zip(files, recorder.given, strict=True):
        watched, names = watching(onnx.load(file))
        runner = session(watched.SerializeToString())
        inputs = [array.name for array in runner.get_inputs()]
        largest = [runner.run(None, dict(zip(inputs, arrays, strict=True))) for arrays in given]
        found.append(dict(zip(names, np.max(largest, axis=0).tolist(), strict=True)))
    return found


class Recorder:
    """Functions of an engine that keep what they are given."""

    def __init__(self, functions: OnnxFunctions):
        self.functions, self.size, self.attends, self.take = functions, functions.size, functions.attends, functions.take
        self.given: tuple[list, list] = ([], [])

    def start(self, source):
        self.given[0].append([source])
        return self.functions.start(source)

    def step(self, memory, state, tokens, count, bias):
        self.given[1].append([*memory, *state, tokens, np.array(count, np.int32), bias])
        return self.functions.step(memory, state, tokens, count, bias)
