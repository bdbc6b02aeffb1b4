"""A recurrent layer: a cell over a sequence, with its gradient by hand (gradient.py).

Shape letters: B sentences, T positions, I width of the input, D width of the state, G width of all gates.
"""

from functools import partial
from typing import NamedTuple

from keras import ops

from mtkit.model.cells import (
    CELLS,
    Cell,
    CellStep,
    cell_step,
    gain_gradient,
    hidden_part_backward,
    previous,
    through_hidden,
)
from mtkit.model.gradient import Recurrence, run_recurrence
from mtkit.model.product import product, weight_gradient
from mtkit.model.scan import scan


class CellWeights(NamedTuple):
    """The weights of a recurrent layer.

    Attributes:
        inputs: W, [I, G].
        recurrent: U, [D, G].
        bias: [G].
        input_gain, recurrent_gain: of layer normalisation of x @ W and of h @ U, [G]; None without.
    """

    inputs: object
    recurrent: object
    bias: object
    input_gain: object = None
    recurrent_gain: object = None


def run_cell(cell_name: str, inputs, recurrent, dtype: str, gain=None, training: bool = True):
    """Run a cell over a sequence from a zero state.

    Padding needs no mask here: rows start at position 0, and what comes after their end is not read.

    Args:
        cell_name: a name in CELLS.
        inputs: float32 [T, B, G], the input-only part of the gates, bias included.
        recurrent: float32 [D, G].
        dtype: of the matrix products, "float32", "bfloat16" or "float16".
        gain: float32 [G], the gain of layer normalisation of h @ U; None without.
        training: whether a gradient will be asked for; without one nothing is kept for it.

    Returns:
        float32 [T, B, D], the output at every position.
    """
    arguments = {"inputs": inputs, "recurrent": recurrent}
    if gain is not None:
        arguments["gain"] = gain
    make = partial(CellRecurrence, CELLS[cell_name], dtype)
    if training:
        return run_recurrence(make, arguments)
    loop = make(arguments)
    return scan(loop.output_step, loop.first, inputs)[1]


class CellRecurrence(Recurrence):
    """See `Recurrence`. A state is a tuple of arrays [B, D].

    Args:
        arguments: "inputs", "recurrent" and, with layer normalisation, "gain", as for `run_cell`.
    """

    def __init__(self, cell: Cell, dtype: str, arguments: dict):
        self.cell, self.dtype = cell, dtype
        self.inputs = arguments["inputs"]
        self.matrix = ops.cast(arguments["recurrent"], dtype)
        self.turned = ops.transpose(self.matrix)
        self.gain = arguments.get("gain")
        self.zeros = ops.zeros((ops.shape(self.inputs)[1], self.matrix.shape[0]), "float32")
        self.first = self.last_gradient = (self.zeros,) * cell.states

    def step(self, state, inputs):
        after = cell_step(self.cell, inputs, state, product(state[0], self.matrix), self.gain)
        return after.state, after

    def output_step(self, state, inputs):
        """As `step`, but only the output h is kept."""
        after, _ = self.step(state, inputs)
        return after, after[0]

    def outputs(self, kept: CellStep):
        return kept.state[0]

    def readings(self, kept: CellStep, upstream):
        before = tuple(previous(states, self.zeros) for states in kept.state)
        return upstream, self.cell.derivatives(kept.saved, before), kept.normal

    def step_backward(self, dstate, readings):
        doutput, derivatives, normal = readings
        by_cell = self.cell.backward((dstate[0] + doutput, *dstate[1:]), derivatives)
        dproduct = hidden_part_backward(by_cell.hidden, self.gain, normal)
        dbefore = through_hidden(by_cell.state, product(dproduct, self.turned))
        produced = {"inputs": by_cell.inputs, "product": dproduct}
        if self.gain is not None:
            produced["hidden"] = by_cell.hidden
        return dbefore, produced

    def gradients(self, kept: CellStep, dfirst, produced):
        h_before = previous(kept.state[0], self.zeros)
        gradients = {
            "inputs": produced["inputs"],
            "recurrent": weight_gradient(h_before, produced["product"], self.dtype),
        }
        if self.gain is not None:
            gradients["gain"] = gain_gradient(produced["hidden"], kept.normal)
        return gradients
