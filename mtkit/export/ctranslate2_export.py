"""`mtkit export --to ctranslate2`: folders that `ctranslate2.Translator` loads, without mtkit."""

import time
from typing import Any

from mtkit.arrays import checksum
from mtkit.checkpoint import Checkpoint
from mtkit.data.tokenizers import load_tokenizers
from mtkit.engines.ctranslate2_engine import LIMIT, STAGE, kind_of_search, require_transformer
from mtkit.engines.model_source import INT8_FITS, exported
from mtkit.errors import MtkitError
from mtkit.export.ctranslate2_model import PRECISIONS, write
from mtkit.export.ctranslate2_positions import written_positions
from mtkit.export.sample import sample_lines
from mtkit.model.trained import trained_model
from mtkit.reporter import Reporter
from mtkit.settings.search import Search
from mtkit.translating.loading import load
from mtkit.translating.plan import Plan
from mtkit.writing import atomic_directory

# Of so many measurements the best counts.
ROUNDS = 4


def export(checkpoint: Checkpoint, weights: str, reporter: Reporter) -> None:
    """Write models in float32 and int8; where the weights were exported as ONNX too, time both engines.

    Raises:
        CheckpointError: not prepared, not trained, or damaged.
        SettingsError: a model that is no Transformer, or with positions that CTranslate2 has not.
    """
    path = checkpoint.weights_files(weights)[0]
    tokenizers = load_tokenizers(checkpoint)
    require_transformer(checkpoint.trained_model_settings()["model"])
    model = trained_model(checkpoint, [path], tokenizers, reporter)
    limit = written_positions(model.settings.positions).limit
    with atomic_directory(checkpoint.ctranslate2) as folder:
        for precision in PRECISIONS:
            write(model, tokenizers, checkpoint.vocab, folder / precision, precision)
        checkpoint.forget_stages(STAGE)  # what was there before goes now
    report = {"weights": weights, "sha256": checksum(path), INT8_FITS: True, LIMIT: limit, "time": {}}
    record(checkpoint, report)
    folders = ", ".join(str(checkpoint.ctranslate2 / precision) for precision in PRECISIONS)
    reporter.say(f"exported the {weights} weights to {folders}")
    if exported(checkpoint, weights):
        record_times(checkpoint, report, reporter)


def record_times(checkpoint: Checkpoint, report: dict[str, Any], reporter: Reporter) -> None:
    """Measure how fast the models are, and write it into the report: `mtkit translate` chooses by it."""
    try:
        shares = time_shares(checkpoint, report["weights"])
    except MtkitError as error:
        reporter.warn(f"'mtkit translate' does not choose it by itself, since it could not be timed: {error}")
        return
    record(checkpoint, {**report, "time": shares})
    listed = ", ".join(f"{kind} {share:.2f}" for kind, share in shares.items())
    reporter.say(f"time of CTranslate2, that of mtkit's own engine being 1: {listed}")


def record(checkpoint: Checkpoint, report: dict[str, Any]) -> None:
    """Write the report, and the checksums of all files."""
    files = [file for file in checkpoint.ctranslate2.rglob("*") if file.is_file()]
    checkpoint.record_stage(STAGE, report, files)


def time_shares(checkpoint: Checkpoint, weights: str) -> dict[str, float]:
    """How long CTranslate2 takes for some lines, as a share of mtkit's own time.

    Returns:
        The share for each kind of search (see `kind_of_search`).
    """
    lines, shares = sample_lines(checkpoint), {}
    for precision in PRECISIONS:
        for beam in (1, Search.beam):
            seconds = {}
            for engine in ("onnx", "ctranslate2"):
                translator = load(checkpoint.directory, weights=weights, engine=engine, precision=precision)
                plan = translator.plan(Search(beam=beam))
                seconds[engine] = min(timed(plan, lines) for _ in range(ROUNDS))
            shares[kind_of_search(beam, precision)] = round(seconds["ctranslate2"] / seconds["onnx"], 3)
    return shares


def timed(plan: Plan, lines: list[str]) -> float:
    """How many seconds some lines take."""
    began = time.perf_counter()
    plan.translate(lines)
    return time.perf_counter() - began
