"""From a trained checkpoint directory to a translator."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mtkit.checkpoint import Checkpoint
from mtkit.data.tokenizers import load_tokenizers
from mtkit.engines.choice import EnginesOfModels
from mtkit.engines.model_source import ModelSource
from mtkit.errors import SettingsError
from mtkit.reporter import Reporter
from mtkit.settings import resolve
from mtkit.settings.option import refuse_single
from mtkit.settings.translate import BATCH_TOKENS, CHUNK_LINES
from mtkit.translating.reach import known_reach
from mtkit.translating.translator import Translator


def load(
    directory: str | Path,
    *,
    engine: str = "auto",
    precision: str = "auto",
    weights: str = "best",
    threads: int = 0,
    tag: str = "",
    context: int | None = None,
    ensemble: Sequence[str | Path] = (),
    batch_tokens: int = BATCH_TOKENS,
    chunk_lines: int = CHUNK_LINES,
    reporter: Reporter | None = None,
) -> Translator:
    """A translator with the model of a trained checkpoint directory.

    Args:
        engine: what runs the model: onnx, keras or ctranslate2; auto is the best of those that can do what is
            asked.
        precision: the arithmetic of an exported model: float32 or int8; auto is float32.
        weights: best, last, average or a step number.
        threads: of the processor; 0 all.
        tag: translate as text of the corpora with this tag is translated.
        context: sentences before each that are read too; None as many as the model was trained with.
        ensemble: checkpoint directories whose models translate together with this one.
        batch_tokens: source tokens that are translated at once; changes no translation.
        chunk_lines: lines that are read and translated at a time; changes no translation.
        reporter: warned when something damaged is passed over for something else.

    Raises:
        CheckpointError: not prepared, not trained, or damaged; or nothing was exported for the engine.
        SettingsError: a value that cannot be, or an engine that cannot do what is asked.

    Example:
        >>> translator = mtkit.load("checkpoint")  # doctest: +SKIP
        >>> translator.translate("A dog runs.").text  # doctest: +SKIP
        'Un chien court.'
    """
    refuse_single("ensemble", ensemble)
    numbers = {"threads": threads, "batch_tokens": batch_tokens, "chunk_lines": chunk_lines}
    names = {"engine": engine, "precision": precision, "weights": weights, "tag": tag, "context": context}
    resolve("translate", {**names, **numbers}, origin="mtkit.load")
    checkpoints = [Checkpoint(Path(name)) for name in (directory, *ensemble)]
    checkpoints[0].require_stage("train")
    tokenizers = load_tokenizers(checkpoints[0])
    tokenizers = replace(tokenizers, source=tokenizers.source.tagged(tag))
    reporter = reporter or Reporter()
    sources = [
        ModelSource(checkpoint, tokenizers, weights, precision, threads, reporter)
        for checkpoint in checkpoints
    ]
    engines = EnginesOfModels(sources, engine)
    reach = known_reach(checkpoints, tokenizers.source, weights)
    return Translator(
        tokenizers,
        engines,
        checkpoints[0],
        batch_tokens,
        chunk_lines,
        reach,
        context_to_read(checkpoints, context),
    )


def context_to_read(checkpoints: Sequence[Checkpoint], wanted: int | None) -> int:
    """The sentences before each that models read together, as many as they can or as are wanted.

    Raises:
        SettingsError: they can read none, or not so many.
    """
    # An older mtkit prepared no context.
    most = min(checkpoint.require_stage("prepare").get("context", 0) for checkpoint in checkpoints)
    if wanted is None:
        return most
    if wanted > most:
        raise SettingsError(
            f"--context {wanted}: the model was prepared with --context {most}; read at most so many"
        )
    return wanted
