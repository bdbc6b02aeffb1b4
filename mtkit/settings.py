"""Every setting of every command: its default, its help text and its check stand here and nowhere else.

The command line makes its options from these dataclasses, `mtkit.toml` has one table for each of them, and the
checkpoint directory keeps the resolved values. A setting is resolved from layers; a later layer wins: the default,
what the checkpoint directory already holds, the settings file, the command line.
"""

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtkit.errors import InputError, SettingsError
from mtkit.option import by_preset, check, nearest, option, public_name

DEFAULT_SETTINGS_FILE = "mtkit.toml"
LARGEST_SEED = 2**31 - 1


def weights_option(what: str):
    """The name of weights in a checkpoint directory."""
    return option("best", f"{what}: best, last, average (of the last ones kept), or a step number.", metavar="NAME")


@dataclass(frozen=True)
class PrepareSettings:
    """What `mtkit prepare` reads, cleans, tokenizes and stores."""

    from_: str | None = option(
        None, "Fine-tuning: use the tokenizers of this checkpoint directory. Then 'mtkit train --from DIR'.", metavar="DIR"
    )
    train: tuple[str, ...] = option(
        (),
        "Training text; may be given several times. PREFIX (reads PREFIX.en and PREFIX.de, plain or .gz), "
        "SOURCE,TARGET (two files), or a file ending in .tsv or .tsv.gz (source, tab, target).",
        metavar="CORPUS",
    )
    valid: tuple[str, ...] = option(
        (), "Validation text, given like --train; or a number of pairs to split off from the training text; 0 for none.",
        metavar="CORPUS|N", otherwise="a twentieth, at most 1,000",
    )
    test: tuple[str, ...] = option(
        (), "Test text, given like --train; or a number of pairs to split off from the training text.", metavar="CORPUS|N"
    )
    source_language: str | None = option(None, "Source language, also the ending of PREFIX files.", metavar="CODE")
    target_language: str | None = option(None, "Target language, also the ending of PREFIX files.", metavar="CODE")
    tokenizer: str = option(
        "unigram", "Kind of tokenizer (all are sentencepiece models).", choices=("unigram", "bpe", "word", "char")
    )
    vocabulary: str = option(
        "joint", "One vocabulary for both languages, or one for each.", choices=("joint", "separate")
    )
    vocabulary_size: int = option(
        0, "Tokens in a vocabulary; 0 chooses what the corpus can carry.", minimum=0, maximum=1_000_000, metavar="N"
    )
    byte_fallback: bool = option(True, "Spell characters that the vocabulary lacks as bytes, so that no text is lost.")
    character_coverage: float = option(
        1.0, "Share of the characters of the training text that the vocabulary holds.", minimum=0.98, maximum=1.0
    )
    tokenizer_sample_lines: int = option(
        200_000, "Train the tokenizer on at most this many pairs, drawn evenly.", minimum=1, metavar="N"
    )
    max_length_tokens: int = option(250, "Drop a pair with a longer side; 0 keeps all.", minimum=0, metavar="N")
    max_length_ratio: float = option(
        4.0,
        "Drop a pair (of over 10 tokens) whose longer side has more than this many times the tokens of its shorter; 0 keeps all.",
        minimum=0.0,
    )
    drop_empty: bool = option(True, "Drop pairs with an empty side.")
    drop_duplicates: bool = option(True, "Drop exact repetitions of a pair within the training text.")
    drop_identical: bool = option(True, "Drop pairs whose two sides are the same.")
    invalid_utf8: str = option(
        "stop", "A line that is not UTF-8: stop and name it, or drop its pair.", choices=("stop", "drop")
    )
    rejects: str | None = option(None, "Write the dropped pairs, with reason, file and line, to this TSV file.", metavar="FILE")
    seed: int = option(1, "Seed of every random choice.", minimum=0, maximum=LARGEST_SEED)


