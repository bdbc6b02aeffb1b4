"""Recurrent cells as plain functions, with their gradients written out by hand; chosen by name from CELLS.

Shape letters: B sentences, T positions, D width of the state, G width of all gates (4D for LSTM, 3D for GRU).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from keras import ops

from mtkit.model.product import normalise


@dataclass(frozen=True)
class Cell:
    """A recurrent cell.

    Attributes:
        gates: G divided by D.
        states: arrays in the state; the first is the output h.
        sums: whether only the sum of inputs and h @ U matters, so that both can come from one product.
        forward: (inputs [B, G], h @ U [B, G], state) -> (state, what the gradient needs).
        derivatives: (what forward saved, the states before) for all positions, [T, B, ...] -> what backward
            multiplies by.
        backward: (gradient of the new state, derivatives of this position) -> `CellGradient`.
    """

    gates: int
    states: int
    sums: bool
    forward: Callable
    derivatives: Callable
    backward: Callable[..., "CellGradient"]


class CellGradient(NamedTuple):
    """The gradients of what a cell reads.

    Attributes:
        inputs: [B, G].
        hidden: of h @ U, [B, G].
        state: of the old state but for what reaches h through h @ U, arrays [B, D]; None for none.
    """

    inputs: Any
    hidden: Any
    state: tuple


def lstm_forward(inputs, hidden, state):
    """LSTM (Hochreiter and Schmidhuber 1997, with forget gates); gates: input, forget, output, candidate."""
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
    """At all positions: dz is [dc, dc, dh, dc] times the first, [T, B, G]; then those of c by h and by c."""
    gates, candidate, squashed = saved
    width = candidate.shape[-1]
    i, f, o = gates[..., :width], gates[..., width : 2 * width], gates[..., 2 * width :]
    by_input, by_forget = candidate * i * (1.0 - i), before[1] * f * (1.0 - f)
    by_output, by_candidate = squashed * o * (1.0 - o), i * (1.0 - candidate * candidate)
    by_gates = ops.concatenate([by_input, by_forget, by_output, by_candidate], axis=-1)
    return by_gates, o * (1.0 - squashed * squashed), f


def lstm_backward(upstream, derivatives):
    """Gradient of `lstm_forward`."""
    dh, dc = upstream
    by_gates, c_by_h, f = derivatives
    dc = dc + dh * c_by_h
    dz = ops.concatenate([dc, dc, dh, dc], axis=-1) * by_gates
    return CellGradient(dz, dz, (None, dc * f))


def gru_forward(inputs, hidden, state):
    """GRU (Cho et al. 2014, arXiv:1406.1078), reset after the product; gates: reset, update, candidate."""
    (h,) = state
    width = h.shape[-1]
    gates = ops.sigmoid(inputs[:, : 2 * width] + hidden[:, : 2 * width])
    r, u = gates[:, :width], gates[:, width:]
    hidden_candidate = hidden[:, 2 * width :]
    candidate = ops.tanh(inputs[:, 2 * width :] + r * hidden_candidate)
    return (u * h + (1.0 - u) * candidate,), (gates, candidate, hidden_candidate)


def gru_derivatives(saved, before):
    """Of the inputs and of h @ U by the new state, at all positions, [T, B, G]: [dh, dh, dh] times each."""
    gates, candidate, hidden_candidate = saved
    width = candidate.shape[-1]
    r, u = gates[..., :width], gates[..., width:]
    by_candidate = (1.0 - u) * (1.0 - candidate * candidate)
    by_reset = by_candidate * hidden_candidate * r * (1.0 - r)
    by_update = (before[0] - candidate) * u * (1.0 - u)
    by_inputs = ops.concatenate([by_reset, by_update, by_candidate], axis=-1)
    return by_inputs, ops.concatenate([by_reset, by_update, by_candidate * r], axis=-1), u


def gru_backward(upstream, derivatives):
    """Gradient of `gru_forward`."""
    (dh,) = upstream
    by_inputs, by_hidden, u = derivatives
    thrice = ops.concatenate([dh, dh, dh], axis=-1)
    return CellGradient(thrice * by_inputs, thrice * by_hidden, (dh * u,))


CELLS = {
    "lstm": Cell(4, 2, sums=True, forward=lstm_forward, derivatives=lstm_derivatives, backward=lstm_backward),
    "gru": Cell(3, 1, sums=False, forward=gru_forward, derivatives=gru_derivatives, backward=gru_backward),
}


class CellStep(NamedTuple):
    """A step of a cell.

    Attributes:
        state: the new one, arrays [B, D].
        saved: what the cell's `derivatives` need.
        normal: what the gradient of layer normalisation needs (see `hidden_part`).
    """

    state: tuple
    saved: tuple
    normal: tuple


def cell_step(cell: Cell, inputs, state, hidden, gain=None) -> CellStep:
    """One position on.

    Args:
        inputs: float32 [B, G], the part of the gates from below, bias included.
        state: arrays, each float32 [B, D].
        hidden: float32 [B, G], h @ U.
        gain: float32 [G], of layer normalisation of h @ U; None without.
    """
    hidden, normal = hidden_part(hidden, gain)
    state, saved = cell.forward(inputs, hidden, state)
    return CellStep(state, saved, normal)


def hidden_part(raw, gain):
    """(What of h @ U reaches the gates: all, or normalised and times the gain; what its gradient needs)."""
    if gain is None:
        return raw, ()
    normal, inverse = normalise(raw)
    return normal * gain, (normal, inverse)


def hidden_part_backward(dhidden, gain, kept):
    """Gradient of `hidden_part` by h @ U, [B, G]; for that by the gain see `gain_gradient`."""
    if gain is None:
        return dhidden
    normal, inverse = kept
    upstream = dhidden * gain
    along = ops.mean(upstream * normal, axis=-1, keepdims=True)
    return inverse * (upstream - ops.mean(upstream, axis=-1, keepdims=True) - normal * along)


def gain_gradient(dhidden, kept):
    """Gradient of `hidden_part` by the gain, over all positions: dhidden [T, B, G] -> [G]."""
    normal, _ = kept
    return ops.sum(dhidden * normal, axis=(0, 1))


def through_hidden(dstate: tuple, dh):
    """The gradient of a state (see `CellGradient`) with what reached h through h @ U, [B, D]."""
    return (dh if dstate[0] is None else dstate[0] + dh, *dstate[1:])


def previous(stacked, initial):
    """The states before each step: [T, B, D] moved one position later, `initial` [B, D] first."""
    return ops.concatenate([ops.expand_dims(initial, 0), stacked[:-1]], axis=0)
