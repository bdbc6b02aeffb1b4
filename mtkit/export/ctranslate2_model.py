"""A Transformer as a model of CTranslate2 (https://github.com/OpenNMT/CTranslate2), which runs without
mtkit.
"""

import shutil
from pathlib import Path

import numpy as np
from ctranslate2.specs import TransformerSpec, common_spec
from ctranslate2.specs.model_spec import LayerSpec, NumpyVariable, visit_spec
from keras import ops

from mtkit.data.tokenizers import Tokenizers
from mtkit.engines.ctranslate2_engine import POSITIONS
from mtkit.export.int8_weights import in_int8
from mtkit.model.transformer import Affine, Normal, TransformerModel

ACTIVATIONS = {
    "relu": common_spec.Activation.RELU,
    "gelu": common_spec.Activation.GELUTanh,
    "swiglu": common_spec.Activation.SWISH,
}
PRECISIONS = ("float32", "int8")


def write(model: TransformerModel, tokenizers: Tokenizers, vocab: Path, folder: Path, precision: str) -> None:
    """Write a model to a folder that `ctranslate2.Translator` loads, with the tokenizers beside it.

    Args:
        vocab: folder of the tokenizers.
        precision: "float32" or "int8".
    """
    spec = specification(model)
    spec.register_source_vocabulary(tokenizers.source.pieces(range(tokenizers.source.size)))
    spec.register_target_vocabulary(tokenizers.target.pieces(range(tokenizers.target.size)))
    spec.config.add_source_eos = True
    spec.validate()
    spec.optimize()
    if precision == "int8":
        visit_spec(spec, round_weights)
    folder.mkdir(parents=True)
    spec.save(str(folder))
    for file in vocab.glob("*.spm"):
        shutil.copyfile(file, folder / file.name)


def round_weights(layer: LayerSpec, name: str, value) -> None:
    """Make a variable of a layer int8 where CTranslate2 would, with scales that no processor cuts off."""
    name = name.rsplit("/", 1)[-1]
    if isinstance(value, NumpyVariable) and hasattr(layer, f"{name}_scale"):
        numbers, scales = in_int8(value.numpy().T)
        setattr(layer, name, NumpyVariable(np.ascontiguousarray(numbers.T)))
        setattr(layer, f"{name}_scale", NumpyVariable(1 / scales))


def specification(model: TransformerModel) -> TransformerSpec:
    """The model in the words of CTranslate2; its matrices are turned, [O, I]."""
    settings = model.settings
    spec = TransformerSpec.from_config(
        (settings.encoder_layers, settings.decoder_layers),
        settings.heads,
        pre_norm=settings.norm == "pre",
        activation=ACTIVATIONS[settings.activation],
        ffn_glu=settings.activation == "swiglu",
        alignment_layer=settings.alignment_layer - 1,
        alignment_heads=settings.heads,
    )
    spec.encoder.embeddings[0].weight = numbers(model.source_embeddings)
    spec.decoder.embeddings.weight = numbers(model.target_embeddings)
    spec.decoder.projection.weight = numbers(model.output_matrix)
    spec.decoder.projection.bias = numbers(model.output_bias)
    sides = (
        (spec.encoder, model.source_positions, model.final[0]),
        (spec.decoder, model.target_positions, model.final[1]),
    )
    for side, positions, final in sides:
        side.position_encodings.encodings = numbers(
            model.places(np.arange(POSITIONS, dtype=np.int32), positions)
        )
        if final:
            normal(side.layer_norm, final)
    for ours, theirs in zip(
        [*model.encoder, *model.decoder], [*spec.encoder.layer, *spec.decoder.layer], strict=True
    ):
        attention(theirs.self_attention, ours.self_attention, [ours.self_attention.together])
        if ours.cross:
            attention(theirs.attention, ours.cross, [ours.cross.queries, ours.cross.memory])
        feed_forward(theirs.ffn, ours.feed_forward, settings.activation == "swiglu")
    return spec


def attention(theirs, ours, inputs: list[Affine]) -> None:
    for linear, affine_map in zip(theirs.linear, [*inputs, ours.output], strict=True):
        affine(linear, affine_map)
    normal(theirs.layer_norm, ours.normal)


def feed_forward(theirs, ours, gated: bool) -> None:
    if gated:
        gate, plain = (
            Affine(*halves)
            for halves in zip(*(ops.split(part, 2, axis=-1) for part in ours.inner), strict=True)
        )
        affine(theirs.linear_0, gate)
        affine(theirs.linear_0_noact, plain)
    else:
        affine(theirs.linear_0, ours.inner)
    affine(theirs.linear_1, ours.outer)
    normal(theirs.layer_norm, ours.normal)


def affine(linear, ours: Affine) -> None:
    linear.weight, linear.bias = np.ascontiguousarray(numbers(ours.matrix).T), numbers(ours.bias)


def normal(layer_norm, ours: Normal) -> None:
    layer_norm.gamma, layer_norm.beta = numbers(ours.gain), numbers(ours.bias)


def numbers(array) -> np.ndarray:
    return np.asarray(ops.convert_to_tensor(array)).copy()  # CTranslate2 writes over it
