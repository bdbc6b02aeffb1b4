"""From settings to a model: what they leave open, what does not go together, and which family makes it."""

from dataclasses import replace

from mtkit.errors import SettingsError
from mtkit.model.attentions import attention_kind
from mtkit.model.base import TranslationModel
from mtkit.model.positions import positions_kind
from mtkit.model.rnn import RecurrentModel
from mtkit.model.transformer import TransformerModel
from mtkit.settings.option import changed, refuse_others
from mtkit.settings.train import ATTENTIONS, ModelSettings

FAMILIES = {"rnn": RecurrentModel, "transformer": TransformerModel}
PRESETS = {
    "rnn": {
        "tiny": {"embedding_width": 128, "encoder_width": 128, "decoder_width": 128, "dropout": 0.1},
        "small": {"embedding_width": 256, "encoder_width": 256, "decoder_width": 256, "dropout": 0.3},
        "base": {"embedding_width": 512, "encoder_width": 512, "decoder_width": 512, "dropout": 0.2},
    },
    "transformer": {
        "tiny": {"embedding_width": 128, "feed_forward_width": 256, "heads": 4, "layers": 4, "dropout": 0.15},
        "small": {
            "embedding_width": 256,
            "feed_forward_width": 1024,
            "heads": 4,
            "layers": 4,
            "dropout": 0.2,
        },
        "base": {"embedding_width": 512, "feed_forward_width": 2048, "heads": 8, "layers": 6, "dropout": 0.1},
    },
}
SIZES = ("tiny", "small", "base")
PRESET_UP_TO_PAIRS = {
    "rnn": {"tiny": 10_000, "small": 300_000},
    "transformer": {"tiny": 100_000, "small": 1_000_000},
}
# Settings of one family alone.
FAMILY_SETTINGS = {
    "rnn": (
        "cell",
        "attention",
        "scale_attention",
        "coverage",
        "layer_norm",
        "input_feeding",
        "encoder_width",
        "decoder_width",
        "output_dropout",
    ),
    "transformer": (
        "heads",
        "feed_forward_width",
        "norm",
        "positions",
        "activation",
        "attention_dropout",
        "activation_dropout",
        "stochastic_depth",
        "alignment_layer",
        "alignment_head",
    ),
}


def preset_for(pairs: int, family: str) -> str:
    """The preset of a family for this many training pairs: larger text carries a larger model."""
    return next((name for name, most in PRESET_UP_TO_PAIRS[family].items() if pairs <= most), "base")


def build_model(
    settings: ModelSettings, source_size: int, target_size: int, seed: int = 1, precision: str = "float32"
) -> TranslationModel:
    """A new model of the family that complete settings name; for the rest see `TranslationModel`."""
    model = FAMILIES[settings.model](settings, source_size, target_size, seed, precision)
    model.built = True  # for Keras: it has all its weights
    return model


def fill_in(settings: ModelSettings, joint_vocabulary: bool) -> ModelSettings:
    """Settings with nothing left open: widths, layers, dropout and tying.

    The preset must be chosen already; a family that is left open is rnn.

    Raises:
        SettingsError: values that do not go together.
    """
    settings = replace(settings, model=family_of(settings) or "rnn")
    sizes = PRESETS[settings.model][settings.preset]
    given = {name: value for name, value in vars(settings).items() if value is not None}
    given["tie_embeddings"] = tying(settings, joint_vocabulary)
    filled = replace(settings, **{**defaults(settings.model, sizes, given), **given})
    check = check_rnn if filled.model == "rnn" else check_transformer
    check(filled)
    return filled


def family_of(settings: ModelSettings) -> str | None:
    """The family that settings name, themselves or by others that only it has; None where they leave it open.

    Raises:
        SettingsError: settings of another family were changed.
    """
    meant = next((family for family, names in FAMILY_SETTINGS.items() if changed(settings, names)), None)
    named = settings.model if settings.model != "auto" else meant
    refuse_others(settings, FAMILY_SETTINGS, "--model", named)
    return named


def defaults(family: str, sizes: dict, given: dict) -> dict:
    """What a preset says of settings that may be open.

    Args:
        sizes: of the preset.
        given: the settings that are not open; some defaults depend on them.
    """
    dropout = sizes["dropout"]
    shared = {
        "embedding_width": sizes["embedding_width"],
        "embedding_dropout": dropout,
        "layer_dropout": dropout,
    }
    if family == "rnn":
        return {
            **shared,
            "encoder_width": sizes["encoder_width"],
            "decoder_width": sizes["decoder_width"],
            "encoder_layers": 1,
            "decoder_layers": 1,
            "output_dropout": dropout,
        }
    layers = sizes["layers"]
    return {
        **shared,
        "feed_forward_width": sizes["feed_forward_width"],
        "heads": sizes["heads"],
        "encoder_layers": layers,
        "decoder_layers": layers,
        "attention_dropout": 0.0,
        "activation_dropout": 0.0,
        "alignment_layer": max(1, given.get("decoder_layers", layers) - 1),
    }


def tying(settings: ModelSettings, joint_vocabulary: bool) -> str:
    """Which embeddings are one matrix: "none", "target" or "all".

    Raises:
        SettingsError: what cannot be.
    """
    freeze_alike = settings.freeze_source_embeddings == settings.freeze_target_embeddings
    alike = freeze_alike and settings.source_embeddings == settings.target_embeddings
    tie = settings.tie_embeddings
    if tie == "auto":
        tie = "all" if joint_vocabulary and alike else "target"
    if tie == "all" and not joint_vocabulary:
        raise SettingsError(
            "tie_embeddings all needs a joint vocabulary; use target, or 'mtkit prepare --vocabulary joint'"
        )
    if tie == "all" and not alike:
        raise SettingsError(
            "tie_embeddings all makes one matrix of source and target embeddings: give both the same file and"
            " freeze both or neither, or leave tie_embeddings out"
        )
    return tie


def check_rnn(filled: ModelSettings) -> None:
    """Raise SettingsError for what does not go together."""
    if filled.encoder_width % 2:
        raise SettingsError(f"encoder_width is even (two directions). Received: {filled.encoder_width}")
    attention = attention_kind(filled.attention)
    if filled.coverage and not (attention and attention.covers):
        covering = [name for name in ATTENTIONS if (kind := attention_kind(name)) and kind.covers]
        raise SettingsError(f"coverage needs attention {' or '.join(covering)}. Received: {filled.attention}")
    if attention:
        attention.check(filled)


def check_transformer(filled: ModelSettings) -> None:
    """Raise SettingsError for what does not go together."""
    if filled.embedding_width % filled.heads or filled.embedding_width % 2:
        raise SettingsError(
            f"embedding_width is even and a multiple of heads. Received: {filled.embedding_width} and"
            f" {filled.heads}"
        )
    if filled.alignment_layer > filled.decoder_layers or filled.alignment_head > filled.heads:
        raise SettingsError(
            f"alignment_layer is at most decoder_layers ({filled.decoder_layers}), alignment_head at most"
            f" heads ({filled.heads}). Received: {filled.alignment_layer} and {filled.alignment_head}"
        )
    positions_kind(filled.positions).check(filled)
