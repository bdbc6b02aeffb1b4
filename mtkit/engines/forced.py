"""Given translations under the model: how likely each token is, and how sure the model was of what to say
there.

Shape letters: B sentences, T tokens, S source positions, V vocabulary.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mtkit.engines.engine import Engine
from mtkit.text.special import BEGIN_ID


class Forced(NamedTuple):
    """What the model makes of a translation.

    Attributes:
        log_probabilities: of each token, in nats, float64 [T].
        entropies: of the distribution that each token was chosen from, in nats, float64 [T]; of an ensemble
            their mean.
        attention: float32 [T, S], or None.
    """

    log_probabilities: np.ndarray
    entropies: np.ndarray
    attention: np.ndarray | None


def forced(
    engine: Engine, source: np.ndarray, targets: Sequence[Sequence[int]], keep_attention: bool = False
) -> list[Forced]:
    """The model's judgement of a translation of each sentence.

    Args:
        source: int32 [B, S].
        targets: tokens, with END_ID where it belongs to them.
    """
    functions = engine.functions
    output = functions.output()
    rows, lengths = engine.start(source), np.array([len(target) for target in targets])
    probabilities, entropies = np.zeros((2, len(targets), max(lengths, default=0)))
    maps: list[list[np.ndarray]] = [[] for _ in targets]
    live = np.arange(len(targets))
    last = np.full(len(targets), BEGIN_ID, np.int32)
    for place in range(probabilities.shape[1]):
        going = np.flatnonzero(lengths[live] > place).astype(np.int32)
        live = live[going]
        readout, attention, rows = engine.advance(rows, last[live], going)
        last[live] = [targets[sentence][place] for sentence in live]
        probabilities[live, place], entropies[live, place] = functions.judge(readout, output, last[live])
        for row, sentence in enumerate(live if keep_attention and attention is not None else ()):
            maps[sentence].append(attention[row])
    return [
        Forced(
            probabilities[row, :length], entropies[row, :length], np.stack(maps[row]) if maps[row] else None
        )
        for row, length in enumerate(lengths)
    ]
