"""`mtkit export --to argos`: a package that Argos Translate installs."""

from mtkit.checkpoint import Checkpoint
from mtkit.data.tokenizers import load_tokenizers
from mtkit.engines.ctranslate2_engine import require_transformer
from mtkit.errors import SettingsError
from mtkit.export import argos_package, ctranslate2_model
from mtkit.model.trained import trained_model
from mtkit.reporter import Reporter
from mtkit.writing import atomic_directory, remove


def export(checkpoint: Checkpoint, weights: str, reporter: Reporter) -> None:
    """Write a package, in int8 as those of Argos Translate itself are.

    Raises:
        CheckpointError: not prepared, not trained, or damaged.
        SettingsError: a model that is no Transformer, or a vocabulary for each language.
    """
    tokenizers = load_tokenizers(checkpoint)
    if not tokenizers.joint:
        raise SettingsError(
            "a package of Argos Translate has one vocabulary for both languages, and here each has its own:"
            " prepare with --vocabulary joint"
        )
    report = checkpoint.require_stage("prepare")
    languages = report["source_language"], report["target_language"]
    require_transformer(checkpoint.trained_model_settings()["model"])
    model = trained_model(checkpoint, [checkpoint.weights_files(weights)[0]], tokenizers, reporter)
    with atomic_directory(checkpoint.argos) as folder:
        parts = folder / "parts"
        ctranslate2_model.write(model, tokenizers, checkpoint.vocab, parts, "int8")
        (tokenizer,) = parts.glob("*.spm")
        name = f"{argos_package.package_name(*languages)}.argosmodel"
        argos_package.write(folder / name, *languages, parts, tokenizer)
        remove(parts)
    reporter.say(f"exported the {weights} weights to {checkpoint.argos / name}")
