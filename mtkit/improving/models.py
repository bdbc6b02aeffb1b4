"""The models of a round: made as that of the directory that is to be improved, in either direction."""

from dataclasses import dataclass, fields, replace
from pathlib import Path

from mtkit.checkpoint import Checkpoint
from mtkit.data.evaluation import EVALUATION_PARTS
from mtkit.data.mixture import MOST_WEIGHT
from mtkit.data.prepare import prepare
from mtkit.errors import MtkitError, SettingsError
from mtkit.export.targets import export
from mtkit.improving.filtering import real_weight
from mtkit.improving.real_text import TAG, PairFiles, RealText
from mtkit.reporter import Reporter
from mtkit.settings import resolve
from mtkit.settings.improve import ImproveSettings
from mtkit.settings.option import public_name
from mtkit.settings.prepare import PrepareSettings
from mtkit.settings.train import ModelSettings, TrainSettings
from mtkit.training.loop import train
from mtkit.training.workers import named_place
from mtkit.writing import write_json


@dataclass(frozen=True)
class Recipe:
    """How a model is made.

    Attributes:
        swapped: whether it translates from the target language to the source language of the directory that
            is to be improved.
    """

    prepare: PrepareSettings
    model: ModelSettings
    train: TrainSettings
    swapped: bool = False

    @property
    def languages(self) -> str:
        """What it translates, in words."""
        return f"{self.prepare.source_language} to {self.prepare.target_language}"

    def reversed(self) -> "Recipe":
        """For the other direction."""
        text, model = self.prepare, self.model
        turned_text = replace(
            text, source_language=text.target_language, target_language=text.source_language
        )
        turned_model = replace(
            model,
            source_embeddings=model.target_embeddings,
            target_embeddings=model.source_embeddings,
            freeze_source_embeddings=model.freeze_target_embeddings,
            freeze_target_embeddings=model.freeze_source_embeddings,
        )
        return Recipe(turned_text, turned_model, self.train, not self.swapped)


def recipe_of(checkpoint: Checkpoint, settings: ImproveSettings) -> Recipe:
    """How a trained directory was made, with the limits of training that the settings name.

    Raises:
        CheckpointError: not trained, or damaged.
        SettingsError: several machines, or a model that reads context.
    """
    if named_place():
        raise SettingsError("TF_CONFIG names several machines, and 'mtkit improve' works on one: unset it")
    stored, origin = checkpoint.settings(), str(checkpoint.settings_file)
    model = resolve("model", checkpoint.trained_model_settings(), origin=origin)
    # Of prepare, settings that an older mtkit had may be left out: its text is clean already.
    known = {public_name(setting) for setting in fields(PrepareSettings)}
    prepared = {name: value for name, value in stored.get("prepare", {}).items() if name in known}
    text = replace(resolve("prepare", prepared, origin=origin), from_=None)
    if text.context:
        raise SettingsError(
            f"{checkpoint.directory} was prepared with --context, and 'mtkit improve' makes pairs that stand"
            " in no document; improve a directory that was prepared without"
        )
    training = replace(resolve("train", stored.get("train", {}), origin=origin), from_=None, examples=0)
    return Recipe(text, model, with_limits(training, settings))


def with_limits(training: TrainSettings, settings: ImproveSettings) -> TrainSettings:
    """Settings of training, with what the settings of the improvement name instead."""
    if settings.threads is not None:
        training = replace(training, threads=settings.threads)
    limits = {"max_steps": settings.max_steps, "max_epochs": settings.max_epochs, "budget": settings.budget}
    if any(limits.values()):
        training = replace(training, **limits, max_minutes=0.0)
    return replace(training, schedule="auto") if settings.budget else training


def mixed(
    real: RealText, synthetic: PairFiles | None, folder: Path, share: float, *, swapped: bool
) -> tuple[str, ...]:
    """What `prepare` is given to train on: the real pairs and the synthetic ones.

    Args:
        folder: of the synthetic pairs.
        share: of the real pairs, which are repeated until they have it.
        swapped: for a model of the other direction.
    """
    most = MOST_WEIGHT / max(files.copies for files in real.train)
    weight = real_weight(real.copies, synthetic.pairs if synthetic else 0, share, most)
    specs = []
    for files in real.train:
        tag = f" tag={files.tag}" if files.tag else ""
        specs.append(f"{files.spec(real.folder, swapped=swapped)} weight={weight * files.copies:g}{tag}")
    if synthetic:
        specs.append(f"{synthetic.spec(folder, swapped=swapped)} tag={TAG}")
    return tuple(specs)


def make_model(
    checkpoint: Checkpoint,
    recipe: Recipe,
    train_text: tuple[str, ...],
    real: RealText,
    reporter: Reporter,
) -> Checkpoint:
    """Prepare and train a directory, or go on where a killed command was.

    Raises:
        KeyboardInterrupt: a signal ended the training, which is saved.
        MtkitError: what `prepare` and `train` raise.
    """
    name = checkpoint.directory.name
    done = checkpoint.directory.with_name(f"{name}-trained.json")
    if done.exists():
        return checkpoint
    if not checkpoint.has_stage("prepare"):
        rejects = checkpoint.directory.with_name(f"{name}-rejects.tsv")
        parts = {part: real.evaluation(part, swapped=recipe.swapped) for part in EVALUATION_PARTS}
        settings = replace(recipe.prepare, train=train_text, **parts, rejects=str(rejects))
        with reporter.anew() as preparing:
            prepare(settings, checkpoint, reporter=preparing)
    # A budget begins with the reporter.
    with reporter.anew() as training:
        end = train_model(checkpoint, recipe, training)
    write_json(done, {**checkpoint.require_stage("train"), "end": end})
    return checkpoint


def train_model(checkpoint: Checkpoint, recipe: Recipe, reporter: Reporter) -> str:
    """Train a prepared directory, and export it where the recipe says so; why the training ended."""
    outcome = train(checkpoint, recipe.model, recipe.train, force=False, reporter=reporter)
    reporter.pause()
    reporter.say(outcome.reason)
    if outcome.interrupted:
        raise KeyboardInterrupt
    if recipe.train.export and not checkpoint.has_stage("export"):  # a kill came between, or it failed
        try:
            export(checkpoint, "onnx", "best", reporter)
        except (MtkitError, OSError) as error:
            reporter.warn(f"nothing was exported: {error}")
    return outcome.reason
