"""`mtkit export`: the functions of a model as ONNX models, for a translator that starts at once and needs no
TensorFlow; or a model for another program."""

import time
from collections.abc import Callable
from pathlib import Path

from mtkit.arrays import checksum
from mtkit.checkpoint import Checkpoint
from mtkit.data.store import TokenCorpus
from mtkit.data.tokenizers import load_tokenizers
from mtkit.engines.onnx_functions import ExportedFiles
from mtkit.errors import CheckpointError, MtkitError, SettingsError
from mtkit.export.lexicon_learning import learn
from mtkit.model.backend import load_backend, need_tensorflow
from mtkit.model.trained import trained_model
from mtkit.reporter import Reporter
from mtkit.settings import TranslateSettings
from mtkit.text.lines import read_text
from mtkit.translating.loading import (
    LEXICON,
    exported,
    kind_of_search,
    load_translator,
    require_transformer,
)
from mtkit.translating.translator import Translator
from mtkit.writing import atomic_directory, remove

# Validation sentences whose activations give the scales of int8.
SAMPLE_LINES = 100
# Of which the best counts.
ROUNDS = 4


def export_onnx(checkpoint: Checkpoint, weights: str, say: Callable[[str], None]) -> None:
    """Write the models of the weights with a name (see `Checkpoint.weights_files`) into the checkpoint
    directory.

    Raises:
        CheckpointError: not prepared, not trained, or damaged.
        MtkitError: a package is missing, or Keras runs on something else than TensorFlow.
    """
    need_tensorflow()
    try:
        from mtkit.engines.tensorflow_functions import TensorflowFunctions
        from mtkit.export.onnx_models import activations, converted, output_arrays, write
        from mtkit.export.quantize import quantized
    except ModuleNotFoundError as error:
        raise MtkitError(f"an export needs the package {error.name}: pip install {error.name}") from None
    path = checkpoint.weights_files(weights)[0]
    tokenizers = load_tokenizers(checkpoint)
    sample = sample_lines(checkpoint.data / "valid" / "source.txt")
    model = trained_model(checkpoint, [path], tokenizers, Reporter())
    functions = TensorflowFunctions(model)
    models = converted(functions)
    with atomic_directory(checkpoint.export) as folder:
        plain, small = (ExportedFiles.in_folder(folder, precision) for precision in ("float32", "int8"))
        write(models, output_arrays(functions, "float32"), plain)
        seen = activations(plain, tokenizers, sample)
        whole = [quantized(model, largest) for model, largest in zip(models, seen, strict=True)]
        write(whole, output_arrays(functions, "int8"), small)
        text = checkpoint.data / "train"
        if text.exists():
            learn(TokenCorpus(text), tokenizers.source, tokenizers.target).save(folder / LEXICON)
        else:
            say(f"{text} is not there: exported without a lexical table (--shortlist)")
        checkpoint.forget_stages("export")  # what was there before goes now
    report = {"weights": weights, "sha256": checksum(path)}
    checkpoint.record_stage("export", report, list(checkpoint.export.iterdir()))
    say(f"exported the {weights} weights to {checkpoint.export}")


