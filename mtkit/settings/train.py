"""Settings of the model and of `mtkit train`, `mtkit export` and `mtkit bench`."""

from dataclasses import dataclass
from typing import ClassVar

from mtkit.settings.option import (
    BASICS,
    BY_FAMILY,
    BY_PRESET,
    LARGEST_SEED,
    MACHINE,
    MODEL,
    OPTIMISATION,
    OUTPUT,
    VALIDATION,
    weights_option,
)

# The kinds of attention of an RNN, and the class of each in mtkit/model ("" where there is none).
ATTENTIONS = {
    "additive": "additive_attention:AdditiveAttention",
    "dot": "dot_attention:DotAttention",
    "general": "dot_attention:GeneralAttention",
    "concat": "additive_attention:AdditiveAttention",
    "none": "",
}
# What tells positions apart in a Transformer, and the class of each kind in mtkit/model.
POSITIONS = {
    "sinusoidal": "added_positions:SinusoidalPositions",
    "learned": "added_positions:LearnedPositions",
    "shifted": "added_positions:ShiftedPositions",
    "rotary": "rotary_positions:RotaryPositions",
    "relative": "relative_positions:RelativePositions",
    "alibi": "alibi_positions:AlibiPositions",
}


@dataclass(frozen=True)
class ModelSettings:
    """The shape of the network. A value left out comes from the preset."""

    preset: str = BASICS.option(
        "auto",
        "Size of the model; auto chooses by the number of training pairs, and the budget.",
        choices=("auto", "tiny", "small", "base"),
    )
    model: str = BASICS.option(
        "auto",
        "Family of the model: rnn (LSTM or GRU with attention) or transformer; auto is that of other options"
        " of the model, else it chooses by the number of training pairs, and the budget.",
        choices=("auto", "rnn", "transformer"),
    )
    cell: str = MODEL.option("lstm", "Recurrent cell of encoder and decoder.", choices=("lstm", "gru"))
    attention: str = MODEL.option(
        "additive",
        "Attention score of Bahdanau (additive) or Luong (dot, general, concat); none: only the encoder's"
        " final state.",
        choices=tuple(ATTENTIONS),
    )
    scale_attention: bool = MODEL.rare(False, "Divide attention scores by the square root of their width.")
    coverage: bool = MODEL.rare(
        False,
        "Additive attention sees how much of each source word was attended to before (Tu et al. 2016,"
        " arXiv:1601.04811).",
    )
    layer_norm: bool = MODEL.rare(
        False,
        "Layer normalisation of what enters the gates of recurrent cells (Ba et al. 2016, arXiv:1607.06450).",
    )
    input_feeding: bool = MODEL.rare(
        True, "Feed the readout of a step to the decoder at the next step (Luong et al. 2015, 3.3)."
    )
    heads: int | None = MODEL.rare(
        None, "Transformer: heads of each attention.", minimum=1, otherwise=BY_PRESET
    )
    feed_forward_width: int | None = MODEL.rare(
        None, "Transformer: width of the feed-forward layers.", minimum=1, otherwise=BY_PRESET
    )
    norm: str = MODEL.rare(
        "pre",
        "Transformer: layer normalisation before each sublayer (pre) or behind it (post).",
        choices=("pre", "post"),
    )
    positions: str = MODEL.rare(
        "sinusoidal",
        "Transformer: what tells positions apart: sinusoidal waves; a learned vector each; waves that begin"
        " anywhere in training (shifted); rotary, relative or alibi, which see distances alone.",
        choices=tuple(POSITIONS),
    )
    activation: str = MODEL.rare(
        "relu", "Transformer: activation of the feed-forward layers.", choices=("relu", "gelu", "swiglu")
    )
    alignment_layer: int | None = MODEL.rare(
        None,
        "Transformer: the decoder layer whose attention is given out, as alignment; the last but one.",
        minimum=1,
        otherwise=BY_PRESET,
    )
    alignment_head: int = MODEL.rare(0, "Transformer: the head of that layer; 0 the mean of all.", minimum=0)
    embedding_width: int | None = MODEL.rare(
        None, "Width of embeddings and readout, and of a Transformer.", minimum=1, otherwise=BY_PRESET
    )
    encoder_width: int | None = MODEL.rare(
        None, "Width of the encoder, both directions together (even).", minimum=2, otherwise=BY_PRESET
    )
    decoder_width: int | None = MODEL.rare(
        None, "Width of the decoder state.", minimum=1, otherwise=BY_PRESET
    )
    encoder_layers: int | None = MODEL.option(
        None, "Encoder layers; the first is bidirectional.", minimum=1, otherwise=BY_PRESET
    )
    decoder_layers: int | None = MODEL.option(
        None, "Decoder layers; the first attends.", minimum=1, otherwise=BY_PRESET
    )
    embedding_dropout: float | None = MODEL.rare(
        None, "Dropout on embeddings.", minimum=0.0, maximum=0.95, otherwise=BY_PRESET
    )
    layer_dropout: float | None = MODEL.option(
        None,
        "Dropout between recurrent layers, or on what a Transformer's sublayers add.",
        minimum=0.0,
        maximum=0.95,
        otherwise=BY_PRESET,
    )
    output_dropout: float | None = MODEL.rare(
        None,
        "Dropout on the readout, before the output layer.",
        minimum=0.0,
        maximum=0.95,
        otherwise=BY_PRESET,
    )
    attention_dropout: float | None = MODEL.rare(
        None, "Transformer: dropout on attention weights.", minimum=0.0, maximum=0.95, otherwise=BY_PRESET
    )
    activation_dropout: float | None = MODEL.rare(
        None,
        "Transformer: dropout inside feed-forward layers.",
        minimum=0.0,
        maximum=0.95,
        otherwise=BY_PRESET,
    )
    stochastic_depth: float = MODEL.rare(
        0.0,
        "Transformer: share of the sublayers that a sentence goes around (Huang et al. 2016,"
        " arXiv:1603.09382).",
        minimum=0.0,
        maximum=0.95,
    )
    word_dropout: float = MODEL.option(
        0.0, "Share of the input words whose whole embedding is left out.", minimum=0.0, maximum=0.95
    )
    variational_dropout: bool = MODEL.rare(
        False,
        "Dropout leaves out the same elements at all positions of a sentence (Gal and Ghahramani 2016,"
        " arXiv:1512.05287).",
    )
    tie_embeddings: str = MODEL.rare(
        "auto",
        "Share one matrix: target embeddings with the output layer (target), also with the source embeddings"
        " (all), or none; auto is all for a joint vocabulary, unless only one side is pretrained or frozen,"
        " else target.",
        choices=("auto", "none", "target", "all"),
    )
    source_embeddings: str | None = MODEL.rare(
        None, "Pretrained source embeddings, a .vec text file.", metavar="FILE"
    )
    target_embeddings: str | None = MODEL.rare(
        None, "Pretrained target embeddings, a .vec text file.", metavar="FILE"
    )
    freeze_source_embeddings: bool = MODEL.rare(False, "Do not train the source embeddings.")
    freeze_target_embeddings: bool = MODEL.rare(False, "Do not train the target embeddings.")