@dataclass(frozen=True)
class ModelSettings:
    """The shape of the network. A value left out comes from the preset."""

    preset: str = option(
        "auto", "Size of the model; auto chooses by the number of training pairs, and the budget.",
        choices=("auto", "tiny", "small", "base"),
    )
    cell: str = option("lstm", "Recurrent cell of encoder and decoder.", choices=("lstm", "gru"))
    attention: str = option(
        "additive",
        "Attention score: additive (Bahdanau), dot, general, concat (Luong), or none (only the encoder's final state).",
        choices=("additive", "dot", "general", "concat", "none"),
    )
    scale_attention: bool = option(False, "Divide attention scores by the square root of their width.")
    coverage: bool = option(
        False, "Additive attention sees how much of each source word was attended to before (Tu et al. 2016, arXiv:1601.04811)."
    )
    layer_norm: bool = option(
        False, "Layer normalisation of what enters the gates of recurrent cells (Ba et al. 2016, arXiv:1607.06450)."
    )
    input_feeding: bool = option(True, "Feed the readout of a step to the decoder at the next step (Luong et al. 2015, 3.3).")
    embedding_width: int | None = by_preset("Width of embeddings and readout.", minimum=1, metavar="N")
    encoder_width: int | None = by_preset("Width of the encoder, both directions together (even).", minimum=2, metavar="N")
    decoder_width: int | None = by_preset("Width of the decoder state.", minimum=1, metavar="N")
    encoder_layers: int | None = by_preset("Encoder layers; the first is bidirectional.", minimum=1, metavar="N")
    decoder_layers: int | None = by_preset("Decoder layers; the first attends.", minimum=1, metavar="N")
    embedding_dropout: float | None = by_preset("Dropout on embeddings.", minimum=0.0, maximum=0.95)
    layer_dropout: float | None = by_preset("Dropout between recurrent layers.", minimum=0.0, maximum=0.95)
    output_dropout: float | None = by_preset("Dropout on the readout, before the output layer.", minimum=0.0, maximum=0.95)
    word_dropout: float = option(0.0, "Share of the input words whose whole embedding is left out.", minimum=0.0, maximum=0.95)
    variational_dropout: bool = option(
        False, "Dropout leaves out the same elements at all positions of a sentence (Gal and Ghahramani 2016, arXiv:1512.05287)."
    )
    tie_embeddings: str = option(
        "auto",
        "Share one matrix: target embeddings with the output layer (target), also with the source embeddings (all), "
        "or none; auto is all for a joint vocabulary, unless only one side is pretrained or frozen, else target.",
        choices=("auto", "none", "target", "all"),
    )
    source_embeddings: str | None = option(None, "Pretrained source embeddings, a .vec text file.", metavar="FILE")
    target_embeddings: str | None = option(None, "Pretrained target embeddings, a .vec text file.", metavar="FILE")
    freeze_source_embeddings: bool = option(False, "Do not train the source embeddings.")
    freeze_target_embeddings: bool = option(False, "Do not train the target embeddings.")


