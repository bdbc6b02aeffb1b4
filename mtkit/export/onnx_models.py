"""The functions of a Keras model as ONNX models, in float32 and int8."""

import logging
from pathlib import Path

import numpy as np
import onnx
import tf2onnx

from mtkit.arrays import save_arrays
from mtkit.data.tokenizers import Tokenizers
from mtkit.engines.onnx_functions import ExportedFiles
from mtkit.engines.tensorflow_functions import TensorflowFunctions
from mtkit.errors import MtkitError
from mtkit.export.activations import largest_activations
from mtkit.export.int8_weights import in_int8
from mtkit.export.quantize import GIVEN, GIVEN_SCALE, quantized
from mtkit.model.backend import quiet_backend

OPSET = 18


def converted(functions: TensorflowFunctions) -> list[onnx.ModelProto]:
    """The models of `ExportedFiles.models`, float32.

    Their inputs and outputs are those of `functions.Functions`, in the same order.
    """
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    try:
        with quiet_backend():
            return [as_model(function) for function in functions.traced()]
    except Exception as error:  # whatever a converter of another house may raise must not end a training
        raise MtkitError(f"the model cannot be written as ONNX ({type(error).__name__}: {error})") from error


def as_model(function) -> onnx.ModelProto:
    """A function of TensorFlow with an input signature as a model."""
    model, _ = tf2onnx.convert.from_function(function, input_signature=function.input_signature, opset=OPSET)
    return model


def write_models(
    models: list[onnx.ModelProto],
    functions: TensorflowFunctions,
    folder: Path,
    tokenizers: Tokenizers,
    lines: list[str],
) -> None:
    """Write models in float32 and int8, each with its output layer.

    Args:
        models: of these functions; see `converted`.
        lines: to choose the scales of int8 by.
    """
    plain = ExportedFiles.in_folder(folder, "float32")
    write(models, output_arrays(functions, "float32"), plain)
    activations = largest_activations(plain, tokenizers, lines)
    small = [quantized(model, largest) for model, largest in zip(models, activations, strict=True)]
    write(small, output_arrays(functions, "int8"), ExportedFiles.in_folder(folder, "int8"))


def write(models: list[onnx.ModelProto], output: dict[str, np.ndarray], files: ExportedFiles) -> None:
    """Write each model to its file, and the output layer (see `output_arrays`)."""
    for model, file in zip(models, files.models, strict=True):
        file.write_bytes(model.SerializeToString())
    save_arrays(files.output, output)


def output_arrays(functions: TensorflowFunctions, precision: str) -> dict[str, np.ndarray]:
    """The output layer.

    Returns:
        "matrix" [E, V], float32, or int8 with "matrix_scale" float32 [V]; and "shift" float32 [V].
    """
    matrix, shift = (np.array(array) for array in functions.output(np.arange(functions.size)))
    if precision == "float32":
        return {GIVEN: matrix, "shift": shift}
    numbers, scales = in_int8(matrix)
    return {GIVEN: numbers, GIVEN_SCALE: scales, "shift": shift}
