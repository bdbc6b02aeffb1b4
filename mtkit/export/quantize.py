"""Products of small whole numbers in an ONNX model: half the time, a quarter of the size.

A product of activations and a weight matrix becomes one of uint8 and int8. Weights have a scale for each
column; activations have one fixed scale, the largest value that sample text brought forth. A scale found anew
in every batch would be a little better, but would let a translation depend on what else is in its batch.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np
import onnx
from onnx import helper, numpy_helper

from mtkit.export.int8_weights import in_int8

# A product with fewer columns than this takes longer to prepare than to do.
FEWEST_COLUMNS = 16
ZERO = 128


# The input of a model that is a weight matrix, and the scale of each of its columns.
GIVEN, GIVEN_SCALE = "matrix", "matrix_scale"


def products(model: onnx.ModelProto) -> list[tuple[onnx.NodeProto, np.ndarray | None]]:
    """The products with a weight matrix that are worth it: (node, weights float32 [I, O], or None where they
    are given).
    """
    constants = {constant.name: constant for constant in model.graph.initializer}
    found = []
    for node in model.graph.node:
        if node.op_type != "MatMul":
            continue
        if node.input[1] == GIVEN:
            found.append((node, None))
        elif node.input[1] in constants:
            weights = numpy_helper.to_array(constants[node.input[1]])
            if weights.ndim == 2 and weights.shape[1] >= FEWEST_COLUMNS:
                found.append((node, weights))
    return found


def watching(model: onnx.ModelProto) -> tuple[onnx.ModelProto, list[str]]:
    """A model that gives the largest absolute value of the activations of each product instead, and the names
    of these outputs.
    """
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    names = [node.input[0] for node, _ in products(model)]
    del watched.graph.output[:]
    for name in dict.fromkeys(names):
        watched.graph.node.append(helper.make_node("Abs", [name], [f"{name}_absolute"]))
        watched.graph.node.append(
            helper.make_node("ReduceMax", [f"{name}_absolute"], [f"{name}_largest"], keepdims=0)
        )
        watched.graph.output.append(
            helper.make_tensor_value_info(f"{name}_largest", onnx.TensorProto.FLOAT, [])
        )
    return watched, list(dict.fromkeys(names))


def quantized(model: onnx.ModelProto, largest: dict[str, float]) -> onnx.ModelProto:
    """The model with its products in int8. A given matrix is int8 then too, and its scale is given beside it.

    Args:
        largest: the largest absolute value of the activations of each product, by the name of the array.
    """
    small = onnx.ModelProto()
    small.CopyFrom(model)
    graph = small.graph
    chosen = {node.output[0]: weights for node, weights in products(model)}
    sums = sums_with_vectors(graph, set(chosen))
    nodes, made = [], set()

    def constant(name: str, array: np.ndarray) -> str:
        if name not in made:
            made.add(name)
            graph.initializer.append(numpy_helper.from_array(array, name))
        return name

    for node in graph.node:
        if node.output[0] in sums.skipped:
            continue
        if node.output[0] not in chosen:
            nodes.append(node)
            continue
        activations, matrix = node.input
        scale = constant(f"{activations}_scale", np.float32(max(largest[activations], 1e-12) / 127))
        zero = constant("zero", np.uint8(ZERO))
        if f"{activations}_int8" not in made:
            made.add(f"{activations}_int8")
            nodes.append(
                helper.make_node("QuantizeLinear", [activations, scale, zero], [f"{activations}_int8"])
            )
        weights = chosen[node.output[0]]
        if weights is None:
            whole, matrix_scale = GIVEN, GIVEN_SCALE
            next(
                array for array in graph.input if array.name == GIVEN
            ).type.tensor_type.elem_type = onnx.TensorProto.INT8
            graph.input.append(helper.make_tensor_value_info(GIVEN_SCALE, onnx.TensorProto.FLOAT, [None]))
        else:
            numbers, scales = in_int8(weights)
            whole, matrix_scale = constant(f"{matrix}_int8", numbers), constant(f"{matrix}_scale", scales)
        given = [f"{activations}_int8", whole, scale, matrix_scale, zero]
        output, vector = sums.of.get(node.output[0], (node.output[0], None))
        given += ["", vector] if vector else []
        nodes.append(
            helper.make_node("MatMulIntegerToFloat", given, [output], node.name, domain="com.microsoft")
        )
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input} | {
        name for node in nodes for name in inner_inputs(node)
    }
    kept = [constant for constant in graph.initializer if constant.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    small.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return small


class Sums(NamedTuple):
    """Sums of a product and a vector, which are computed together.

    Attributes:
        of: by the product: (the sum, the vector).
        skipped: the sums.
    """

    of: dict[str, tuple[str, str]]
    skipped: set[str]


def sums_with_vectors(graph: onnx.GraphProto, products: set[str]) -> Sums:
    """The sums with a vector of what these products give, where nothing else needs that."""
    vectors = {constant.name for constant in graph.initializer if len(constant.dims) == 1}
    vectors |= {array.name for array in graph.input if len(array.type.tensor_type.shape.dim) == 1}
    users = Counter(name for node in graph.node for name in (*node.input, *inner_inputs(node)))
    of = {}
    for node in graph.node:
        for product, vector in (node.input, reversed(node.input)) if node.op_type == "Add" else ():
            if product in products and vector in vectors and users[product] == 1:
                of[product] = (node.output[0], vector)
    return Sums(of, {total for total, _ in of.values()})


def inner_inputs(node: onnx.NodeProto):
    """Names that the graphs inside a node (the body of a loop) take from outside."""
    for attribute in node.attribute:
        for inner in attribute.g.node:
            yield from inner.input
            yield from inner_inputs(inner)
