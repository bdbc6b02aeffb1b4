"""What a user forbids or demands of a translation, as biases on the next token (see `step_function.Bias`).

Shape letters: N rows, T tokens so far, V vocabulary.
"""

from dataclasses import dataclass, field

import numpy as np

from mtkit.search.banned_text import BannedText
from mtkit.text.special import FORBIDDEN_IDS


@dataclass
class Constraints:
    """The bias of a batch of sentences.

    Attributes:
        size: V.
        no_repeat: no run of so many tokens comes twice; 0 any may.
        repetition: subtracted, in nats, from every token that the hypothesis holds already.
        banned: phrases that must not be there.
        beginnings: the tokens that each sentence's translation begins with.
        forbidden: tokens that no translation holds, but for those of its beginning.
    """

    size: int
    no_repeat: int = 0
    repetition: float = 0.0
    banned: BannedText | None = None
    beginnings: list[list[int]] = field(default_factory=list)
    forbidden: tuple[int, ...] = FORBIDDEN_IDS

    def __bool__(self) -> bool:
        return bool(self.no_repeat or self.repetition or self.banned or any(self.beginnings))

    def __call__(self, ids: np.ndarray, owner: np.ndarray) -> np.ndarray:
        """The bias float32 [N, V] after int32 [N, T] tokens of the sentences int [N]."""
        bias = np.zeros((len(ids), self.size), np.float32)
        if self.repetition:
            np.put_along_axis(bias, ids, -self.repetition, axis=1)
        bias[:, self.forbidden] = -np.inf
        if self.no_repeat:
            for row, tokens in enumerate(ids.tolist()):
                bias[row, repeating_after(tokens, self.no_repeat)] = -np.inf
        if self.banned and ids.shape[1]:
            self.banned.add_to(bias, ids)
        if self.beginnings:
            self.demand_beginnings(bias, ids.shape[1], owner)
        return bias

    def demand_beginnings(self, bias: np.ndarray, length: int, owner: np.ndarray) -> None:
        """Leave no other token than the next one of its beginning to a sentence that has so many tokens."""
        for row, sentence in enumerate(owner):
            beginning = self.beginnings[sentence]
            if length < len(beginning):
                bias[row] = -np.inf
                bias[row, beginning[length]] = 0.0


def repeating_after(tokens: list[int], length: int) -> list[int]:
    """The tokens that would end a run of `length` tokens that was there before."""
    last = tokens[len(tokens) - length + 1 :] if length > 1 else []
    runs = [tokens[first : first + length] for first in range(len(tokens) - length + 1)]
    return [run[-1] for run in runs if run[:-1] == last]
