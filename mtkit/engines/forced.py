"""Given translations under the model: how likely each token is, and how sure the model was there.

Shape letters: B sentences, T tokens, S source positions, V vocabulary.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mtkit.engines.step_engine import StepEngine
from mtkit.text.special import BEGIN_ID


class ForcedTranslation(NamedTuple):
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
    engine: StepEngine,
    source: np.ndarray,
    targets: Sequence[Sequence[int]],
    *,
    keep_attention: bool = False,
) -> list[ForcedTranslation]:
    """The model's judgement of a translation of each sentence.

    Args:
        source: int32 [B, S].
        targets: tokens, with END_ID where it belongs to them.
    """
    keep_attention = keep_attention and engine.attends
    output = engine.functions.output()
    lengths = np.array([len(target) for target in targets])
    log_probabilities, entropies = np.zeros((2, len(targets), max(lengths, default=0)))  # [B, T] each
    attention_rows: list[list[np.ndarray]] = [[] for _ in targets]
    rows = engine.start(source)
    live = np.arange(len(targets))  # the sentences that are not at their end
    last = np.full(len(targets), BEGIN_ID, np.int32)
    for place in range(log_probabilities.shape[1]):
        going_on = np.flatnonzero(lengths[live] > place).astype(np.int32)
        live = live[going_on]
        readout, attention, rows = engine.advance(rows, last[live], going_on)
        last[live] = [targets[sentence][place] for sentence in live]
        scores, spreads = engine.functions.judge(readout, output, last[live])
        log_probabilities[live, place], entropies[live, place] = scores, spreads
        if keep_attention:
            for row, sentence in enumerate(live):
                attention_rows[sentence].append(attention[row])
    return [
        ForcedTranslation(
            log_probabilities[row, :length],
            entropies[row, :length],
            np.stack(attention_rows[row]) if attention_rows[row] else None,
        )
        for row, length in enumerate(lengths)
    ]
