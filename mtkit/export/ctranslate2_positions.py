"""What tells positions apart in a model of CTranslate2."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from ctranslate2.specs.model_spec import LayerSpec
from keras import ops

from mtkit.engines.ctranslate2_engine import MOST_POSITIONS
from mtkit.errors import SettingsError
from mtkit.model.alibi_positions import slopes
from mtkit.model.transformer import TransformerModel

# The distance from which on all share one bucket; it must be above those that have one each (`fill_alibi`).
FARTHEST_BUCKET = 2 * MOST_POSITIONS


class WrittenPositions(NamedTuple):
    """How a kind of positions is written.

    Attributes:
        options: of the specifications of encoder and decoder.
        fill: (specification of an encoder or decoder, model, "source" or "target") -> None.
        limit: how many positions a text may have; None for any number.
    """

    options: dict[str, Any]
    fill: Callable[[LayerSpec, TransformerModel, str], None]
    limit: int | None


def fill_added(spec: LayerSpec, model: TransformerModel, side: str) -> None:
    added = model.positions.added(side, np.arange(MOST_POSITIONS, dtype=np.int32))
    spec.position_encodings.encodings = numbers(added)


def fill_nothing(spec: LayerSpec, model: TransformerModel, side: str) -> None:
    """Of a kind whose options say all."""


def fill_relative(spec: LayerSpec, model: TransformerModel, side: str) -> None:
    layers = model.encoder if side == "source" else model.decoder
    for layer_spec, layer in zip(spec.layer, layers, strict=True):
        keys = numbers(layer.self_attention.positions)
        layer_spec.self_attention.relative_position_keys = keys
        layer_spec.self_attention.relative_position_values = np.zeros_like(keys)


def fill_alibi(spec: LayerSpec, model: TransformerModel, side: str) -> None:
    """By the learned biases of T5 (Raffel et al. 2020, arXiv:1910.10683), since CTranslate2 has ALiBi for
    decoders alone. There distances share buckets, but those below half of the buckets of a direction have one
    each. An encoder has two directions.
    """
    distances = np.arange(2 * MOST_POSITIONS)
    if side == "source":
        distances = np.tile(distances, 2)
    bias = -distances[:, None] * slopes(model.settings.heads)
    for layer_spec in spec.layer:
        layer_spec.self_attention.relative_attention_bias = bias.astype(np.float32)
        layer_spec.self_attention.relative_attention_max_distance = np.int32(FARTHEST_BUCKET)


ADDED = WrittenPositions({}, fill_added, MOST_POSITIONS)
KINDS = {
    "sinusoidal": ADDED,
    "shifted": ADDED,
    "learned": ADDED,
    "rotary": WrittenPositions({"rotary_dim": 0, "rotary_interleave": False}, fill_nothing, None),
    "relative": WrittenPositions({"relative_position": True}, fill_relative, None),
    "alibi": WrittenPositions({"relative_attention_bias": True}, fill_alibi, MOST_POSITIONS),
}


def written_positions(name: str) -> WrittenPositions:
    """How a kind of positions is written; raises SettingsError where it cannot be."""
    if name not in KINDS:
        raise SettingsError(
            f"CTranslate2 cannot run a Transformer with --positions {name}; run 'mtkit export --to onnx', or"
            f" train with --positions {', '.join(KINDS)}"
        )
    return KINDS[name]


def numbers(array) -> np.ndarray:
    """The values of a variable or tensor, in an array of its own: CTranslate2 writes over it."""
    return np.asarray(ops.convert_to_tensor(array)).copy()