@dataclass(frozen=True)
class TrainSettings:
    """How the network is trained, validated and saved."""

    # What ends a training. Who names one of them means it to be the end: see `settings.resolve`.
    limits: ClassVar[tuple[str, ...]] = ("max_steps", "max_epochs", "max_minutes", "budget")

    from_: str | None = BASICS.option(
        None,
        "Fine-tuning: begin with the model of this checkpoint directory, its best weights and its settings."
        " The text must be prepared with 'mtkit prepare --from DIR'.",
        metavar="DIR",
    )
    batch_tokens: int = OPTIMISATION.option(2048, "Target tokens in a batch, padding included.", minimum=1)
    accumulate_batches: int = OPTIMISATION.rare(
        1, "Batches whose gradients make one update together.", minimum=1
    )
    optimizer: str = OPTIMISATION.rare("adam", "Optimizer.", choices=("adam", "rmsprop", "sgd"))
    learning_rate: float | None = OPTIMISATION.option(
        None, "Highest learning rate.", minimum=0.0, metavar="RATE", otherwise=BY_FAMILY
    )
    schedule: str = OPTIMISATION.rare(
        "auto",
        "After warm-up: constant; inverse-square-root of the step, from step 1,000; cosine, down to 0 at the"
        " limit of the run; plateau, halved when the validation score stalls; auto is cosine with --budget,"
        " else inverse-square-root.",
        choices=("auto", "constant", "inverse-square-root", "cosine", "plateau"),
    )
    warmup_steps: int | None = OPTIMISATION.rare(
        None, "Steps over which the learning rate rises from 0.", minimum=0, otherwise=BY_FAMILY
    )
    plateau_patience: int = OPTIMISATION.rare(
        2, "Validations without a better score before plateau halves the rate.", minimum=1
    )
    clip_norm: float = OPTIMISATION.rare(
        1.0, "Scale gradients down to this global norm; 0 never.", minimum=0.0
    )
    label_smoothing: float = OPTIMISATION.rare(
        0.1, "Share of the probability spread over the vocabulary.", minimum=0.0, maximum=0.9
    )
    subword_sampling: float = OPTIMISATION.option(
        0.0,
        "Split words of the training text into other pieces each time; unigram: the share of words drawn from"
        " their likely splits (Kudo 2018, arXiv:1804.10959); bpe: the share of merges left out (Provilkov et"
        " al. 2020, arXiv:1910.13267).",
        minimum=0.0,
        maximum=1.0,
    )
    join: float = OPTIMISATION.option(
        0.0,
        "Share of the pairs that are read in longer examples, each of 2 to 8 neighbours of the text, others"
        " in every pass; so that longer lines than those of the text are learnt too (Kondo et al. 2021,"
        " arXiv:2104.08478).",
        minimum=0.0,
        maximum=1.0,
        metavar="RATE",
    )
    average_decay: float = OPTIMISATION.rare(
        0.998,
        "Validate and keep an exponential moving average of the weights with this decay; 0 the weights"
        " themselves.",
        minimum=0.0,
        maximum=0.9999,
    )
    budget: str | None = BASICS.option(
        None,
        "Be done, with everything written, after this time in all, such as 20m, 1h30m or 300s; the model"
        " (where model and preset are auto) and the schedule are chosen for it.",
        metavar="TIME",
    )
    max_steps: int = BASICS.rare(0, "Stop after this many steps in all; 0 no limit.", minimum=0)
    max_epochs: int = BASICS.option(
        0, "Stop after this many passes over the training text in all; 0 no limit.", minimum=0
    )
    max_minutes: float = BASICS.rare(
        0.0, "Stop after this many minutes of training in all; 0 no limit.", minimum=0.0
    )
    validate_every_steps: int = VALIDATION.rare(
        0, "Steps between validations; 0 chooses by corpus size.", minimum=0
    )
    best_metric: str = VALIDATION.rare(
        "auto",
        "What the best weights are best in; auto is chrf for text without spaces between words, else bleu.",
        choices=("auto", "bleu", "chrf", "loss"),
    )
    patience: int = BASICS.option(
        8, "Stop after this many validations without a better score; 0 never.", minimum=0
    )
    validation_lines: int = VALIDATION.rare(
        1000, "Translate at most this many validation sentences each time.", minimum=1
    )
    examples: int = VALIDATION.rare(3, "Example translations shown at each validation.", minimum=0)
    keep_weights: int = OUTPUT.rare(3, "Newest weights files kept beside the best.", minimum=1, metavar="K")
    precision: str = MACHINE.option(
        "auto",
        "Arithmetic of matrix products; auto measures at start whether bfloat16 is faster here.",
        choices=("auto", "float32", "bfloat16", "float16"),
    )
    threads: int = MACHINE.option(0, "Processor threads, each for a part of every batch; 0 all.", minimum=0)
    seed: int = MACHINE.rare(1, "Seed of every random choice.", minimum=0, maximum=LARGEST_SEED)
    tensorboard: bool = OUTPUT.rare(True, "Write TensorBoard events under training/.")
    export: bool = OUTPUT.rare(
        True, "Run 'mtkit export' at the end, so that 'mtkit translate' starts at once."
    )


