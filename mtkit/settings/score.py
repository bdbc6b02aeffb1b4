"""Settings of `mtkit score`, `mtkit compare`, `mtkit report` and `mtkit doctor`."""

from dataclasses import dataclass
from functools import partial

from mtkit.settings.engines import ENGINE_CHOICES
from mtkit.settings.option import (
    BASICS,
    COMPARISON,
    LARGEST_SEED,
    MACHINE,
    OUTPUT,
    SCORES,
    TRANSLATING,
    weights_option,
)
from mtkit.settings.prepare import context_option

TOKENIZATIONS = ("13a", "none", "intl", "char", "zh", "ja-mecab", "ko-mecab")
SPLITS = ("test", "valid")
BUCKETS = ("length", "frequency", "unknown", "number", "document")
TESTS = ("bootstrap", "randomisation")

# Settings that several commands have.
source_option = partial(
    BASICS.option,
    None,
    "Sources of the text, one a line: translated where a checkpoint is scored.",
    metavar="FILE",
)
reference_option = partial(
    BASICS.option, (), "References, one a line; may be given several times.", metavar="FILE"
)
beam_option = partial(
    TRANSLATING.option, 5, "Beam size; 1 is greedy search.", minimum=1, maximum=256, metavar="K"
)
length_penalty_option = partial(
    TRANSLATING.rare,
    1.0,
    "Exponent a of the length penalty ((5+n)/6)^a (Wu et al. 2016, eq. 14).",
    minimum=0.0,
    maximum=10.0,
)
engine_option = partial(
    TRANSLATING.rare,
    "auto",
    "What runs the model; as in 'mtkit translate'.",
    choices=ENGINE_CHOICES,
)
precision_option = partial(
    TRANSLATING.rare, "auto", "Arithmetic; as in 'mtkit translate'.", choices=("auto", "float32", "int8")
)
tokenize_option = partial(
    SCORES.rare, "13a", "Tokenization of BLEU (sacreBLEU's names).", choices=TOKENIZATIONS
)
bootstrap_option = partial(
    SCORES.rare,
    1000,
    "Resamplings behind the 95% confidence intervals and the bootstrap test; 0 none.",
    minimum=0,
)
test_option = partial(
    COMPARISON.rare,
    "bootstrap",
    "Test of a difference: bootstrap (paired resampling, Koehn 2004) or randomisation (approximate,"
    " Riezler and Maxwell 2005).",
    choices=TESTS,
)
trials_option = partial(COMPARISON.rare, 10_000, "Trials of the randomisation test.", minimum=1)
seed_option = partial(
    MACHINE.rare, 12345, "Seed of what is drawn at random.", minimum=0, maximum=LARGEST_SEED
)
threads_option = partial(MACHINE.option, 0, "Processor threads; 0 all.", minimum=0)