def export_ctranslate2(checkpoint: Checkpoint, weights: str, say: Callable[[str], None]) -> None:
    """Write the weights with a name as models of CTranslate2, in float32 and int8.

    Raises:
        CheckpointError: not prepared, not trained, or damaged.
        SettingsError: a model that is no Transformer.
        MtkitError: a package is missing.
    """
    try:
        load_backend()
        from mtkit.export.ctranslate2_model import PRECISIONS, write
    except ModuleNotFoundError:
        raise MtkitError(
            "--to ctranslate2 needs the package ctranslate2: pip install 'mtkit[ctranslate2]'"
        ) from None
    path = checkpoint.weights_files(weights)[0]
    tokenizers = load_tokenizers(checkpoint)
    require_transformer(checkpoint)
    model = trained_model(checkpoint, [path], tokenizers, Reporter())
    with atomic_directory(checkpoint.ctranslate2) as folder:
        for precision in PRECISIONS:
            write(model, tokenizers, checkpoint.vocab, folder / precision, precision)
        checkpoint.forget_stages("ctranslate2")  # what was there before goes now
    files = [file for file in checkpoint.ctranslate2.rglob("*") if file.is_file()]
    report = {"weights": weights, "sha256": checksum(path), "time": {}}
    checkpoint.record_stage("ctranslate2", report, files)
    say(
        f"exported the {weights} weights to"
        f" {', '.join(str(checkpoint.ctranslate2 / precision) for precision in PRECISIONS)}"
    )
    if not exported(checkpoint, weights):
        return
    try:
        report["time"] = shares = time_shares(checkpoint, weights)
    except MtkitError as error:
        say(f"warning: 'mtkit translate' does not choose it by itself, since it could not be timed: {error}")
        return
    checkpoint.record_stage("ctranslate2", report, files)
    listed = ", ".join(f"{kind} {one:.2f}" for kind, one in shares.items())
    say(f"time of CTranslate2, that of mtkit's own engine being 1: {listed}")


def export_argos(checkpoint: Checkpoint, weights: str, say: Callable[[str], None]) -> None:
    """Write the weights with a name as a package of Argos Translate, in int8 as its own packages are.

    Raises:
        CheckpointError: not prepared, not trained, or damaged.
        SettingsError: a model that is no Transformer, or a vocabulary for each language.
        MtkitError: a package is missing.
    """
    try:
        load_backend()
        from mtkit.export import argos_package, ctranslate2_model
    except ModuleNotFoundError as error:
        raise MtkitError(f"--to argos needs the package {error.name}: pip install 'mtkit[argos]'") from None
    tokenizers = load_tokenizers(checkpoint)
    if not tokenizers.joint:
        raise SettingsError(
            "a package of Argos Translate has one vocabulary for both languages, and here each has its own:"
            " prepare with --vocabulary joint"
        )
    report = checkpoint.require_stage("prepare")
    languages = report["source_language"], report["target_language"]
    require_transformer(checkpoint)
    model = trained_model(checkpoint, [checkpoint.weights_files(weights)[0]], tokenizers, Reporter())
    with atomic_directory(checkpoint.argos) as folder:
        parts = folder / "parts"
        ctranslate2_model.write(model, tokenizers, checkpoint.vocab, parts, "int8")
        (tokenizer,) = parts.glob("*.spm")
        name = f"{argos_package.package_name(*languages)}.argosmodel"
        argos_package.write(folder / name, *languages, parts, tokenizer)
        remove(parts)
    say(f"exported the {weights} weights to {checkpoint.argos / name}")


def time_shares(checkpoint: Checkpoint, weights: str) -> dict[str, float]:
    """How long CTranslate2 takes for some lines, for each kind of search (see `kind_of_search`), as a share
    of mtkit's own time.
    """
    lines, shares = sample_lines(checkpoint.data / "valid" / "source.txt"), {}
    for precision in ("float32", "int8"):
        for beam in (1, TranslateSettings.beam):
            seconds = {}
            for engine in ("onnx", "ctranslate2"):
                settings = TranslateSettings(weights=weights, engine=engine, precision=precision, beam=beam)
                translator = load_translator(checkpoint, settings)
                seconds[engine] = min(timed(translator, lines) for _ in range(ROUNDS))
            shares[kind_of_search(settings)] = round(seconds["ctranslate2"] / seconds["onnx"], 3)
    return shares


def timed(translator: Translator, lines: list[str]) -> float:
    began = time.perf_counter()
    translator.translate(lines)
    return time.perf_counter() - began


def sample_lines(path: Path) -> list[str]:
    """Validation sentences to choose the scales of int8 by."""
    lines = [line for line in read_text(path) if line.strip()][:SAMPLE_LINES] if path.exists() else []
    if not lines:
        raise CheckpointError(
            f"an export needs the validation text, and {path} holds none; copy the checkpoint directory again"
        )
    return lines