@dataclass(frozen=True)
class TrainSettings:
    """How the network is trained, validated and saved."""

    from_: str | None = option(
        None,
        "Fine-tuning: begin with the best weights, and the model settings, of this checkpoint directory. The text must be "
        "prepared with 'mtkit prepare --from DIR'.",
        metavar="DIR",
    )
    batch_tokens: int = option(2048, "Target tokens in a batch, padding included.", minimum=1, metavar="N")
    accumulate_batches: int = option(1, "Batches whose gradients make one update together.", minimum=1, metavar="N")
    optimizer: str = option("adam", "Optimizer.", choices=("adam", "rmsprop", "sgd"))
    learning_rate: float = option(0.002, "Highest learning rate.", minimum=0.0, metavar="RATE")
    schedule: str = option(
        "auto",
        "After warm-up: constant; inverse-square-root of the step, from step 1,000; cosine, down to 0 at the limit of the run; "
        "plateau, halved when the validation score stalls; auto is cosine with --budget, else inverse-square-root.",
        choices=("auto", "constant", "inverse-square-root", "cosine", "plateau"),
    )
    warmup_steps: int = option(200, "Steps over which the learning rate rises from 0.", minimum=0, metavar="N")
    plateau_patience: int = option(2, "Validations without a better score before plateau halves the rate.", minimum=1, metavar="N")
    clip_norm: float = option(1.0, "Scale gradients down to this global norm; 0 never.", minimum=0.0)
    label_smoothing: float = option(0.1, "Share of the probability spread over the vocabulary.", minimum=0.0, maximum=0.9)
    subword_sampling: float = option(
        0.0,
        "Split words of the training text into other pieces each time: unigram, the share of words drawn from their likely splits "
        "(Kudo 2018, arXiv:1804.10959); bpe, the share of merges left out (Provilkov et al. 2020, arXiv:1910.13267).",
        minimum=0.0, maximum=1.0,
    )
    average_decay: float = option(
        0.998, "Validate and keep an exponential moving average of the weights with this decay; 0 the weights themselves.",
        minimum=0.0, maximum=0.9999,
    )
    max_steps: int = option(0, "Stop after this many steps in all; 0 no limit.", minimum=0, metavar="N")
    max_epochs: int = option(0, "Stop after this many passes over the training text in all; 0 no limit.", minimum=0, metavar="N")
    max_minutes: float = option(0.0, "Stop after this many minutes of training in all; 0 no limit.", minimum=0.0)
    budget: str | None = option(
        None,
        "Be done, with everything written, after this time in all, such as 20m, 1h30m or 300s; the size of the model (preset auto) "
        "and the schedule are chosen for it.",
        metavar="TIME",
    )
    validate_every_steps: int = option(0, "Steps between validations; 0 chooses by corpus size.", minimum=0, metavar="N")
    best_metric: str = option("bleu", "What the best weights are best in.", choices=("bleu", "chrf", "loss"))
    patience: int = option(8, "Stop after this many validations without a better score; 0 never.", minimum=0, metavar="N")
    validation_lines: int = option(1000, "Translate at most this many validation sentences each time.", minimum=1, metavar="N")
    examples: int = option(3, "Example translations shown at each validation.", minimum=0, metavar="N")
    keep_weights: int = option(3, "Newest weights files kept beside the best.", minimum=1, metavar="K")
    precision: str = option(
        "auto", "Arithmetic of matrix products; auto measures at start whether bfloat16 is faster here.",
        choices=("auto", "float32", "bfloat16", "float16"),
    )
    threads: int = option(0, "Processor threads, each for a part of every batch; 0 all.", minimum=0, metavar="N")
    seed: int = option(1, "Seed of every random choice.", minimum=0, maximum=LARGEST_SEED)
    tensorboard: bool = option(True, "Write TensorBoard events under training/.")
    export: bool = option(True, "Run 'mtkit export' at the end, so that 'mtkit translate' starts at once.")


@dataclass(frozen=True)
class ExportSettings:
    """What `mtkit export` writes."""

    weights: str = weights_option("Weights to export")


