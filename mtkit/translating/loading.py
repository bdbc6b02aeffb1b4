"""From a trained checkpoint directory to a translator: which weights, and which engine runs them."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from mtkit.arrays import checksum
from mtkit.checkpoint import Checkpoint
from mtkit.data.tokenizers import Tokenizers, load_tokenizers
from mtkit.engines.engine import Engine, Functions
from mtkit.engines.ensemble import Ensemble
from mtkit.errors import CheckpointError, MtkitError, SettingsError
from mtkit.machine import available_threads
from mtkit.model.backend import load_backend
from mtkit.reporter import Reporter
from mtkit.search.lexicon import Lexicon
from mtkit.settings import TranslateSettings
from mtkit.text.special import FORBIDDEN_IDS
from mtkit.translating.demands import Demands, beyond_plain
from mtkit.translating.translator import PlainTranslator, Translator

# The lexical table, in the folder of an export.
LEXICON = "lexicon.safetensors"
# CTranslate2 is chosen where it takes no more than this share of the time of mtkit's own engine.
WORTHWHILE = 0.95
MOST_LENGTH_PENALTY = 1.0


def load_translator(
    checkpoint: Checkpoint,
    settings: TranslateSettings,
    warn: Callable[[str], None] = lambda message: None,
    demands: Demands = Demands(),  # noqa: B008  frozen
) -> Translator:
    """A translator with the weights of a trained checkpoint directory.

    Args:
        warn: called with a sentence when something damaged is passed over for something else.
        demands: what is asked of all translations.

    Raises:
        CheckpointError: not prepared, not trained, or damaged; or nothing exported where the settings ask for
            it.
    """
    checkpoint.require_stage("prepare")
    tokenizers = load_tokenizers(checkpoint)
    tokenizers = replace(tokenizers, source=tokenizers.source.tagged(settings.tag))
    if engine := load_ctranslate2(checkpoint, settings, tokenizers, demands, warn):
        otherwise = partial(load_by_steps, checkpoint, replace(settings, engine="auto"), tokenizers, warn)
        return PlainTranslator(engine, tokenizers, replace(settings, engine="ctranslate2"), otherwise)
    return load_by_steps(checkpoint, settings, tokenizers, warn, demands)


def load_by_steps(
    checkpoint: Checkpoint,
    settings: TranslateSettings,
    tokenizers: Tokenizers,
    warn: Callable[[str], None],
    demands: Demands = Demands(),  # noqa: B008  frozen
) -> Translator:
    """A translator by an engine that takes step by step; see `load_translator`."""
    members = []
    for one in ensemble_of(checkpoint, settings):
        one.require_stage("train")
        if one.files("prepare", "vocab/") != checkpoint.files("prepare", "vocab/"):
            raise CheckpointError(
                f"the vocabulary of {one.directory} is not that of {checkpoint.directory}; an ensemble needs"
                f" one and the same: prepare with 'mtkit prepare --from {checkpoint.directory}', or train in"
                " copies of one prepared directory"
            )
        members.append(
            load_exported(one, settings, tokenizers, warn) or load_keras(one, settings, tokenizers, warn)
        )
    functions = Ensemble(members) if len(members) > 1 else members[0]
    engine = Engine(functions, settings.threads or available_threads())
    return Translator(
        engine, tokenizers, settings, demands, load_lexicon(checkpoint) if settings.shortlist else None
    )


def load_lexicon(checkpoint: Checkpoint) -> Lexicon:
    """The lexical table. Raises CheckpointError where nothing was exported, or it is damaged."""
    path = checkpoint.export / LEXICON
    if not path.exists():
        raise CheckpointError(
            f"--shortlist needs the lexical table of an export, and there is no {path}; run 'mtkit export'"
        )
    checkpoint.verify("export", path.relative_to(checkpoint.directory).as_posix())
    return Lexicon.load(path)


def ensemble_of(checkpoint: Checkpoint, settings: TranslateSettings) -> list[Checkpoint]:
    """The checkpoint directories whose models translate together."""
    return [checkpoint, *(Checkpoint(Path(name)) for name in settings.ensemble)]


def load_exported(
    checkpoint: Checkpoint, settings: TranslateSettings, tokenizers: Tokenizers, warn: Callable[[str], None]
) -> Functions | None:
    """What needs no TensorFlow, if the weights that the settings name are the ones that were exported."""
    needed = settings.engine == "onnx" or settings.precision == "int8"
    if settings.engine == "keras":
        if settings.precision == "int8":
            raise SettingsError("--engine keras computes in float32; for int8 leave --engine out")
        return None
    report = exported(checkpoint, settings.weights)
    if not report:
        if needed:
            raise CheckpointError(
                f"{checkpoint.directory} holds no export of its {settings.weights} weights; run 'mtkit"
                " export'"
            )
        return None
    precision = exported_precision(settings)
    try:
        from mtkit.engines.onnx_functions import ExportedFiles, OnnxFunctions

        files = ExportedFiles.in_folder(checkpoint.export, precision)
        for file in (*files.models, files.output):
            checkpoint.verify("export", file.relative_to(checkpoint.directory).as_posix())
        return OnnxFunctions(files, tokenizers.target.size)
    except CheckpointError as error:
        if needed:
            raise
        warn(f"{error}; using the weights themselves instead")
        return None


def load_ctranslate2(
    checkpoint: Checkpoint,
    settings: TranslateSettings,
    tokenizers: Tokenizers,
    demands: Demands,
    warn: Callable[[str], None],
):
    """An engine of CTranslate2: where the settings ask for it; or leave the choice, wish nothing that it has
    not, and it was faster than mtkit's own when it was exported."""
    needed, beyond = settings.engine == "ctranslate2", beyond_plain(settings, demands)
    if settings.engine not in ("ctranslate2", "auto") or (beyond and not needed):
        return None
    if beyond:
        raise SettingsError(f"--engine ctranslate2 does plain searches: leave it out, or {', '.join(beyond)}")
    report = exported(checkpoint, settings.weights, "ctranslate2")
    if not report:
        if needed:
            require_transformer(checkpoint)
            raise CheckpointError(
                f"{checkpoint.directory} holds no export of its {settings.weights} weights to CTranslate2; "
                "run 'mtkit export --to ctranslate2'"
            )
        return None
    if not needed and not worthwhile(settings, report["time"]):
        return None
    try:
        from mtkit.engines.ctranslate2_engine import Ctranslate2Engine
    except ModuleNotFoundError:
        if needed:
            raise MtkitError(
                "--engine ctranslate2 needs the package ctranslate2: pip install 'mtkit[ctranslate2]'"
            ) from None
        return None
    folder = checkpoint.ctranslate2 / exported_precision(settings)
    try:
        checkpoint.verify("ctranslate2", folder.relative_to(checkpoint.directory).as_posix())
        sides = (side.pieces(range(side.size)) for side in (tokenizers.source, tokenizers.target))
        never = (*FORBIDDEN_IDS, *tokenizers.target.tags.values())
        return Ctranslate2Engine(folder, *sides, never, settings.threads or available_threads())
    except CheckpointError as error:
        if needed:
            raise
        warn(f"{error}; using another engine instead")
        return None


