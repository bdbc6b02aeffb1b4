"""Attention, and the decoder loop that attends at every step, with its gradient written out by hand.

A decoder step (Luong et al. 2015, arXiv:1508.04025, section 3):

    h_t = cell(embedding_t, feed_t-1, h_t-1)
    a_t = softmax(score(h_t, memory))
    f_t = tanh(h_t Wh + (a_t memory) Wc)        the readout, fed to step t + 1 where input feeding is on

Scores (Bahdanau et al. 2015, arXiv:1409.0473, A.1.2; Luong et al. 2015, 3.1), with q_t the query and k_s the keys:

    additive  v . tanh(h_t Wq + m_s Wk)         concat    v . tanh([h_t; m_s] W), one matrix for both parts
    dot       h_t . m_s                         general   h_t . (m_s Wk)

Additive and concat compute the same function of differently named matrices; both names are kept because the
literature has both. Keys depend on the source alone and are made once.

Shape letters: B sentences, S source positions, T target positions, D decoder width, M memory width, A width of query
and keys, R width of the readout, G width of the gates.
"""

import math
from typing import NamedTuple

from keras import ops

from mtkit.model.recurrent import CELLS, previous, product, through_hidden, weight_gradient
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
    """

    recurrent: object
    feed: object
    query: object
    score: object
    readout_state: object
    readout_context: object


class StepMatrices(NamedTuple):
    """The same matrices as the loop uses them, in as few products as can be; an absent one is None.

    Attributes:
        gates: [R + D, G], for the readout before and h side by side; U alone without input feeding, or where the cell needs
            h @ U apart.
        feed: [R, G], where `gates` does not hold it.
        query: [D, A].
        score: [A].
        readout: [D + M, R], for h and the context side by side; [D, R] for attention none.
    """

    gates: object
    feed: object
    query: object
    score: object
    readout: object


def step_matrices(cell_name: str, weights: DecoderWeights) -> StepMatrices:
    """Put side by side what is multiplied by together."""
    gates, feed, readout = weights.recurrent, weights.feed, weights.readout_state
    if feed is not None and CELLS[cell_name].sums:
        gates, feed = ops.concatenate([feed, gates]), None
    if weights.readout_context is not None:
        readout = ops.concatenate([readout, weights.readout_context])
    return StepMatrices(gates, feed, weights.query, weights.score, readout)


class Memory(NamedTuple):
    """What the decoder attends to: keys [B, S, A], values [B, S, M], bias [B, S] (0, or MASKED at padding); None for none."""

    keys: object
    values: object
    bias: object


def attend(query, score_vector, memory: Memory, scaled: bool):
    """Attention weights, float32 [B, S]; query float32 [B, A]; score_vector float32 [A], or None for a product score."""
    if score_vector is None:
        scores = ops.squeeze(ops.matmul(memory.keys, ops.expand_dims(query, -1)), -1)
    else:
        hidden = ops.tanh(memory.keys + ops.expand_dims(query, 1))
        # One long product with the vector: as a batch of small ones it takes three times as long.
        flat = ops.matmul(ops.reshape(hidden, (-1, hidden.shape[-1])), ops.expand_dims(score_vector, -1))
        scores = ops.reshape(flat, ops.shape(hidden)[:2])
    if scaled:
        scores = scores / math.sqrt(memory.keys.shape[-1])
    return ops.softmax(scores + memory.bias, axis=-1)


def attend_backward(dattention, attention, query, score_vector, memory: Memory, scaled: bool):
    """Gradients of `attend`: of query [B, A], of score_vector [A], a part of that of the keys [B, S, A], and of the scores [B, S].

    The gradient of the keys is v (1 - hidden^2) dscores, summed over the steps. The part of a step is hidden^2 dscores; the rest
    is done once for all steps together. For a product score all of it is left to the caller, who has dscores and the query of
    every step, and the second and third are 0.
    """
    dscores = attention * (dattention - ops.sum(attention * dattention, axis=-1, keepdims=True))
    if scaled:
        dscores = dscores / math.sqrt(memory.keys.shape[-1])
    if score_vector is None:
        dquery = ops.squeeze(ops.matmul(ops.expand_dims(dscores, 1), memory.keys), 1)
        return dquery, 0.0, 0.0, dscores
    hidden = ops.tanh(memory.keys + ops.expand_dims(query, 1))
    width = score_vector.shape[0]
    dvector = ops.reshape(ops.matmul(ops.reshape(dscores, (1, -1)), ops.reshape(hidden, (-1, width))), (width,))
    # dscores sum to 0 over the source, as those of every softmax do: of 1 - hidden^2 only the square is left in that sum.
    dkeys = ops.expand_dims(dscores, -1) * (hidden * hidden)
    return -score_vector * ops.sum(dkeys, axis=1), dvector, dkeys, dscores


def decoder_step(cell_name: str, inputs, state, feed, matrices: StepMatrices, memory: Memory, scaled: bool):
    """One decoder step without dropout; training and search both use it.

    Args:
        inputs: float32 [B, G], the part of the gates from the target embedding, bias included.
        state: the cell's arrays, each float32 [B, D].
        feed: float32 [B, R], the readout before.

    Returns:
        (state, readout [B, R], attention [B, S] or None, context [B, M] or None, query, what the cell's gradient needs).
    """
    h = state[0]
    if matrices.feed is not None:
        inputs = inputs + product(feed, matrices.feed)
    elif matrices.gates.shape[0] > h.shape[-1]:
        h = ops.concatenate([feed, h], axis=-1)
    state, saved = CELLS[cell_name].forward(inputs, product(h, matrices.gates), state)
    h = state[0]
    if memory.values is None:
        return state, ops.tanh(product(h, matrices.readout)), None, None, None, saved
    query = h if matrices.query is None else product(h, matrices.query)
    attention = attend(query, matrices.score, memory, scaled)
    context = ops.squeeze(ops.matmul(ops.expand_dims(attention, 1), memory.values), 1)
    readout = ops.tanh(product(ops.concatenate([h, context], axis=-1), matrices.readout))
    return state, readout, attention, context, query, saved


def run_decoder(cell_name: str, inputs, initial, weights: DecoderWeights, memory: Memory, drop, scaled: bool, dtype: str):
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
    attending = memory.values is not None
    names = [name for name, value in zip(DecoderWeights._fields, weights, strict=True) if value is not None]
    shape = ops.shape(inputs)
    drop = ops.ones((shape[0], shape[1], weights.readout_state.shape[1])) if drop is None else drop

    @ops.custom_gradient
    def run(inputs, *arguments):
        state0 = arguments[: cell.states]
        given = dict(zip(names, arguments[cell.states :], strict=False))
        rest = arguments[cell.states + len(names) :]
        local = Memory(rest[0], rest[1], memory.bias) if attending else Memory(None, None, None)
        cast = {name: value if name == "score" else ops.cast(value, dtype) for name, value in given.items()}
        matrices = step_matrices(cell_name, DecoderWeights(**{name: cast.get(name) for name in DecoderWeights._fields}))
        width = state0[0].shape[-1]
        feed0 = ops.zeros((ops.shape(inputs)[1], matrices.readout.shape[1]), "float32")

        def forward(carry, step):
            state, feed = carry
            x, factor = step
            state, readout, attention, context, query, saved = decoder_step(
                cell_name, x, state, feed, matrices, local, scaled
            )
            kept = (attention, context) if attending else ()
            kept += (query,) if matrices.query is not None else ()
            feed = readout * factor
            return (state, feed), (state, readout, feed, kept, saved)

        _, (states, readouts, feeds, kept, saved) = scan(forward, (tuple(state0), feed0), (inputs, drop))
        states_before = tuple(previous(stack, first) for stack, first in zip(states, state0, strict=True))

        turned = StepMatrices(*(None if x is None or len(x.shape) < 2 else ops.transpose(x) for x in matrices))

        def backward(carry, step):
            dstate, dfeed, dkeys, dvector = carry
            dout, slope, h, kept_here, derivatives = step
            draw = (dout + dfeed) * slope
            dhere = product(draw, turned.readout)
            dh = dstate[0] + dhere[:, :width]
            dcontext = dquery = dscores = None
            if attending:
                attention = kept_here[0]
                dcontext = dhere[:, width:]
                dattention = ops.squeeze(ops.matmul(local.values, ops.expand_dims(dcontext, -1)), -1)
                query = h if matrices.query is None else kept_here[2]
                dquery, dvector_here, dkeys_here, dscores = attend_backward(
                    dattention, attention, query, matrices.score, local, scaled
                )
                dkeys, dvector = dkeys + dkeys_here, dvector + dvector_here
                dh = dh + (dquery if matrices.query is None else product(dquery, turned.query))
            dinputs, dhidden, dstate = cell.backward((dh, *dstate[1:]), derivatives)
            dbefore = product(dhidden, turned.gates)
            if matrices.feed is not None:
                dfeed = product(dinputs, turned.feed)
            elif weights.feed is not None:
                dfeed = dbefore[:, :-width]
            else:
                dfeed = ops.zeros_like(dfeed)
            dstate = through_hidden(dstate, dbefore[:, -width:])
            produced = (dinputs, dhidden, draw)
            produced += (dcontext, dquery, dscores) if attending else ()
            return (dstate, dfeed, dkeys, dvector), produced

        def gradient(*args, upstream=None):
            upstream = args[0] if upstream is None else upstream
            zero = ops.zeros((), "float32")
            dkeys0 = ops.zeros_like(local.keys) if matrices.score is not None else zero
            dvector0 = ops.zeros_like(matrices.score) if matrices.score is not None else zero
            dstate0 = tuple(ops.zeros_like(state) for state in state0)
            carry, collected = scan(
                backward,
                (dstate0, feed0, dkeys0, dvector0),
                (upstream, drop * (1.0 - readouts * readouts), states[0], kept, cell.derivatives(saved, states_before)),
                reverse=True,
            )
            dstate, _, dkeys, dvector = carry
            dinputs, dhidden, draw = collected[:3]
            found = {
                "recurrent": weight_gradient(states_before[0], dhidden, dtype),
                "readout_state": weight_gradient(states[0], draw, dtype),
            }
            if weights.feed is not None:
                found["feed"] = weight_gradient(previous(feeds, feed0), dinputs, dtype)
            extra = ()
            if attending:
                dcontext, dquery, dscores = collected[3:]
                found["readout_context"] = weight_gradient(kept[1], draw, dtype)
                if matrices.query is not None:
                    found["query"] = weight_gradient(states[0], dquery, dtype)
                if matrices.score is None:
                    dkeys = ops.matmul(ops.transpose(dscores, (1, 2, 0)), ops.transpose(states[0], (1, 0, 2)))
                else:
                    dkeys = (ops.expand_dims(ops.sum(dscores, axis=0), -1) - dkeys) * matrices.score
                    found["score"] = dvector
                dvalues = ops.matmul(ops.transpose(kept[0], (1, 2, 0)), ops.transpose(dcontext, (1, 0, 2)))
                extra = (dkeys, dvalues)
            return (dinputs, *dstate, *(found[name] for name in names), *extra)

        return feeds, gradient

    matrices = [value for value in weights if value is not None]
    memories = [memory.keys, memory.values] if attending else []
    return run(inputs, *initial, *matrices, *memories)
