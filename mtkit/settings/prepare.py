"""Settings of `mtkit prepare`."""

from collections.abc import Callable
from dataclasses import dataclass

from mtkit.settings.option import BASICS, CLEANING, LARGEST_SEED, MACHINE, TEXT, TOKENIZER

# Kinds of pairs that may be dropped, in the order in which they are looked for, and those that are if nothing
# else is said.
KINDS = (
    "empty",
    "identical",
    "copy",
    "wrong-script",
    "wrong-language",
    "symbols",
    "numbers",
    "tags",
    "duplicate",
    "near-duplicate",
    "leaked",
    "unusual-length",
)
DROPPED = ("empty", "identical", "duplicate")
# Sentences before each that are read.
MOST_CONTEXT = 8


def context_option(declare: Callable, purpose: str):
    """How many of them a translation reads; `declare` is a method of a group."""
    return declare(
        None,
        purpose,
        minimum=0,
        maximum=MOST_CONTEXT,
        otherwise="as many as the model was prepared with",
    )


@dataclass(frozen=True)
class PrepareSettings:
    """What `mtkit prepare` reads, cleans, tokenizes and stores."""

    from_: str | None = BASICS.rare(
        None,
        "Fine-tuning: use the tokenizers of this checkpoint directory. Then 'mtkit train --from DIR'.",
        metavar="DIR",
    )
    train: tuple[str, ...] = BASICS.option(
        (),
        "Training text; may be given several times. PREFIX (reads PREFIX.en and PREFIX.de, plain or .gz),"
        " SOURCE,TARGET (two files), or a file ending in .tsv, .tmx, .xlf, .xliff, .sdlxliff, .po, .csv or"
        " .jsonl, plain or .gz. 'FILE weight=2' is seen twice as often, 'FILE tag=NAME' is known to the model"
        " by a tag.",
        metavar="CORPUS",
    )
    valid: tuple[str, ...] = BASICS.option(
        (),
        "Validation text, given like --train; or a number of pairs to split off from the training text; 0 for"
        " none.",
        metavar="CORPUS|N",
        otherwise="a twentieth, at most 1,000",
    )
    test: tuple[str, ...] = BASICS.option(
        (),
        "Test text, given like --train; or a number of pairs to split off from the training text.",
        metavar="CORPUS|N",
    )
    inline_codes: str = TEXT.rare(
        "drop",
        "Inline codes of .tmx and XLIFF files: drop them, or keep them as the tags <1>, </1>, <2/>, which the"
        " model then learns to place.",
        choices=("drop", "keep"),
    )
    source_language: str | None = BASICS.option(
        None, "Source language, also the ending of PREFIX files.", metavar="CODE"
    )
    target_language: str | None = BASICS.option(
        None, "Target language, also the ending of PREFIX files.", metavar="CODE"
    )
    tokenizer: str = TOKENIZER.option(
        "unigram",
        "Kind of tokenizer (all are sentencepiece models).",
        choices=("unigram", "bpe", "word", "char"),
    )
    vocabulary: str = TOKENIZER.option(
        "joint", "One vocabulary for both languages, or one for each.", choices=("joint", "separate")
    )
    vocabulary_size: int = TOKENIZER.option(
        0, "Tokens in a vocabulary; 0 chooses what the corpus can carry.", minimum=0, maximum=1_000_000
    )
    byte_fallback: bool = TOKENIZER.rare(
        True, "Spell characters that the vocabulary lacks as bytes, so that no text is lost."
    )
    character_coverage: float = TOKENIZER.rare(
        1.0,
        "Share of the characters of the training text that the vocabulary holds.",
        minimum=0.98,
        maximum=1.0,
    )
    tokenizer_sample_lines: int = TOKENIZER.rare(
        200_000, "Train the tokenizer on at most this many pairs, drawn evenly.", minimum=1
    )
    max_length_tokens: int = CLEANING.option(250, "Drop a pair with a longer side; 0 keeps all.", minimum=0)
    max_length_ratio: float = CLEANING.option(
        4.0,
        "Drop a pair (of over 10 tokens) whose longer side has more than this many times the tokens of its"
        " shorter; 0 keeps all.",
        minimum=0.0,
    )
    drop: tuple[str, ...] = CLEANING.option(
        (),
        f"Drop pairs of this kind too: {', '.join(kind for kind in KINDS if kind not in DROPPED)}; or all."
        " May be given several times; --dry-run shows what there is of each.",
        choices=(*KINDS, "all"),
        metavar="KIND",
    )
    keep: tuple[str, ...] = CLEANING.option(
        (),
        f"Do not drop pairs of this kind; {', '.join(DROPPED)} are dropped otherwise.",
        choices=KINDS,
        metavar="KIND",
    )
    invalid_utf8: str = TEXT.rare(
        "stop", "A line that is not UTF-8: stop and name it, or drop its pair.", choices=("stop", "drop")
    )
    rejects: str | None = BASICS.option(
        None, "Write the dropped pairs, with reason, file and line, to this TSV file.", metavar="FILE"
    )
    context: int = TEXT.rare(
        0,
        "Read so many sentences before each too, in training and translating: for a corpus in order, whose"
        " documents end at blank lines, or where the column document of a table changes.",
        minimum=0,
        maximum=MOST_CONTEXT,
    )
    seed: int = MACHINE.rare(1, "Seed of every random choice.", minimum=0, maximum=LARGEST_SEED)

    @property
    def languages(self) -> tuple[str, str]:
        """The codes of the source and the target language."""
        return self.source_language, self.target_language

    @property
    def dropped_kinds(self) -> tuple[str, ...]:
        """The kinds of pairs that are dropped, in the order of `KINDS`."""
        wanted = KINDS if "all" in self.drop else (*DROPPED, *self.drop)
        return tuple(kind for kind in KINDS if kind in wanted and kind not in self.keep)
