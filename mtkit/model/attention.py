"""Attention, and the decoder loop that attends at every step, with its gradient written out by hand.

A decoder step (Luong et al. 2015, arXiv:1508.04025, section 3):

    h_t = cell(embedding_t, feed_t-1, h_t-1)
    a_t = softmax(score(h_t, memory))
    f_t = tanh(h_t Wh + (a_t memory) Wc)        the readout, fed to step t + 1 where input feeding is on

Scores (Bahdanau et al. 2015, arXiv:1409.0473, A.1.2; Luong et al. 2015, 3.1), with q_t the query and k_s the
keys:

    additive  v . tanh(h_t Wq + m_s Wk)         concat    v . tanh([h_t; m_s] W), one matrix for both parts
    dot       h_t . m_s                         general   h_t . (m_s Wk)

Additive and concat compute the same function of differently named matrices; both names are kept because the
literature has both. Keys depend on the source alone and are made once.

Coverage (the linguistic model of Tu et al. 2016, arXiv:1601.04811) tells an additive score how much of a
source position was
attended to so far, in proportion to its fertility, the number of target tokens it is good for:

    v . tanh(h_t Wq + m_s Wk + c_t,s w)     c_t+1,s = c_t,s + a_t,s / fertility_s     fertility_s = 2
    sigmoid(m_s u + b)

Shape letters: B sentences, S source positions, T target positions, D decoder width, M memory width, A width
of query and keys, R width of the readout, G width of the gates.
"""

import math
from typing import NamedTuple

from keras import ops

from mtkit.model.recurrent import (
    CELLS,
    hidden_part,
    hidden_part_backward,
    previous,
    product,
    through_hidden,
    weight_gradient,
)
from mtkit.model.scan import scan

KINDS = ("additive", "dot", "general", "concat", "none")
MASKED = -1e9


class DecoderWeights(NamedTuple):
    """Matrices of the decoder loop; an absent one is None.

    Attributes:
        recurrent: U, [D, G].
        feed: from the readout before to the gates, [R, G]; None without input feeding.
        query: Wq, [D, A]; None for dot, general and none.
        score: v, [A]; None for dot, general and none.
        readout_state: Wh, [D, R].
        readout_context: Wc, [M, R]; None for attention none.
        coverage: w, [A]; None without coverage.
        gain: of layer normalisation, [G]; None without. What is normalised is h U, and with it the readout
            before, where the cell takes both as a sum.
    """

    recurrent: object
    feed: object
    query: object
    score: object
    readout_state: object
    readout_context: object
    coverage: object = None
    gain: object = None


class StepMatrices(NamedTuple):
    """The same matrices as the loop uses them, in as few products as can be; an absent one is None.

    Attributes:
        gates: [R + D, G], for the readout before and h side by side; U alone without input feeding, or where
            the cell needs h @ U apart.
        feed: [R, G], where `gates` does not hold it.
        query: [D, A].
        score: [A].
        readout: [D + M, R], for h and the context side by side; [D, R] for attention none.
        coverage: [A].
        gain: [G].
    """

    gates: object
    feed: object
    query: object
    score: object
    readout: object
    coverage: object
    gain: object


def in_dtype(weight, dtype: str):
    """A matrix in the dtype of products; vectors stay float32."""
    return ops.cast(weight, dtype) if len(weight.shape) > 1 else weight


def step_matrices(cell_name: str, weights: DecoderWeights) -> StepMatrices:
    """Put side by side what is multiplied by together."""
    gates, feed, readout = weights.recurrent, weights.feed, weights.readout_state
    if feed is not None and CELLS[cell_name].sums:
        gates, feed = ops.concatenate([feed, gates]), None
    if weights.readout_context is not None:
        readout = ops.concatenate([readout, weights.readout_context])
    return StepMatrices(gates, feed, weights.query, weights.score, readout, weights.coverage, weights.gain)


class Memory(NamedTuple):
    """What the decoder attends to; nothing for attention none.

    Attributes:
        keys: [B, S, A].
        values: [B, S, M].
        bias: [B, S], 0, or MASKED at padding.
        rate: [B, S], one over the fertility; None without coverage.
    """

    keys: object = None
    values: object = None
    bias: object = None
    rate: object = None


