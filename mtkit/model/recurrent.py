"""Recurrent cells and the loop over a sequence, with gradients written out by hand.

Why by hand: the gradient of a weight matrix is a sum over positions. Collected over the whole sequence it is
one large matrix product after the loop, where automatic differentiation makes a small product and an addition
at every position. Both cells have the same three functions, chosen by name from CELLS.

Shape letters: B sentences, T positions, D width of the state, G width of all gates (4D for LSTM, 3D for GRU).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from keras import ops

from mtkit.model.product import normalise, product, weight_gradient
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


@dataclass(frozen=True)
class Cell:
    """A recurrent cell as plain functions.

    Attributes:
        gates: G divided by D.
        states: arrays in the state; the first is the output h.
        sums: whether only the sum of inputs and h @ U matters, so that both can come from one product.
        forward: (inputs [B, G], h @ U [B, G], state) -> (state, what the gradient needs).
        derivatives: (what forward saved, the states before) for all positions, [T, B, ...] -> what backward
            multiplies by. Made for the whole sequence at once, because many small operations cost more than
            few large ones.
        backward: (gradient of the new state, derivatives of this position) -> gradients of inputs [B, G], of
            h @ U [B, G], and of the old state but for what reaches h through h @ U; None for none.
    """

    gates: int
    states: int
    sums: bool
    forward: Callable
    derivatives: Callable
    backward: Callable


def lstm_forward(inputs, hidden, state):
    """LSTM (Hochreiter and Schmidhuber 1997, with forget gates); gates in the order input, forget, output,
    candidate.
    """
    h, c = state
    width = h.shape[-1]
    z = inputs + hidden
    gates = ops.sigmoid(z[:, : 3 * width])
    candidate = ops.tanh(z[:, 3 * width :])
    i, f, o = gates[:, :width], gates[:, width : 2 * width], gates[:, 2 * width :]
    c = f * c + i * candidate
    squashed = ops.tanh(c)
    return (o * squashed, c), (gates, candidate, squashed)


def lstm_derivatives(saved, before):
    """Gradients of the gates' input by the new states, at all positions; [dc, dc, dh, dc] times the first is
    dz.
    """
    gates, candidate, squashed = saved
    width = candidate.shape[-1]
    i, f, o = gates[..., :width], gates[..., width : 2 * width], gates[..., 2 * width :]
    through_c = [candidate * i * (1.0 - i), before[1] * f * (1.0 - f)]
    by_gates = ops.concatenate(
        [*through_c, squashed * o * (1.0 - o), i * (1.0 - candidate * candidate)], axis=-1
    )
    return by_gates, o * (1.0 - squashed * squashed), f


def lstm_backward(upstream, derivatives):
    """Gradient of `lstm_forward`."""
    dh, dc = upstream
    by_gates, c_by_h, f = derivatives
    dc = dc + dh * c_by_h
    dz = ops.concatenate([dc, dc, dh, dc], axis=-1) * by_gates
    return dz, dz, (None, dc * f)


def gru_forward(inputs, hidden, state):
    """GRU (Cho et al. 2014, arXiv:1406.1078), reset applied after the product; gates in the order reset,
    update, candidate.
    """
    (h,) = state
    width = h.shape[-1]
    gates = ops.sigmoid(inputs[:, : 2 * width] + hidden[:, : 2 * width])
    r, u = gates[:, :width], gates[:, width:]
    hidden_candidate = hidden[:, 2 * width :]
    candidate = ops.tanh(inputs[:, 2 * width :] + r * hidden_candidate)
    return (u * h + (1.0 - u) * candidate,), (gates, candidate, hidden_candidate)


def gru_derivatives(saved, before):
    """Gradients of the inputs and of h @ U by the new state, at all positions; both times dh side by side
    three times.
    """
    gates, candidate, hidden_candidate = saved
    width = candidate.shape[-1]
    r, u = gates[..., :width], gates[..., width:]
    by_candidate = (1.0 - u) * (1.0 - candidate * candidate)
    by_gates = [by_candidate * hidden_candidate * r * (1.0 - r), (before[0] - candidate) * u * (1.0 - u)]
    by_inputs = ops.concatenate([*by_gates, by_candidate], axis=-1)
    return by_inputs, ops.concatenate([*by_gates, by_candidate * r], axis=-1), u


def gru_backward(upstream, derivatives):
    """Gradient of `gru_forward`."""
    (dh,) = upstream
    by_inputs, by_hidden, u = derivatives
    three = ops.concatenate([dh, dh, dh], axis=-1)
    return three * by_inputs, three * by_hidden, (dh * u,)


CELLS = {
    "lstm": Cell(
        gates=4,
        states=2,
        sums=True,
        forward=lstm_forward,
        derivatives=lstm_derivatives,
        backward=lstm_backward,
    ),
    "gru": Cell(
        gates=3, states=1, sums=False, forward=gru_forward, derivatives=gru_derivatives, backward=gru_backward
    ),
}


def through_hidden(dstate, dh):
    """The gradient of a state with what reached h through h @ U."""
    return (dh if dstate[0] is None else dstate[0] + dh, *dstate[1:])


def previous(stacked, initial):
    """The states before each step: [T, B, D] moved one position later, `initial` [B, D] first."""
    return ops.concatenate([ops.expand_dims(initial, 0), stacked[:-1]], axis=0)


def hidden_part(raw, gain):
    """What of h @ U reaches the gates: all as it is, or normalised and times the gain [G]; and what the
    gradient needs.
    """
    if gain is None:
        return raw, ()
    normal, inverse = normalise(raw)
    return normal * gain, (normal, inverse)


def hidden_part_backward(dhidden, gain, kept):
    """Gradient of `hidden_part` by h @ U. That of the gain is dhidden times the normal values, summed."""
    if gain is None:
        return dhidden
    normal, inverse = kept
    upstream = dhidden * gain
    along = ops.mean(upstream * normal, axis=-1, keepdims=True)
    return inverse * (upstream - ops.mean(upstream, axis=-1, keepdims=True) - normal * along)


def cell_step(cell: Cell, inputs, state, matrix, gain=None):
    """One position on.

    Args:
        inputs: float32 [B, G], the input-only part of the gates.
        state: of the cell, each float32 [B, D].
        matrix: U in the dtype of products, [D, G].
        gain: as for `run_cell`.

    Returns:
        (state, what the gradient needs of the cell, and of `hidden_part`).
    """
    hidden, kept = hidden_part(product(state[0], matrix), gain)
    return *cell.forward(inputs, hidden, state), kept


def run_cell(cell_name: str, inputs, recurrent, dtype: str, gain=None, training: bool = True):
    """Run a cell over a sequence from a zero state.

    Padding needs no mask here: rows start at position 0, and what comes after their end is not read.

    Args:
        cell_name: a name in CELLS.
        inputs: float32 [T, B, G], the input-only part of the gates, bias included.
        recurrent: float32 [D, G].
        dtype: of the matrix products, "float32" or "bfloat16".
        gain: float32 [G], the gain of layer normalisation of h @ U; None without.
        training: whether a gradient will be asked for; without one nothing is kept for it.

    Returns:
        float32 [T, B, D], the output at every position.
    """
    cell = CELLS[cell_name]
    if not training:
        return outputs_of(cell, inputs, ops.cast(recurrent, dtype), gain)

    @ops.custom_gradient
    def run(inputs, recurrent, *gains):
        gain = gains[0] if gains else None
        matrix = ops.cast(recurrent, dtype)
        width = recurrent.shape[0]
        zeros = ops.zeros((ops.shape(inputs)[1], width), "float32")
        initial = (zeros,) * cell.states

        def forward(state, x):
            state, saved, kept = cell_step(cell, x, state, matrix, gain)
            return state, (state, saved, kept)

        _, (states, saved, kept) = scan(forward, initial, inputs)
        before = tuple(previous(stack, zeros) for stack in states)

        def gradient(*args, upstream=None):
            upstream = args[0] if upstream is None else upstream
            turned = ops.transpose(matrix)

            def backward(dstate, step):
                doutput, derivatives, kept_here = step
                dstate = (dstate[0] + doutput, *dstate[1:])
                dinputs, dhidden, dstate = cell.backward(dstate, derivatives)
                draw = hidden_part_backward(dhidden, gain, kept_here)
                produced = (dinputs, draw) if gain is None else (dinputs, draw, dhidden)
                return through_hidden(dstate, product(draw, turned)), produced

            steps = (upstream, cell.derivatives(saved, before), kept)
            _, (dinputs, draw, *dhidden) = scan(backward, initial, steps, reverse=True)
            dgains = tuple(ops.sum(one * kept[0], axis=(0, 1)) for one in dhidden)
            return dinputs, weight_gradient(before[0], draw, dtype), *dgains

        return states[0], gradient

    return run(inputs, recurrent, *(() if gain is None else (gain,)))


def outputs_of(cell: Cell, inputs, matrix, gain):
    """What `run_cell` gives."""
    zeros = ops.zeros((ops.shape(inputs)[1], matrix.shape[0]), "float32")

    def forward(state, x):
        state, *_ = cell_step(cell, x, state, matrix, gain)
        return state, state[0]

    return scan(forward, (zeros,) * cell.states, inputs)[1]