def require_transformer(checkpoint: Checkpoint) -> None:
    """Raise SettingsError where the trained model is none."""
    family = checkpoint.trained_model_settings()["model"]
    if family != "transformer":
        raise SettingsError(f"CTranslate2 runs Transformers only, and this is --model {family}")


def worthwhile(settings: TranslateSettings, time: dict[str, float]) -> bool:
    """Whether CTranslate2 was faster, and is as good: its scores are not quite those of the model, which
    matters where they are shown, and with a higher length penalty it ends its searches too early."""
    faster = time.get(kind_of_search(settings), 1.0) <= WORTHWHILE
    return faster and settings.format == "text" and settings.length_penalty <= MOST_LENGTH_PENALTY


def kind_of_search(settings: TranslateSettings) -> str:
    """What an export to CTranslate2 measures apart."""
    return f"{'greedy' if settings.beam == 1 else 'beam'} {exported_precision(settings)}"


def exported_precision(settings: TranslateSettings) -> str:
    return "float32" if settings.precision == "auto" else settings.precision


def exported(checkpoint: Checkpoint, weights: str, stage: str = "export") -> dict[str, Any] | None:
    """The report of `mtkit export`, if what it wrote are the weights with this name.

    Args:
        stage: "export", or "ctranslate2" for what was written for that.
    """
    reports = {name: one["report"] for name, one in checkpoint.manifest()["stages"].items()}
    if stage not in reports:
        return None
    report = reports[stage]
    if not checkpoint.weights.exists():  # a directory made small, to translate with
        newest = reports.get("export", report)
        return report if report["weights"] == weights and report["sha256"] == newest["sha256"] else None
    return (
        report
        if report["sha256"] and checksum(checkpoint.weights_files(weights)[0]) == report["sha256"]
        else None
    )


def weights_checksums(checkpoint: Checkpoint, settings: TranslateSettings) -> list[str | None]:
    """What tells the weights of each model from others with the same name."""
    stage = "ctranslate2" if settings.engine == "ctranslate2" else "export"
    reports = [(one, exported(one, settings.weights, stage)) for one in ensemble_of(checkpoint, settings)]
    return [
        report["sha256"] if report else checksum(one.weights_files(settings.weights)[0])
        for one, report in reports
    ]


def load_keras(
    checkpoint: Checkpoint, settings: TranslateSettings, tokenizers: Tokenizers, warn: Callable[[str], None]
) -> Functions:
    """What runs the model itself."""
    try:
        load_backend()
        from mtkit.model.hardware import use_threads
    except ModuleNotFoundError as error:
        raise MtkitError(
            f"the package {error.name} is not installed here; install it, or run 'mtkit export' where it is"
            " and copy the directory"
        ) from None
    use_threads(settings.threads)
    from mtkit.engines.keras_functions import keras_functions
    from mtkit.model.trained import trained_model

    reporter = Reporter()
    reporter.warn = warn
    paths = checkpoint.weights_files(settings.weights)
    return keras_functions(trained_model(checkpoint, paths, tokenizers, reporter))