@dataclass(frozen=True)
class ExportSettings:
    """What `mtkit export` writes."""

    weights: str = weights_option(BASICS.option, "Weights to export")
    to: str = BASICS.option(
        "onnx",
        "What to write: onnx, which 'mtkit translate' runs; ctranslate2, a Transformer for the package of"
        " this name; or argos, a package that Argos Translate installs and LibreTranslate serves.",
        choices=("onnx", "ctranslate2", "argos"),
    )


@dataclass(frozen=True)
class BenchSettings:
    """What `mtkit bench` measures."""

    preset: str | None = BASICS.option(
        None,
        "Measure a new model of this size; else the trained model, or one of the size that training would"
        " choose.",
        choices=("tiny", "small", "base"),
    )
    model: str = BASICS.option(
        "auto",
        "Family of a new model; auto is the one that training would choose.",
        choices=("auto", "rnn", "transformer"),
    )
    precision: str = MACHINE.option(
        "auto",
        "Arithmetic of matrix products in training; auto is the faster one.",
        choices=("auto", "float32", "bfloat16", "float16"),
    )
    steps: int = BASICS.option(40, "Training steps to measure.", minimum=1)
    lines: int = BASICS.option(500, "Validation sentences to translate.", minimum=1)
    beam: int = BASICS.option(
        5, "Beam size to measure, beside greedy search.", minimum=1, maximum=256, metavar="K"
    )
    threads: int = MACHINE.option(0, "Processor threads; 0 all.", minimum=0)
    json: bool = OUTPUT.option(False, "Print one JSON object instead of a table.")