@dataclass(frozen=True)
class TranslateSettings:
    """How `mtkit translate` searches and what it prints."""

    weights: str = weights_option("Weights to use")
    beam: int = option(5, "Beam size; 1 is greedy search.", minimum=1, maximum=256, metavar="K")
    length_penalty: float = option(
        1.0, "Exponent a of the length penalty, which the log-probability is divided by; 0 prefers short output.",
        minimum=0.0, maximum=10.0,
    )
    length_penalty_form: str = option(
        "wu", "wu: ((5+n)/6)^a (Wu et al. 2016, arXiv:1609.08144, eq. 14); power: n^a; n the tokens with the end.",
        choices=("wu", "power"),
    )
    coverage_penalty: float = option(
        0.0, "Weight of the coverage penalty (the same equation): prefers translations that attend to all of the source.",
        minimum=0.0, maximum=10.0,
    )
    min_length: int = option(0, "Fewest tokens of a translation.", minimum=0, metavar="N")
    min_length_factor: float = option(0.0, "Fewest tokens, as a multiple of the source tokens.", minimum=0.0, maximum=10.0)
    max_length: int = option(0, "Most tokens of a translation; 0 no limit but --max-length-factor.", minimum=0, metavar="N")
    max_length_factor: float = option(
        2.0, "Stop a hypothesis at this many times the source tokens, plus 10.", minimum=0.1, maximum=100.0
    )
    n_best: int = option(
        1, "Give the N best translations of each line, with --format tsv or jsonl.", minimum=1, maximum=256, metavar="N"
    )
    sample: bool = option(False, "Draw translations at random from the model's distribution instead of searching for the best.")
    temperature: float = option(1.0, "With --sample: below 1 likely words become likelier.", minimum=0.01, maximum=100.0)
    top_k: int = option(0, "With --sample: draw from the K likeliest tokens; 0 all.", minimum=0, metavar="K")
    top_p: float = option(
        1.0, "With --sample: draw from the fewest tokens that hold this share of the probability.", minimum=0.01, maximum=1.0
    )
    seed: int = option(1, "With --sample: seed of what is drawn; it does not depend on the batch.", minimum=0, maximum=LARGEST_SEED)
    no_repeat_ngram: int = option(0, "No run of N tokens comes twice in a translation; 0 any may.", minimum=0, metavar="N")
    repetition_penalty: float = option(
        0.0, "Taken from the log-probability of tokens that the translation already holds, in nats, for the choice of tokens.",
        minimum=0.0, maximum=100.0,
    )
    ban: str | None = option(None, "A file of words or phrases, one a line, that no translation may hold.", metavar="FILE")
    alignments: str | None = option(
        None, "Write the word alignment of each best translation, by attention, to this file: '0-0 2-1' (source-target).",
        metavar="FILE",
    )
    attention: str | None = option(
        None, "Draw what the tokens of the best translations attend to: a page (.html), or a picture of the first 12 (.svg, .png).",
        metavar="FILE",
    )
    force_reference: str | None = option(
        None, "Do not search: a file with as many lines as the input, whose lines are scored as the translations.", metavar="FILE"
    )
    glossary: str | None = option(
        None, "Terms and their translations, a tab between, one a line: each is demanded where a line holds it.",
        metavar="FILE",
    )
    prefixes: str | None = option(
        None, "A file with as many lines as the input: what the translation of each line must begin with.", metavar="FILE"
    )
    ensemble: tuple[str, ...] = option(
        (), "Translate together with the model of this checkpoint directory, of the same vocabulary; may be given several times.",
        metavar="DIR",
    )
    engine: str = option(
        "auto",
        "What runs the model: onnx (what 'mtkit export' wrote; starts at once) or keras (the weights themselves); auto is onnx "
        "where these weights were exported.",
        choices=("auto", "onnx", "keras"),
    )
    precision: str = option(
        "auto",
        "Arithmetic of the onnx engine: float32, as the trained model; int8, faster and a little less exact; auto is float32.",
        choices=("auto", "float32", "int8"),
    )
    shortlist: int = option(
        0, "Choose from the N likeliest translations of each source token, by a lexical table, and what is common; 0 everything.",
        minimum=0, maximum=100, metavar="N",
    )
    journal: str | None = option(
        None, "Keep what is done in this file, so that the same command goes on where a killed one was.", metavar="FILE"
    )
    batch_tokens: int = option(
        1536, "Source tokens translated at once, a short sentence counting as 32; never changes a translation.",
        minimum=1, metavar="N",
    )
    chunk_lines: int = option(2048, "Lines read, sorted by length, translated and written at a time.", minimum=1, metavar="N")
    explain: bool = option(
        False, "Instead of the translation alone, show how sure the model was of each token, what came near, and attention."
    )
    paragraphs: bool = option(
        False, "Split each line into sentences, translate these, and join them with the white space of the line."
    )
    max_source_tokens: int = option(
        250, "Translate a line of more tokens in parts, split where sentences or clauses end; 0 never.", minimum=0, metavar="N"
    )
    format: str = option("text", "Output: text, tsv (score, hypothesis) or jsonl.", choices=("text", "tsv", "jsonl"))
    output: str | None = option(None, "Write to this file instead of stdout.", metavar="FILE")
    threads: int = option(0, "Processor threads; 0 all.", minimum=0, metavar="N")


