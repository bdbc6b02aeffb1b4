"""The vocabulary: tokenizers trained on the text, or taken from the directory to be fine-tuned."""

import functools
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from mtkit.checkpoint import Checkpoint
from mtkit.data.mixture import tags_of
from mtkit.data.spool import Spool
from mtkit.data.store import SIDES
from mtkit.data.tokenizers import load_sides
from mtkit.errors import CheckpointError, SettingsError
from mtkit.reporter import Reporter
from mtkit.settings.option import shown
from mtkit.settings.prepare import PrepareSettings
from mtkit.text.tokenizer import Tokenizer, VocabularyTooSmall, automatic_vocabulary_size, train_tokenizer

# What the tokenizers of another directory settle.
SETTLED = (
    "tokenizer",
    "vocabulary",
    "vocabulary_size",
    "byte_fallback",
    "character_coverage",
    "tokenizer_sample_lines",
)
LANGUAGES = ("source_language", "target_language")


def train_tokenizers(
    settings: PrepareSettings,
    spool: Spool,
    held_out: dict[int, str],
    words: dict[str, int],
    vocab: Path,
    reporter: Reporter,
) -> dict[str, Tokenizer]:
    """Train the tokenizer of each side on an even sample of the spool and write it to `vocab`."""
    groups = {"joint": SIDES} if settings.vocabulary == "joint" else {side: (side,) for side in SIDES}
    for name, sides in groups.items():
        reporter.line(f"training the {name} tokenizer")
        sentences = functools.partial(_sample, settings, spool, held_out, sides)
        automatic = automatic_vocabulary_size(sum(words[side] for side in sides), settings.tokenizer)
        tags = tags_of(settings) if "source" in sides else ()
        with_context = settings.context > 0 and "source" in sides
        (vocab / f"{name}.spm").write_bytes(
            _train(settings, sentences, automatic, tags, with_context=with_context)
        )
    return load_sides(vocab)


def _train(
    settings: PrepareSettings,
    sentences: Callable[[], Iterator[str]],
    automatic_size: int,
    tags: tuple[str, ...],
    *,
    with_context: bool,
) -> bytes:
    """A tokenizer of the size that is wanted, or of the automatic one, which may turn out to be too small."""
    train = functools.partial(
        train_tokenizer,
        kind=settings.tokenizer,
        byte_fallback=settings.byte_fallback,
        character_coverage=settings.character_coverage,
        tags=tags,
        with_context=with_context,
    )
    try:
        return train(sentences(), vocabulary_size=settings.vocabulary_size or automatic_size)
    except VocabularyTooSmall as error:
        if settings.vocabulary_size:
            raise
        return train(sentences(), vocabulary_size=error.smallest + automatic_size)


def _sample(
    settings: PrepareSettings, spool: Spool, held_out: dict[int, str], sides: Iterable[str]
) -> Iterator[str]:
    """The sentences to train a tokenizer on."""
    for index, pair in spool.sample(settings.tokenizer_sample_lines):
        if index not in held_out:
            for side in sides:
                yield getattr(pair, side)


def settled_by(base: Checkpoint) -> dict[str, Any]:
    """The settings of prepare that a directory to be fine-tuned settles: languages, and kind of tokenizer.

    Raises:
        CheckpointError: no text was prepared there.
    """
    base.require_stage("prepare")
    stored = base.settings().get("prepare", {})
    return {name: stored[name] for name in (*LANGUAGES, *SETTLED) if name in stored}


def check_borrowing(settings: PrepareSettings, base: Checkpoint) -> None:
    """Check that the text can be prepared with the tokenizers of another directory.

    Languages may be told more exactly (pt-BR for pt), not be others.

    Raises:
        SettingsError: a setting differs from the one that these tokenizers were made with.
        CheckpointError: there are none, or they are damaged.
    """
    settled = settled_by(base)
    try:
        base.verify("prepare", "vocab/")
    except CheckpointError as error:
        raise CheckpointError(
            f"{str(error).partition(';')[0]}; copy that checkpoint directory again"
        ) from None
    for name, old in settled.items():
        now = getattr(settings, name)
        if not (_same_language(now, old) if name in LANGUAGES else now == old):
            raise SettingsError(
                f"--from {base.directory}: its tokenizers were made with {name} = {shown(old)}, not"
                f" {shown(now)}"
            )
    source = load_sides(base.vocab)["source"]
    for tag in tags_of(settings):
        source.tagged(tag)
    if settings.context and source.context_mark is None:
        raise SettingsError(
            f"--from {base.directory}: it was prepared without --context, and its vocabulary has no mark for"
            " the sentences before; leave --context out, or --from"
        )


def _same_language(first: str, second: str) -> bool:
    """Whether two codes are of one language, maybe of different regions."""
    return first.lower().split("-")[0] == second.lower().split("-")[0]


def borrow_tokenizers(base: Checkpoint, vocab: Path) -> dict[str, Tokenizer]:
    """Copy the tokenizers of another checkpoint directory, which `check_borrowing` looked at, to `vocab`."""
    for path in sorted(base.vocab.glob("*.spm")):
        shutil.copyfile(path, vocab / path.name)
    return load_sides(vocab)
