"""The decoder over a whole target, with its gradient by hand (gradient.py).

Shape letters: B sentences, S source positions, T target positions, D decoder width, M memory width, R width
of the readout, G width of the gates.
"""

from functools import partial
from typing import Any, NamedTuple

from keras import ops

from mtkit.model.attention import ScoreGradient, SourceMemory, over_steps
from mtkit.model.cells import CellStep, gain_gradient, hidden_part_backward, previous, through_hidden
from mtkit.model.decoder import Decoder, DecoderKind, DecoderState, DecoderWeights
from mtkit.model.gradient import Recurrence, run_recurrence
from mtkit.model.product import product, weight_gradient


def run_decoder(
    kind: DecoderKind, inputs, initial, weights: DecoderWeights, memory: SourceMemory, drop, dtype: str
):
    """The decoder over a whole target, teacher forced.

    Args:
        inputs: float32 [T, B, G], as for `Decoder.step`.
        initial: the cell's first state, arrays float32 [B, D].
        weights: float32.
        drop: float32 [T, B, R] dropout factors on the readout (0 or 1/(1-rate)), or None.
        dtype: of the matrix products with weights, "float32", "bfloat16" or "float16".

    Returns:
        Readouts, float32 [T, B, R], dropout applied.
    """
    if drop is None:
        drop = ops.ones((*ops.shape(inputs)[:2], weights.readout_state.shape[1]))
    memory_arrays = {name: array for name, array in memory._asdict().items() if array is not None}
    bias = memory_arrays.pop("bias", None)
    arguments = {
        "inputs": inputs,
        "initial": tuple(initial),
        "weights": weights.present(),
        "memory": memory_arrays,
    }
    return run_recurrence(partial(DecoderRecurrence, kind, bias, drop, dtype), arguments)


class DecoderKept(NamedTuple):
    """What the gradient needs of a step; see `DecoderStep`.

    Attributes:
        readout: float32 [B, R].
        feed: the same after dropout.
    """

    cell: CellStep
    readout: Any
    feed: Any
    attention: Any
    context: Any
    scored: Any


class DecoderReadings(NamedTuple):
    """What a backward step reads.

    Attributes:
        upstream: the gradient of the result, [B, R].
        slope: of the result by what is before the tanh of the readout, [B, R].
        h: the decoder state, [B, D].
        derivatives: of the cell.
        normal: what the gradient of layer normalisation needs.
        attention, scored: see `DecoderStep`.
    """

    upstream: Any
    slope: Any
    h: Any
    derivatives: tuple
    normal: tuple
    attention: Any
    scored: Any


class DecoderGradient(NamedTuple):
    """What a backward step hands on to the step before.

    Attributes:
        state: the gradient of the state before.
        sums: of `ScoreGradient`, over the steps so far.
    """

    state: DecoderState
    sums: tuple


