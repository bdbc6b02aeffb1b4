"""Step functions that are small tables."""

import math

import numpy as np

from mtkit.search.step_function import Expansion
from mtkit.text.special import BEGIN_ID, END_ID

A, B, C = 4, 5, 6


V = 7


def table_step(table, k):
    """A step function for a bigram table: {token: {next token: probability}}; its state is the tokens of each
    row.
    """

    def step(state, tokens, parents, bias):
        state = [
            [*(state[parent] if state else ()), int(token)]
            for parent, token in zip(parents, tokens, strict=True)
        ]
        scores = np.full((len(tokens), V), -np.inf)
        for row, token in enumerate(tokens):
            for following, probability in table[int(token)].items():
                scores[row, following] = math.log(probability)
        scores = scores if bias is None else scores + bias
        ids = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        # Attention of a made-up source of V positions: all on the position with the number of the token
        # before.
        return Expansion(
            np.take_along_axis(scores, ids, 1),
            ids.astype(np.int32),
            np.eye(V, dtype=np.float32)[tokens],
            state,
        )

    return step


# Greedy takes A (0.6) and then must split; B has the best whole sequence: 0.4 * 0.9 * 1.
TABLE = {
    BEGIN_ID: {A: 0.6, B: 0.4},
    A: {A: 0.35, C: 0.35, END_ID: 0.3},
    B: {C: 0.9, END_ID: 0.1},
    C: {END_ID: 1.0},
}


def random_table(seed):
    """A bigram table in which everything may follow everything."""
    random = np.random.default_rng(seed)
    return {
        token: dict(zip((A, B, C, END_ID), random.dirichlet(np.ones(4)), strict=True))
        for token in (BEGIN_ID, A, B, C)
    }
