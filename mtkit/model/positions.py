"""What tells the positions of a text apart in a Transformer.

A kind of positions may add something to the embeddings, turn queries and keys, and add something to the
scores of a text that attends to itself. Attention to the source has no positions. Each kind is a subclass of
`Positions`, named in settings.train.POSITIONS; `alibi_positions.py` is the shortest.

Shape letters: B sentences, E width of the model, H heads, W = E / H, T positions, M positions that are
attended to.
"""

from importlib import import_module
from typing import Any, NamedTuple

from keras import ops

from mtkit.model.base import TranslationModel
from mtkit.settings.train import POSITIONS, ModelSettings


class Places(NamedTuple):
    """Where queries and keys stand, where a text attends to itself.

    Attributes:
        queries: int32 [T].
        keys: int32 [M]; negative ones hold nothing.
    """

    queries: Any
    keys: Any

    @property
    def distances(self):
        """How far behind each query each key stands, int32 [T, M]; those before it are negative."""
        return self.keys - ops.expand_dims(self.queries, 1)


class Positions:
    """A kind of positions; this one tells nothing apart.

    Args:
        model: whose weights it makes.
    """

    def __init__(self, model: TranslationModel):
        self.model = model
        self.settings = model.settings

    @classmethod
    def check(cls, settings: ModelSettings) -> None:
        """Raise SettingsError for complete settings of a model that do not go together with it."""

    def new_in_layer(self, name: str):
        """New weights of a layer's attention of a text to itself; None for none."""

    def moved(self, numbers, rows):
        """Where texts stand in training: int32 [T, 1] -> [T, 1] or [T, B].

        Args:
            rows: B.
        """
        return numbers

    def added(self, side: str, numbers):
        """What is added to embeddings at positions int32 [...]: [..., E]; None for nothing.

        Args:
            side: "source" or "target".
        """

    def turned(self, x, numbers):
        """Queries or keys at positions int32 [T], [B, H, T, W] -> [B, H, T, W]."""
        return x

    def biased(self, bias, queries, weights, places: Places):
        """A bias of attention scores, with what tells positions apart.

        Args:
            bias: what can be added to [B, H, T, M].
            queries: [B, H, T, W].
            weights: as `new_in_layer` made them.

        Returns:
            What can be added to [B, H, T, M].
        """
        return bias

    @property
    def _width_of_head(self) -> int:
        return self.settings.embedding_width // self.settings.heads


def positions_kind(name: str) -> type[Positions]:
    """The class that settings.train.POSITIONS names."""
    module, _, class_name = POSITIONS[name].partition(":")
    return getattr(import_module(f"mtkit.model.{module}"), class_name)