class DecoderRecurrence(Recurrence):
    """See `Recurrence`; arguments as `run_decoder` puts them together."""

    def __init__(self, kind: DecoderKind, bias, drop, dtype: str, arguments: dict):
        weights = DecoderWeights(**{**dict.fromkeys(DecoderWeights.__annotations__), **arguments["weights"]})
        memory = SourceMemory(bias=bias, **arguments["memory"])
        self.decoder, self.drop, self.dtype = Decoder(kind, weights.in_dtype(dtype), memory), drop, dtype
        self.turned_gates = ops.transpose(self.decoder.gates)
        self.turned_feed = None if self.decoder.feed is None else ops.transpose(self.decoder.feed)
        self.turned_readout = ops.transpose(self.decoder.readout)
        self.covers = memory.rate is not None
        initial = arguments["initial"]
        no_cell = tuple(ops.zeros_like(state) for state in initial)
        no_feed = ops.zeros_like(drop[0])
        no_coverage = ops.zeros_like(memory.rate) if self.covers else ops.zeros((), "float32")
        no_sums = self.decoder.attention.no_sums() if self.decoder.attention else ()
        self.inputs = (arguments["inputs"], drop)
        self.first = DecoderState(initial, no_feed, no_coverage)
        self.last_gradient = DecoderGradient(DecoderState(no_cell, no_feed, no_coverage), no_sums)

    def step(self, before: DecoderState, inputs):
        from_below, drop = inputs
        step = self.decoder.step(from_below, before)
        readout = step.state.feed
        after = step.state._replace(feed=readout * drop)
        return after, DecoderKept(step.cell, readout, after.feed, step.attention, step.context, step.scored)

    def outputs(self, kept: DecoderKept):
        return kept.feed

    def readings(self, kept: DecoderKept, upstream) -> DecoderReadings:
        slope = self.drop * (1.0 - kept.readout * kept.readout)
        states = kept.cell.state
        before = tuple(previous(stack, first) for stack, first in zip(states, self.first.cell, strict=True))
        derivatives = self.decoder.cell.derivatives(kept.cell.saved, before)
        return DecoderReadings(
            upstream, slope, states[0], derivatives, kept.cell.normal, kept.attention, kept.scored
        )

    def step_backward(self, after: DecoderGradient, readings: DecoderReadings):
        decoder, width = self.decoder, self.decoder.width
        dreadout = (readings.upstream + after.state.feed) * readings.slope
        by_readout = product(dreadout, self.turned_readout)  # [B, D + M], or [B, D] without attention
        dh, dcoverage, sums = after.state.cell[0] + by_readout[:, :width], after.state.coverage, after.sums
        produced = {"readout": dreadout}
        if decoder.attention:
            dcontext = by_readout[:, width:]
            score = self._score_gradient(dcontext, after.state.coverage, readings)
            produced |= {"context": dcontext, "scored": score.produced}
            if self.covers:
                produced["coverage"] = after.state.coverage
            dh, dcoverage = dh + score.state, dcoverage + score.coverage
            sums = tuple(total + addend for total, addend in zip(sums, score.sums, strict=True))
        by_cell = decoder.cell.backward((dh, *after.state.cell[1:]), readings.derivatives)
        dgates = hidden_part_backward(by_cell.hidden, decoder.gain, readings.normal)
        produced |= {"inputs": by_cell.inputs, "gates": dgates}
        if decoder.gain is not None:
            produced["hidden"] = by_cell.hidden
        dbefore = product(dgates, self.turned_gates)  # [B, R + D], or [B, D] where the feed is apart
        dcell = through_hidden(by_cell.state, dbefore[:, -width:])
        dfeed = self._feed_gradient(by_cell.inputs, dbefore)
        return DecoderGradient(DecoderState(dcell, dfeed, dcoverage), sums), produced

    def _score_gradient(self, dcontext, dcoverage, readings: DecoderReadings) -> ScoreGradient:
        """Through the context, the coverage that the attention added to, and the attention."""
        dattention = self.decoder.attention.context_backward(dcontext)
        if self.covers:
            dattention = dattention + dcoverage * self.decoder.memory.rate
        return self.decoder.attention.attend_backward(
            dattention, readings.attention, readings.h, readings.scored
        )

    def _feed_gradient(self, dinputs, dbefore):
        """Of the readout before, [B, R].

        Args:
            dinputs: of the gates' part from below, [B, G].
            dbefore: of what was multiplied by `Decoder.gates`.
        """
        if self.decoder.feed is not None:
            return product(dinputs, self.turned_feed)
        return dbefore[:, : -self.decoder.width] if self.decoder.feeds else self.first.feed

    def gradients(self, kept: DecoderKept, first: DecoderGradient, produced: dict) -> dict:
        decoder, states = self.decoder, kept.cell.state
        weights = {
            "recurrent": self._product_gradient(previous(states[0], self.first.cell[0]), produced["gates"]),
            "readout_state": self._product_gradient(states[0], produced["readout"]),
            "attention": {},
        }
        if decoder.feeds:
            by_feed = produced["gates" if decoder.feed is None else "inputs"]
            weights["feed"] = self._product_gradient(previous(kept.feed, self.first.feed), by_feed)
        if decoder.gain is not None:
            weights["gain"] = gain_gradient(produced["hidden"], kept.cell.normal)
        memory = {}
        if decoder.attention:
            score = decoder.attention.finish(
                states[0], kept.scored, produced["scored"], first.sums, self.dtype
            )
            weights["attention"] = score.weights
            weights["readout_context"] = self._product_gradient(kept.context, produced["readout"])
            memory = {"keys": score.keys, "values": over_steps(kept.attention, produced["context"])}
        if self.covers:
            memory["rate"] = ops.sum(produced["coverage"] * kept.attention, axis=0)
        return {
            "inputs": produced["inputs"],
            "initial": first.state.cell,
            "weights": weights,
            "memory": memory,
        }

    def _product_gradient(self, x, upstream):
        return weight_gradient(x, upstream, self.dtype)