@dataclass(frozen=True)
class ScoreSettings:
    """How `mtkit score` compares hypotheses with references."""

    hypothesis: str | None = option(None, "Hypotheses to score, one a line; - is stdin.", metavar="FILE")
    reference: tuple[str, ...] = option((), "References, one a line; may be given several times.", metavar="FILE")
    split: str | None = option(
        None, "Without files: translate and score this part of the prepared text; test if there is one, else valid.",
        choices=("test", "valid"),
    )
    weights: str = weights_option("Weights to use")
    beam: int = option(5, "Beam size; 1 is greedy search.", minimum=1, maximum=256, metavar="K")
    length_penalty: float = option(
        1.0, "Exponent a of the length penalty ((5+n)/6)^a (Wu et al. 2016, eq. 14).", minimum=0.0, maximum=10.0
    )
    engine: str = option("auto", "What runs the model; as in 'mtkit translate'.", choices=("auto", "onnx", "keras"))
    precision: str = option("auto", "Arithmetic; as in 'mtkit translate'.", choices=("auto", "float32", "int8"))
    tokenize: str = option(
        "13a", "Tokenization of BLEU (sacreBLEU's names).", choices=("13a", "none", "intl", "char", "zh", "ja-mecab", "ko-mecab")
    )
    lowercase: bool = option(False, "Ignore case.")
    bootstrap_samples: int = option(1000, "Resamplings behind the 95% confidence intervals; 0 none.", minimum=0, metavar="N")
    seed: int = option(12345, "Seed of the bootstrap.", minimum=0, maximum=LARGEST_SEED)
    json: bool = option(False, "Print one JSON object instead of a table.")
    threads: int = option(0, "Processor threads; 0 all.", minimum=0, metavar="N")


@dataclass(frozen=True)
class BenchSettings:
    """What `mtkit bench` measures."""

    preset: str | None = option(
        None, "Measure a new model of this size; else the trained model, or one of the size that training would choose.",
        choices=("tiny", "small", "base"),
    )
    precision: str = option(
        "auto", "Arithmetic of matrix products in training; auto is the faster one.",
        choices=("auto", "float32", "bfloat16", "float16"),
    )
    steps: int = option(40, "Training steps to measure.", minimum=1, metavar="N")
    lines: int = option(500, "Validation sentences to translate.", minimum=1, metavar="N")
    beam: int = option(5, "Beam size to measure, beside greedy search.", minimum=1, maximum=256, metavar="K")
    threads: int = option(0, "Processor threads; 0 all.", minimum=0, metavar="N")
    json: bool = option(False, "Print one JSON object instead of a table.")


TABLES: dict[str, type] = {
    "prepare": PrepareSettings,
    "model": ModelSettings,
    "train": TrainSettings,
    "export": ExportSettings,
    "translate": TranslateSettings,
    "score": ScoreSettings,
    "bench": BenchSettings,
}


def resolve(table: str, *layers: Mapping[str, Any], origin: str = "the settings"):
    """Settings of a table from layers of values; a later layer wins and an absent name keeps the default.

    Raises:
        SettingsError: an unknown name (the nearest known one is named) or a value of the wrong kind or range.
    """
    settings_class = TABLES[table]
    known = {public_name(setting): setting for setting in dataclasses.fields(settings_class)}
    values: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.items():
            name = name.replace("-", "_").rstrip("_")
            if name not in known:
                raise SettingsError(f"{origin}: unknown key {name!r} in [{table}]{nearest(name, list(known))}")
            values[known[name].name] = check(table, known[name], value, origin)
    return settings_class(**values)


def read_settings_file(path: Path) -> dict[str, dict[str, Any]]:
    """The tables of a TOML settings file, with names checked but values not yet.

    Raises:
        InputError: no such file, or not TOML.
        SettingsError: an unknown table or key.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"settings file {path} does not exist") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise InputError(f"settings file {path} cannot be read: {error}") from None
    for name, table in tables.items():
        if name not in TABLES:
            raise SettingsError(f"{path}: unknown table [{name}]{nearest(name, list(TABLES))}")
        if not isinstance(table, dict):
            raise SettingsError(f"{path}: {name} is a table: write [{name}] on a line of its own")
        resolve(name, table, origin=str(path))
    return tables


def available_threads() -> int:
    """Processor threads that this process may use: what 0 threads stand for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def as_table(settings: Any) -> dict[str, Any]:
    """Settings as a TOML or JSON table; absent values are left out."""
    values = {public_name(setting): getattr(settings, setting.name) for setting in dataclasses.fields(settings)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value is not None}