class DecoderState(NamedTuple):
    """What a decoder step hands on to the next.

    Attributes:
        cell: the cell's arrays, each float32 [B, D]; the first is h.
        feed: float32 [B, R], the readout.
        coverage: float32 [B, S]; a scalar 0 without coverage.
    """

    cell: tuple
    feed: object
    coverage: object


def attend(query, coverage, matrices: StepMatrices, memory: Memory, scaled: bool):
    """Attention weights, float32 [B, S]; query float32 [B, A], coverage as in DecoderState."""
    if matrices.score is None:
        scores = ops.squeeze(ops.matmul(memory.keys, ops.expand_dims(query, -1)), -1)
    else:
        hidden = score_layer(query, coverage, matrices, memory)
        scores = times_vector(hidden, matrices.score)
    if scaled:
        scores = scores / math.sqrt(memory.keys.shape[-1])
    return ops.softmax(scores + memory.bias, axis=-1)


def score_layer(query, coverage, matrices: StepMatrices, memory: Memory):
    """The hidden layer of an additive score, float32 [B, S, A]."""
    total = memory.keys + ops.expand_dims(query, 1)
    if matrices.coverage is not None:
        total = total + ops.expand_dims(coverage, -1) * matrices.coverage
    return ops.tanh(total)


def times_vector(x, vector):
    """[B, S, A] times [A] -> [B, S], as one long product: as a batch of small ones it takes three times as
    long.
    """
    return ops.reshape(
        ops.matmul(ops.reshape(x, (-1, x.shape[-1])), ops.expand_dims(vector, -1)), ops.shape(x)[:2]
    )


def sum_positions(weights, x):
    """Sum of [B, S, A] over all positions, each times its weight [B, S] -> [A]."""
    return ops.squeeze(ops.matmul(ops.reshape(weights, (1, -1)), ops.reshape(x, (-1, x.shape[-1]))), 0)


def attend_backward(
    dattention, attention, query, coverage, matrices: StepMatrices, memory: Memory, scaled: bool
):
    """Gradients of `attend`.

    Returns:
        Those of the query [B, A], of the scores [B, S] and of the coverage [B, S] (0 without it); and what
        the gradients of keys and vectors are sums of over the steps (see `finish_sums`), 0 for a product
        score, whose caller has the query of every step.
    """
    dscores = attention * (dattention - ops.sum(attention * dattention, axis=-1, keepdims=True))
    if scaled:
        dscores = dscores / math.sqrt(memory.keys.shape[-1])
    if matrices.score is None:
        dquery = ops.squeeze(ops.matmul(ops.expand_dims(dscores, 1), memory.keys), 1)
        return dquery, dscores, 0.0, (0.0, 0.0, 0.0)
    hidden = score_layer(query, coverage, matrices, memory)
    # The gradient before the tanh is v dscores (1 - hidden^2); dscores sum to 0 over the source, as those of
    # every softmax do, so that only the square is left in the gradient of the query.
    squares = ops.expand_dims(dscores, -1) * (hidden * hidden)
    dquery = -matrices.score * ops.sum(squares, axis=1)
    dcoverage = dvector = 0.0
    if matrices.coverage is not None:
        by_coverage = matrices.score * matrices.coverage
        dcoverage = dscores * ops.sum(by_coverage) - times_vector(squares, by_coverage)
        dvector = ops.sum(coverage * dscores) - sum_positions(coverage, squares)
    return dquery, dscores, dcoverage, (squares, sum_positions(dscores, hidden), dvector)


def finish_sums(sums, dscores, matrices: StepMatrices):
    """Gradients of keys [B, S, A], score vector [A] and coverage vector [A] from the sums over the steps;
    dscores [T, B, S].
    """
    squares, dvector, dcoverage_vector = sums
    return (
        (ops.expand_dims(ops.sum(dscores, axis=0), -1) - squares) * matrices.score,
        dvector,
        dcoverage_vector * matrices.score,
    )


