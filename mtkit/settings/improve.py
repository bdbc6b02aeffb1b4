"""Settings of `mtkit improve`."""

from dataclasses import dataclass

from mtkit.settings.option import BASICS, LARGEST_SEED, MACHINE, OPTIMISATION, SYNTHETIC, VALIDATION
from mtkit.settings.score import tokenize_option


@dataclass(frozen=True)
class ImproveSettings:
    """How text in the target language alone makes a better model."""

    monolingual: tuple[str, ...] = BASICS.option(
        (),
        "Text in the target language, a sentence a line, plain or .gz; may be given several times.",
        metavar="FILE",
    )
    rounds: int = BASICS.option(
        1,
        "Rounds, each with a new reverse model and new source sentences; a higher number goes on.",
        minimum=1,
        maximum=20,
    )
    sources: str = SYNTHETIC.option(
        "beam",
        "How source sentences are made: the best ones that beam search finds, or drawn at random (sample);"
        " with little real text beam is the better one (Edunov et al. 2018, arXiv:1808.09381).",
        choices=("beam", "sample"),
    )
    beam: int = SYNTHETIC.rare(
        5, "With --sources beam: beam size; 1 is greedy search.", minimum=1, maximum=256, metavar="K"
    )
    top_k: int = SYNTHETIC.rare(
        10, "With --sources sample: draw from the K likeliest tokens; 0 all.", minimum=0, metavar="K"
    )
    temperature: float = SYNTHETIC.rare(
        1.0, "With --sources sample: below 1 likely words become likelier.", minimum=0.01, maximum=100.0
    )
    max_synthetic: float = SYNTHETIC.option(
        5.0,
        "Make source sentences for at most so many lines a real pair, evenly drawn from the text; 0 for all.",
        minimum=0.0,
    )
    max_length_tokens: int = SYNTHETIC.rare(100, "Leave out a pair with a longer side; 0 none.", minimum=0)
    max_length_ratio: float = SYNTHETIC.rare(
        2.5,
        "Leave out a pair (of over 10 tokens) whose longer side has more than this many times the tokens of"
        " its shorter; 0 none.",
        minimum=0.0,
    )
    min_round_trip: float = SYNTHETIC.rare(
        20.0,
        "Leave out a pair whose source, translated back, is less like the target text than this, in chrF; 0"
        " none.",
        minimum=0.0,
        maximum=100.0,
    )
    least_likely: float = SYNTHETIC.rare(
        0.1,
        "Of what is left, leave out this share of the pairs: those that the reverse model found least likely"
        " a token; 0 none.",
        minimum=0.0,
        maximum=0.9,
    )
    real_share: float = SYNTHETIC.option(
        0.5,
        "Repeat the real pairs until they are this share of the training text; 0 never.",
        minimum=0.0,
        maximum=0.95,
    )
    tokenize: str = tokenize_option()
    metric: str = VALIDATION.rare(
        "auto",
        "What a model must be better in, on the validation text; auto is chrf for text without spaces between"
        " words, else bleu.",
        choices=("auto", "bleu", "chrf"),
    )
    max_p: float = VALIDATION.option(
        0.05,
        "Keep a model if the difference has a lower p-value (paired bootstrap resampling, Koehn 2004).",
        minimum=0.0,
        maximum=1.0,
        metavar="P",
    )
    budget: str | None = BASICS.option(
        None,
        "Time of each training, of which a round has two, such as 20m or 1h30m.",
        metavar="TIME",
        otherwise="the limits of the training before",
    )
    max_steps: int = OPTIMISATION.rare(
        0, "Stop each training after this many steps.", minimum=0, otherwise="as before"
    )
    max_epochs: int = OPTIMISATION.rare(
        0, "Stop each training after this many passes over its text.", minimum=0, otherwise="as before"
    )
    seed: int = MACHINE.rare(
        1, "With --sources sample: seed of what is drawn.", minimum=0, maximum=LARGEST_SEED
    )
    threads: int | None = MACHINE.option(
        None, "Processor threads; 0 all.", minimum=0, otherwise="as in the training before"
    )