@dataclass(frozen=True)
class ScoreSettings:
    """How `mtkit score` compares hypotheses with references."""

    hypothesis: str | None = BASICS.option(
        None, "Hypotheses to score, one a line; - is stdin.", metavar="FILE"
    )
    reference: tuple[str, ...] = reference_option()
    source: str | None = source_option()
    test_set: str | None = BASICS.option(
        None, "Sources and references of a test set that sacreBLEU knows, such as wmt14.", metavar="NAME"
    )
    language_pair: str | None = BASICS.rare(
        None,
        "Languages of the test set, such as en-de.",
        metavar="PAIR",
        otherwise="those of the checkpoint directory",
    )
    split: str | None = BASICS.option(
        None,
        "Without files: translate and score this part of the prepared text; test if there is one, else"
        " valid.",
        choices=SPLITS,
    )
    paired: tuple[str, ...] = COMPARISON.option(
        (),
        "Other hypotheses to compare with, a test of each difference; may be given several times.",
        metavar="FILE",
    )
    test: str = test_option()
    by: tuple[str, ...] = SCORES.option(
        (),
        "Scores of the lines apart by length (in words), frequency (in the training text, of the rarest"
        " source word), unknown (has the source what the vocabulary lacks?), number (has it a digit?) or"
        " document; may be given several times.",
        choices=BUCKETS,
    )
    documents: str | None = SCORES.rare(
        None, "The name of each line's document, one a line, for --by document.", metavar="FILE"
    )
    perplexity: bool = SCORES.option(
        False, "Perplexity of the references under the model, per token, word and byte (forced decoding)."
    )
    sentence_scores: str | None = OUTPUT.option(
        None, "Write the scores of every line to this file, tab-separated.", metavar="FILE"
    )
    history: bool = OUTPUT.option(
        False, "Print what was scored in this checkpoint directory before, and score nothing."
    )
    weights: str = weights_option(TRANSLATING.option, "Weights to use")
    tag: str = TRANSLATING.rare(
        "", "Translate as text of the corpora with this tag; as in 'mtkit translate'.", metavar="NAME"
    )
    context: int | None = context_option(
        TRANSLATING.rare, "Sentences before each that are read too; as in 'mtkit translate'."
    )
    beam: int = beam_option()
    length_penalty: float = length_penalty_option()
    engine: str = engine_option()
    precision: str = precision_option()
    tokenize: str = tokenize_option()
    lowercase: bool = SCORES.option(False, "Ignore case.")
    bootstrap_samples: int = bootstrap_option()
    randomisation_trials: int = trials_option()
    seed: int = seed_option()
    json: bool = OUTPUT.option(False, "Print one JSON object instead of a table.")
    threads: int = threads_option()


@dataclass(frozen=True)
class CompareSettings:
    """How `mtkit compare` compares systems."""

    reference: tuple[str, ...] = reference_option()
    source: str | None = source_option()
    split: str | None = BASICS.option(
        None,
        "Part of the prepared text of the first checkpoint to compare on; test if there is one, else valid.",
        choices=SPLITS,
    )
    output: tuple[str, ...] = BASICS.option(
        (),
        "Write the comparison to this file: a page (.html), Markdown (.md) or JSON (.json); may be given"
        " several times.",
        metavar="FILE",
        short="-o",
    )
    test: str = test_option()
    examples: int = BASICS.option(
        10, "Lines shown of each system where it does better, and where it does worse.", minimum=0
    )
    weights: str = weights_option(TRANSLATING.rare, "Weights of the checkpoints")
    beam: int = beam_option()
    length_penalty: float = length_penalty_option()
    engine: str = engine_option()
    precision: str = precision_option()
    tokenize: str = tokenize_option()
    lowercase: bool = SCORES.rare(False, "Ignore case in BLEU and chrF.")
    bootstrap_samples: int = bootstrap_option()
    randomisation_trials: int = trials_option()
    seed: int = seed_option()
    json: bool = OUTPUT.option(False, "Print one JSON object instead of tables.")
    threads: int = threads_option()


@dataclass(frozen=True)
class DoctorSettings:
    """How `mtkit doctor` tells what it found."""

    json: bool = OUTPUT.option(False, "Print one JSON object instead of lines.")


@dataclass(frozen=True)
class ReportSettings:
    """What `mtkit report` shows of a checkpoint directory."""

    output: str | None = BASICS.option(
        None,
        "The page to write.",
        metavar="FILE",
        otherwise="report.html in the checkpoint directory",
        short="-o",
    )
    split: str | None = BASICS.option(
        None, "Part of the prepared text to show; test if there is one, else valid.", choices=SPLITS
    )
    sentence: tuple[str, ...] = BASICS.option(
        (),
        "A sentence whose translation and attention are shown; may be given several times.",
        metavar="TEXT",
        otherwise="some of the text",
    )
    examples: int = BASICS.option(10, "Best and worst translations shown, of each.", minimum=0)
    weights: str = weights_option(TRANSLATING.rare, "Weights to use")
    beam: int = beam_option()
    length_penalty: float = length_penalty_option()
    tokenize: str = tokenize_option()
    lowercase: bool = SCORES.rare(False, "Ignore case in BLEU and chrF.")
    bootstrap_samples: int = bootstrap_option()
    seed: int = seed_option()
    threads: int = threads_option()
