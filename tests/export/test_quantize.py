"""Products in int8 are those of whole numbers, whatever the processor is."""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from mtkit.export.int8_weights import in_int8
from mtkit.export.quantize import ZERO, quantized


def product(weights):
    """The model of a product of "x" and a weight matrix."""
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "weights"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, len(weights)])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, weights.shape[1]])],
        [numpy_helper.from_array(weights, "weights")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


@pytest.mark.parametrize("rows", [1, 40])
@pytest.mark.parametrize("inner", [16, 17, 30, 515])
@pytest.mark.parametrize("sign", [0, 1, -1])
def test_products_of_whole_numbers_are_exact(rows, inner, sign):
    """Where nothing is cut off: activations and weights that are all large, of one sign or of both."""
    draw = np.random.default_rng(inner)
    weights = draw.uniform(-1, 1, (inner, 32)).astype(np.float32)
    activations = draw.uniform(-2, 2, (rows, inner)).astype(np.float32)
    if sign:
        weights, activations = sign * np.abs(weights), np.full_like(activations, 2)
    model = quantized(product(weights), {"x": 2.0})
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (products,) = session.run(None, {"x": activations})
    numbers, scales = in_int8(weights)
    scale = np.float32(2 / 127)
    whole = np.clip(np.round(activations / scale) + ZERO, 0, 255).astype(np.int64) - ZERO
    exact = (whole @ numbers.astype(np.int64)) * scale * scales
    np.testing.assert_allclose(products, exact, rtol=1e-5, atol=1e-5)
    assert np.abs(products - activations @ weights).max() < 0.01 * inner


def test_scales_are_as_fine_as_that_allows():
    weights = np.array([[1.0, 1.0, 0.5], [1.0, -1.0, 0.25], [-0.5, 0.5, 0.0]], np.float32)
    numbers, scales = in_int8(np.hstack([weights, np.zeros((3, 1), np.float32)]))
    np.testing.assert_allclose(scales[:3], np.array([2.0, 1.0, 0.75]) / 127, rtol=1e-6)
    np.testing.assert_array_equal(numbers[:, 1], [127, -127, 64])
    assert np.abs(numbers[:2].astype(int).sum(axis=0)).max() <= 128 and not numbers[:, 3].any()