def decoder_step(
    cell_name: str, inputs, before: DecoderState, matrices: StepMatrices, memory: Memory, scaled: bool
):
    """One decoder step without dropout; training and search both use it.

    Args:
        inputs: float32 [B, G], the part of the gates from the target embedding, bias included.
        before: the state that the step before gave.

    Returns:
        (state, attention [B, S] or None, context [B, M] or None, query or None, what the gradients of the
        cell and of its layer normalisation need).
    """
    h = before.cell[0]
    if matrices.feed is not None:
        inputs = inputs + product(before.feed, matrices.feed)
    elif matrices.gates.shape[0] > h.shape[-1]:
        h = ops.concatenate([before.feed, h], axis=-1)
    hidden, normal = hidden_part(product(h, matrices.gates), matrices.gain)
    cell, saved = CELLS[cell_name].forward(inputs, hidden, before.cell)
    h = cell[0]
    if memory.values is None:
        return (
            DecoderState(cell, ops.tanh(product(h, matrices.readout)), before.coverage),
            None,
            None,
            None,
            (saved, normal),
        )
    query = h if matrices.query is None else product(h, matrices.query)
    attention = attend(query, before.coverage, matrices, memory, scaled)
    context = ops.squeeze(ops.matmul(ops.expand_dims(attention, 1), memory.values), 1)
    readout = ops.tanh(product(ops.concatenate([h, context], axis=-1), matrices.readout))
    coverage = before.coverage if memory.rate is None else before.coverage + attention * memory.rate
    return DecoderState(cell, readout, coverage), attention, context, query, (saved, normal)


