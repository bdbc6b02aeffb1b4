"""A Transformer as a model of CTranslate2 (https://github.com/OpenNMT/CTranslate2), which runs without
mtkit.
"""

import shutil
from pathlib import Path

import numpy as np
from ctranslate2.specs import TransformerSpec, common_spec
from ctranslate2.specs.model_spec import LayerSpec, NumpyVariable, visit_spec
from ctranslate2.specs.transformer_spec import TransformerDecoderSpec, TransformerEncoderSpec
from keras import ops

from mtkit.data.tokenizers import Tokenizers
from mtkit.export.ctranslate2_positions import numbers, written_positions
from mtkit.export.int8_weights import in_int8
from mtkit.model.product import Affine
from mtkit.model.transformer import TransformerModel
from mtkit.model.transformer_weights import FeedForward, Layer, MultiHead, Normal

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
        precision: one of PRECISIONS.
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
    """Make a variable of a layer int8 where CTranslate2 would, with scales that no processor cuts off.

    Args:
        name: of the variable, with those of the layers around it.
        value: the variable, or a text where it is equal to another.
    """
    attribute = name.rpartition("/")[2]
    if isinstance(value, NumpyVariable) and hasattr(layer, f"{attribute}_scale"):
        whole_numbers, scales = in_int8(value.numpy().T)
        setattr(layer, attribute, NumpyVariable(np.ascontiguousarray(whole_numbers.T)))
        setattr(layer, f"{attribute}_scale", NumpyVariable(1 / scales))


def specification(model: TransformerModel) -> TransformerSpec:
    """The model in the words of CTranslate2; its matrices are turned, [O, I]."""
    settings = model.settings
    gated = settings.activation == "swiglu"
    positions = written_positions(settings.positions)
    options = {
        "pre_norm": settings.norm == "pre",
        "activation": ACTIVATIONS[settings.activation],
        "ffn_glu": gated,
        **positions.options,
    }
    spec = TransformerSpec(
        TransformerEncoderSpec(settings.encoder_layers, settings.heads, **options),
        TransformerDecoderSpec(
            settings.decoder_layers,
            settings.heads,
            alignment_layer=settings.alignment_layer - 1,
            alignment_heads=settings.heads,
            **options,
        ),
    )
    spec.encoder.embeddings[0].weight = numbers(model.source_embeddings)
    spec.decoder.embeddings.weight = numbers(model.target_embeddings)
    spec.decoder.projection.weight = numbers(model.output_matrix)
    spec.decoder.projection.bias = numbers(model.output_bias)
    positions.fill(spec.encoder, model, "source")
    positions.fill(spec.decoder, model, "target")
    for end_spec, norm in zip((spec.encoder, spec.decoder), model.final, strict=True):
        if norm:
            fill_norm(end_spec.layer_norm, norm)
    for layer_spec, layer in zip(spec.encoder.layer, model.encoder, strict=True):
        fill_layer(layer_spec, layer, gated=gated)
    for layer_spec, layer in zip(spec.decoder.layer, model.decoder, strict=True):
        fill_layer(layer_spec, layer, gated=gated)
    return spec


def fill_layer(spec, layer: Layer, *, gated: bool) -> None:
    fill_attention(spec.self_attention, layer.self_attention, [layer.self_attention.together])
    if layer.cross:
        fill_attention(spec.attention, layer.cross, [layer.cross.queries, layer.cross.memory])
    fill_feed_forward(spec.ffn, layer.feed_forward, gated=gated)


def fill_attention(spec, attention: MultiHead, inputs: list[Affine]) -> None:
    for linear, affine in zip(spec.linear, [*inputs, attention.output], strict=True):
        fill_linear(linear, affine)
    fill_norm(spec.layer_norm, attention.normal)


def fill_feed_forward(spec, network: FeedForward, *, gated: bool) -> None:
    if gated:
        matrices, biases = (ops.split(array, 2, axis=-1) for array in network.inner)
        fill_linear(spec.linear_0, Affine(matrices[0], biases[0]))
        fill_linear(spec.linear_0_noact, Affine(matrices[1], biases[1]))
    else:
        fill_linear(spec.linear_0, network.inner)
    fill_linear(spec.linear_1, network.outer)
    fill_norm(spec.layer_norm, network.normal)


def fill_linear(spec, affine: Affine) -> None:
    spec.weight = np.ascontiguousarray(numbers(affine.matrix).T)
    spec.bias = numbers(affine.bias)


def fill_norm(spec, norm: Normal) -> None:
    spec.gamma = numbers(norm.gain)
    spec.beta = numbers(norm.bias)
