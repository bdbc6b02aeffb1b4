"""Products of small whole numbers in an ONNX model: half the time, a quarter of the size.

A product of activations and a weight matrix becomes one of uint8 and int8. Weights have a scale for each
column; activations have one fixed scale, the largest value that sample text brought forth. A scale found anew
in every batch would be a little better, but would let a translation depend on what else is in its batch.

`onnxruntime.quantization` was compared (1.32, quantize_static with scales for each column, a small RNN and
a small Transformer of 6,000 pairs, a processor with AVX2). Its scales are fixed too, but what it cannot
express are matrices that are given (of the shortlist and of given translations: two of the five models),
and scales that keep neighbours from being cut off: it can only halve all weights (`reduce_range`). The log-
probability of a token of the reference was off, on average, by 0.007 and 0.010 here, 0.016 and 0.016 with
halved weights, 0.070 and 0.045 with whole ones; the search took 1.04-1.15 times as long, the files were
1-3% larger, and loaded in 1.3-1.4 times the time. It would save half of this file.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import onnx
from onnx import helper, numpy_helper

from mtkit.export.int8_weights import in_int8

# A product with fewer columns than this takes longer to prepare than to do.
FEWEST_COLUMNS = 16
# What 0.0 is as uint8.
ZERO = 128
LARGEST = 127
# Activations that are always 0 have a scale too.
SMALLEST_ACTIVATION = 1e-12
# The input of a model that is a weight matrix, and the scale of each of its columns.
GIVEN, GIVEN_SCALE = "matrix", "matrix_scale"


class Product(NamedTuple):
    """A product of activations and a weight matrix.

    Attributes:
        node: its inputs are the activations and the matrix.
        weights: float32 [I, O], or None where they are an input of the model.
    """

    node: onnx.NodeProto
    weights: np.ndarray | None


def products(graph: onnx.GraphProto) -> list[Product]:
    """The products with a weight matrix that are worth it."""
    constants = {constant.name: constant for constant in graph.initializer}
    worth_it = []
    for node in graph.node:
        if node.op_type != "MatMul":
            continue
        matrix = node.input[1]
        if matrix == GIVEN:
            worth_it.append(Product(node, None))
        elif matrix in constants:
            weights = numpy_helper.to_array(constants[matrix])
            if weights.ndim == 2 and weights.shape[1] >= FEWEST_COLUMNS:
                worth_it.append(Product(node, weights))
    return worth_it


class Watched(NamedTuple):
    """A model that gives the largest absolute value of the activations of each product, and nothing else.

    Attributes:
        model: its outputs are these values.
        names: of the arrays that they are of.
    """

    model: onnx.ModelProto
    names: list[str]


def watched(model: onnx.ModelProto) -> Watched:
    """A model that watches the activations of another."""
    watching = onnx.ModelProto()
    watching.CopyFrom(model)
    graph = watching.graph
    names = list(dict.fromkeys(product.node.input[0] for product in products(graph)))
    del graph.output[:]
    for name in names:
        absolute, largest = f"{name}_absolute", f"{name}_largest"
        graph.node.append(helper.make_node("Abs", [name], [absolute]))
        graph.node.append(helper.make_node("ReduceMax", [absolute], [largest], keepdims=0))
        graph.output.append(helper.make_tensor_value_info(largest, onnx.TensorProto.FLOAT, []))
    return Watched(watching, names)


def quantized(model: onnx.ModelProto, largest: dict[str, float]) -> onnx.ModelProto:
    """The model with its products in int8. A given matrix is int8 then too, and its scale is given beside it.

    Args:
        largest: the largest absolute value of the activations of each product, by the name of the array.
    """
    small = onnx.ModelProto()
    small.CopyFrom(model)
    Quantization(small.graph, largest).run()
    small.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return small


class Quantization:
    """Puts products of whole numbers into the place of those of a graph.

    Args:
        largest: see `quantized`.
    """

    def __init__(self, graph: onnx.GraphProto, largest: dict[str, float]):
        self._graph = graph
        self._largest = largest
        self._products = {product.node.output[0]: product for product in products(graph)}
        self._sums = sums_with_vectors(graph, set(self._products))
        self._nodes: list[onnx.NodeProto] = []
        # Names of constants and of activations in int8 that are there already.
        self._made: set[str] = set()

    def run(self) -> None:
        """Change the graph."""
        for node in self._graph.node:
            product = self._products.get(node.output[0])
            if product:
                self._add_product(product)
            elif node.output[0] not in self._sums.skipped:
                self._nodes.append(node)
        del self._graph.node[:]
        self._graph.node.extend(self._nodes)
        self._drop_unused_constants()

    def _add_product(self, product: Product) -> None:
        """Add a product of whole numbers, and the vector that is added to it if there is one."""
        activations, matrix = product.node.input
        largest = max(self._largest[activations], SMALLEST_ACTIVATION)
        scale = self._constant(f"{activations}_scale", np.float32(largest / LARGEST))
        zero = self._constant("zero", np.uint8(ZERO))
        small_activations = self._quantized_activations(activations, scale, zero)
        if product.weights is None:
            small_matrix, matrix_scale = self._given_matrix()
        else:
            numbers, scales = in_int8(product.weights)
            small_matrix = self._constant(f"{matrix}_int8", numbers)
            matrix_scale = self._constant(f"{matrix}_scale", scales)
        inputs = [small_activations, small_matrix, scale, matrix_scale, zero]
        output = product.node.output[0]
        if output in self._sums.of:
            output, vector = self._sums.of[output]
            inputs += ["", vector]  # the matrix has no zero of its own
        self._nodes.append(
            helper.make_node(
                "MatMulIntegerToFloat", inputs, [output], product.node.name, domain="com.microsoft"
            )
        )

    def _constant(self, name: str, array: np.ndarray) -> str:
        if name not in self._made:
            self._made.add(name)
            self._graph.initializer.append(numpy_helper.from_array(array, name))
        return name

    def _quantized_activations(self, activations: str, scale: str, zero: str) -> str:
        name = f"{activations}_int8"
        if name not in self._made:
            self._made.add(name)
            self._nodes.append(helper.make_node("QuantizeLinear", [activations, scale, zero], [name]))
        return name

    def _given_matrix(self) -> tuple[str, str]:
        """Make the given matrix int8; its name, and that of its scale, which is given too."""
        matrix = next(array for array in self._graph.input if array.name == GIVEN)
        matrix.type.tensor_type.elem_type = onnx.TensorProto.INT8
        scale = helper.make_tensor_value_info(GIVEN_SCALE, onnx.TensorProto.FLOAT, [None])
        self._graph.input.append(scale)
        return GIVEN, GIVEN_SCALE

    def _drop_unused_constants(self) -> None:
        used: set[str] = set()
        for node in self._graph.node:
            used.update(node.input, inner_inputs(node))
        kept = [constant for constant in self._graph.initializer if constant.name in used]
        del self._graph.initializer[:]
        self._graph.initializer.extend(kept)


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
    users: Counter[str] = Counter()
    for node in graph.node:
        users.update([*node.input, *inner_inputs(node)])
    sums = {}
    for node in graph.node:
        if node.op_type != "Add":
            continue
        for product, vector in (node.input, reversed(node.input)):
            if product in products and vector in vectors and users[product] == 1:
                sums[product] = (node.output[0], vector)
    return Sums(sums, {total for total, _ in sums.values()})


def inner_inputs(node: onnx.NodeProto) -> Iterator[str]:
    """Names that the graphs inside a node (the body of a loop) take from outside."""
    for attribute in node.attribute:
        for inner in attribute.g.node:
            yield from inner.input
            yield from inner_inputs(inner)