def run_decoder(
    cell_name: str, inputs, initial, weights: DecoderWeights, memory: Memory, drop, scaled: bool, dtype: str
):
    """The decoder over a whole target, teacher forced.

    Args:
        inputs: float32 [T, B, G].
        initial: the cell's first state, arrays float32 [B, D].
        drop: float32 [T, B, R] dropout factors on the readout (0 or 1/(1-rate)), or None.
        dtype: of the matrix products with weights, "float32" or "bfloat16".

    Returns:
        Readouts, float32 [T, B, R], dropout applied.
    """
    cell = CELLS[cell_name]
    attending, covering = memory.values is not None, memory.rate is not None
    names = [name for name, value in zip(DecoderWeights._fields, weights, strict=True) if value is not None]
    shape = ops.shape(inputs)
    drop = ops.ones((shape[0], shape[1], weights.readout_state.shape[1])) if drop is None else drop

    @ops.custom_gradient
    def run(inputs, *arguments):
        state0 = arguments[: cell.states]
        given = dict(zip(names, arguments[cell.states :], strict=False))
        rest = arguments[cell.states + len(names) :]
        local = (
            Memory(rest[0], rest[1], memory.bias, rest[2] if covering else None) if attending else Memory()
        )
        cast = {name: in_dtype(value, dtype) for name, value in given.items()}
        matrices = step_matrices(
            cell_name, DecoderWeights(**{name: cast.get(name) for name in DecoderWeights._fields})
        )
        width = state0[0].shape[-1]
        zero = ops.zeros((), "float32")
        feed0 = ops.zeros((ops.shape(inputs)[1], matrices.readout.shape[1]), "float32")
        coverage0 = ops.zeros_like(local.rate) if covering else zero

        def forward(before, step):
            x, factor = step
            after, attention, context, query, saved = decoder_step(
                cell_name, x, before, matrices, local, scaled
            )
            kept = {}
            if attending:
                kept = {"attention": attention, "context": context}
            if matrices.query is not None:
                kept["query"] = query
            if covering:
                kept["coverage"] = before.coverage
            fed = after._replace(feed=after.feed * factor)
            return fed, (after.cell, after.feed, fed.feed, kept, saved)

        start = DecoderState(tuple(state0), feed0, coverage0)
        _, (states, readouts, feeds, kept, (saved, normal)) = scan(forward, start, (inputs, drop))
        states_before = tuple(previous(stack, first) for stack, first in zip(states, state0, strict=True))

        turned = StepMatrices(
            *(None if x is None or len(x.shape) < 2 else ops.transpose(x) for x in matrices)
        )

        def backward(carry, step):
            dafter, sums = carry
            dout, slope, h, kept_here, derivatives, normal_here = step
            draw = (dout + dafter.feed) * slope
            dhere = product(draw, turned.readout)
            dh = dafter.cell[0] + dhere[:, :width]
            produced = {"readout": draw}
            dcoverage = dafter.coverage
            if attending:
                attention = kept_here["attention"]
                dcontext = dhere[:, width:]
                dattention = ops.squeeze(ops.matmul(local.values, ops.expand_dims(dcontext, -1)), -1)
                if covering:
                    dattention = dattention + dcoverage * local.rate
                    produced["coverage"] = dcoverage
                dquery, dscores, dcoverage_here, sums_here = attend_backward(
                    dattention,
                    attention,
                    kept_here.get("query", h),
                    kept_here.get("coverage"),
                    matrices,
                    local,
                    scaled,
                )
                dcoverage = dcoverage + dcoverage_here
                sums = tuple(one + here for one, here in zip(sums, sums_here, strict=True))
                dh = dh + (dquery if matrices.query is None else product(dquery, turned.query))
                produced |= {"context": dcontext, "query": dquery, "scores": dscores}
            dinputs, dhidden, dcell = cell.backward((dh, *dafter.cell[1:]), derivatives)
            dgates = hidden_part_backward(dhidden, matrices.gain, normal_here)
            produced |= {"inputs": dinputs, "gates": dgates}
            if matrices.gain is not None:
                produced["hidden"] = dhidden
            dbefore = product(dgates, turned.gates)
            if matrices.feed is not None:
                dfeed = product(dinputs, turned.feed)
            elif weights.feed is not None:
                dfeed = dbefore[:, :-width]
            else:
                dfeed = ops.zeros_like(dafter.feed)
            return (
                DecoderState(through_hidden(dcell, dbefore[:, -width:]), dfeed, dcoverage),
                sums,
            ), produced

        def gradient(*args, upstream=None):
            upstream = args[0] if upstream is None else upstream
            sums0 = (zero, zero, zero)
            if matrices.score is not None:
                sums0 = (ops.zeros_like(local.keys), ops.zeros_like(matrices.score), zero)
            if covering:
                sums0 = (*sums0[:2], ops.zeros_like(matrices.coverage))
            dend = DecoderState(
                tuple(ops.zeros_like(state) for state in state0), feed0, ops.zeros_like(coverage0)
            )
            slopes, derivatives = drop * (1.0 - readouts * readouts), cell.derivatives(saved, states_before)
            steps = (upstream, slopes, states[0], kept, derivatives, normal)
            (dstart, sums), made = scan(backward, (dend, sums0), steps, reverse=True)
            found = {
                "recurrent": weight_gradient(states_before[0], made["gates"], dtype),
                "readout_state": weight_gradient(states[0], made["readout"], dtype),
            }
            if weights.feed is not None:
                by_feed = made["inputs"] if matrices.feed is not None else made["gates"]
                found["feed"] = weight_gradient(previous(feeds, feed0), by_feed, dtype)
            if matrices.gain is not None:
                found["gain"] = ops.sum(made["hidden"] * normal[0], axis=(0, 1))
            extra = ()
            if attending:
                found["readout_context"] = weight_gradient(kept["context"], made["readout"], dtype)
                if matrices.query is not None:
                    found["query"] = weight_gradient(states[0], made["query"], dtype)
                if matrices.score is None:
                    dkeys = ops.matmul(
                        ops.transpose(made["scores"], (1, 2, 0)), ops.transpose(states[0], (1, 0, 2))
                    )
                else:
                    dkeys, found["score"], found["coverage"] = finish_sums(sums, made["scores"], matrices)
                dvalues = ops.matmul(
                    ops.transpose(kept["attention"], (1, 2, 0)), ops.transpose(made["context"], (1, 0, 2))
                )
                extra = (dkeys, dvalues)
                if covering:
                    extra += (ops.sum(made["coverage"] * kept["attention"], axis=0),)
            return (made["inputs"], *dstart.cell, *(found[name] for name in names), *extra)

        return feeds, gradient

    matrices = [value for value in weights if value is not None]
    memories = [one for one in (memory.keys, memory.values, memory.rate) if one is not None]
    return run(inputs, *initial, *matrices, *memories)
