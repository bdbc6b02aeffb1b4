"""Scores by a hidden layer, for decoder state h_t and memory m_s:

    additive    v . tanh(h_t Wq + m_s Wk)       Bahdanau et al. 2015, arXiv:1409.0473, A.1.2
    concat      v . tanh([h_t; m_s] W)          Luong et al. 2015, arXiv:1508.04025, 3.1

Both are the same function of differently named matrices; the literature has both names, and so have we.

Coverage (the linguistic model of Tu et al. 2016, arXiv:1601.04811) tells the score how much of a source
position was attended to so far, in proportion to its fertility, the target tokens that it is good for:

    v . tanh(h_t Wq + m_s Wk + c_t,s w)
    c_t+1,s = c_t,s + a_t,s / fertility_s       fertility_s = 2 sigmoid(m_s u + b)

For shape letters see attention.py.
"""

from keras import ops

from mtkit.model.attention import Attention, KeyGradient, ScoreGradient
from mtkit.model.base import TranslationModel
from mtkit.model.product import product, weight_gradient


class AdditiveAttention(Attention):
    """See `Attention`.

    Weights: "keys" Wk [M, A], "query" Wq [D, A], "score" v [A] and, with coverage, "coverage" w [A]; A = D.
    """

    covers = True

    def __init__(self, weights, memory, scaled):
        super().__init__(weights, memory, scaled)
        # Turned here, once: not at every step.
        self.turned_query = ops.transpose(weights["query"])

    @classmethod
    def new_weights(cls, model: TranslationModel) -> dict:
        settings = model.settings
        memory, width = settings.encoder_width, settings.decoder_width
        weights = {
            "keys": model.new_matrix("attention_keys", memory, width),
            "query": model.new_matrix("attention_query", width, width),
            "score": model.new_vector("attention_score", width, spread=width**-0.5),
        }
        if settings.coverage:
            weights["coverage"] = model.new_vector("attention_coverage", width, spread=width**-0.5)
        return weights

    def scores(self, h, coverage):
        kept = {"query": product(h, self.weights["query"])}
        if "coverage" in self.weights:
            kept["coverage"] = coverage
        return times_vector(self._hidden(kept), self.weights["score"]), kept

    def _hidden(self, kept):
        """The hidden layer, float32 [B, S, A]. Not kept, since it is the largest array of the loop."""
        total = self.memory.keys + ops.expand_dims(kept["query"], 1)
        if "coverage" in kept:
            total = total + ops.expand_dims(kept["coverage"], -1) * self.weights["coverage"]
        return ops.tanh(total)

    def scores_backward(self, dscores, h, kept) -> ScoreGradient:
        vector, hidden = self.weights["score"], self._hidden(kept)
        # The gradient before the tanh is v dscores (1 - hidden^2); dscores sum to 0 over the source, as those
        # of every softmax do, so that only the square is left in the gradient of the query.
        squares = ops.expand_dims(dscores, -1) * (hidden * hidden)
        dquery = -vector * ops.sum(squares, axis=1)
        sums, dcoverage = (squares, sum_positions(dscores, hidden)), 0.0
        if "coverage" in kept:
            by_coverage = vector * self.weights["coverage"]
            dcoverage = dscores * ops.sum(by_coverage) - times_vector(squares, by_coverage)
            dweight = ops.sum(kept["coverage"] * dscores) - sum_positions(kept["coverage"], squares)
            sums = (*sums, dweight)
        dh = product(dquery, self.turned_query)
        return ScoreGradient(dh, dcoverage, sums, {"query": dquery})

    def no_sums(self) -> tuple:
        zeros = (ops.zeros_like(self.memory.keys), ops.zeros_like(self.weights["score"]))
        return (*zeros, ops.zeros_like(self.weights["coverage"])) if "coverage" in self.weights else zeros

    def finish(self, states, kept, produced, sums, dtype) -> KeyGradient:
        vector, (squares, dvector, *dcoverage) = self.weights["score"], sums
        dkeys = (ops.expand_dims(ops.sum(produced["scores"], axis=0), -1) - squares) * vector
        gradients = {"query": weight_gradient(states, produced["query"], dtype), "score": dvector}
        if dcoverage:
            gradients["coverage"] = dcoverage[0] * vector
        return KeyGradient(dkeys, gradients)


def times_vector(x, vector):
    """[B, S, A] times [A] -> [B, S], as one long product: a batch of small ones takes three times as long."""
    flat = ops.reshape(x, (-1, x.shape[-1]))
    return ops.reshape(ops.matmul(flat, ops.expand_dims(vector, -1)), ops.shape(x)[:2])


def sum_positions(weights, x):
    """Sum of [B, S, A] over all positions, each times its weight [B, S] -> [A]."""
    flat = ops.reshape(x, (-1, x.shape[-1]))
    return ops.squeeze(ops.matmul(ops.reshape(weights, (1, -1)), flat), 0)
