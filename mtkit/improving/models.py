"""The models of a round: prepared and trained as the directory that is to be improved was, in either
direction.
"""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from mtkit.checkpoint import Checkpoint
from mtkit.data.mixture import MOST_WEIGHT
from mtkit.data.prepare import prepare
from mtkit.errors import MtkitError, SettingsError
from mtkit.export.targets import export
from mtkit.improving.filtering import real_weight
from mtkit.improving.real_text import EVALUATION_PARTS, TAG, Corpus, RealText
from mtkit.reporter import TerminalReporter
from mtkit.settings import ImproveSettings, ModelSettings, PrepareSettings, TrainSettings, resolve
from mtkit.settings.option import public_name
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
        return f"{self.prepare.source_language} to {self.prepare.target_language}"

    def reversed(self) -> "Recipe":
        """For the other direction."""
        text, model = self.prepare, self.model
        return Recipe(
            dataclasses.replace(
                text, source_language=text.target_language, target_language=text.source_language
            ),
            dataclasses.replace(
                model,
                source_embeddings=model.target_embeddings,
                target_embeddings=model.source_embeddings,
                freeze_source_embeddings=model.freeze_target_embeddings,
                freeze_target_embeddings=model.freeze_source_embeddings,
            ),
            self.train,
            not self.swapped,
        )


def recipe_of(checkpoint: Checkpoint, settings: ImproveSettings) -> Recipe:
    """How a trained directory was made, with the limits of training that the settings name instead of its
    own.

    Raises:
        CheckpointError: not trained, or damaged.
        SettingsError: several machines.
    """
    if named_place():
        raise SettingsError("TF_CONFIG names several machines, and 'mtkit improve' works on one: unset it")
    stored, origin = checkpoint.settings(), str(checkpoint.settings_file)
    model = resolve("model", checkpoint.trained_model_settings(), origin=origin)
    # Of prepare, settings that an older mtkit had may be left out: its text is clean already.
    known = {public_name(setting) for setting in dataclasses.fields(PrepareSettings)}
    own = {name: value for name, value in stored.get("prepare", {}).items() if name in known}
    text = dataclasses.replace(resolve("prepare", own, origin=origin), from_=None)
    training = dataclasses.replace(
        resolve("train", stored.get("train", {}), origin=origin), from_=None, examples=0
    )
    if settings.threads is not None:
        training = dataclasses.replace(training, threads=settings.threads)
    limits = {"max_steps": settings.max_steps, "max_epochs": settings.max_epochs, "budget": settings.budget}
    if any(limits.values()):
        training = dataclasses.replace(training, **limits, max_minutes=0.0)
    if settings.budget:
        training = dataclasses.replace(training, schedule="auto")
    return Recipe(text, model, training)


def mixed(
    real: RealText, synthetic: Corpus | None, folder: Path, share: float, swapped: bool
) -> tuple[str, ...]:
    """What `prepare` is given to train on: the real pairs, so often that they are that share of the text, and
    the synthetic ones.

    Args:
        folder: of the synthetic pairs.
    """
    pairs = synthetic.pairs if synthetic else 0
    most = max(one.copies for one in real.train)
    weight = real_weight(real.copies, pairs, share, MOST_WEIGHT / most)
    specs = []
    for one in real.train:
        tag = f" tag={one.tag}" if one.tag else ""
        specs.append(f"{one.files(real.folder, swapped)} weight={weight * one.copies:g}{tag}")
    return (*specs, f"{synthetic.files(folder, swapped)} tag={TAG}") if synthetic else tuple(specs)


def make_model(
    checkpoint: Checkpoint, recipe: Recipe, train_text: tuple[str, ...], real: RealText
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
        parts = {part: real.evaluation(part, recipe.swapped) for part in EVALUATION_PARTS}
        settings = dataclasses.replace(recipe.prepare, train=train_text, **parts, rejects=str(rejects))
        with TerminalReporter() as reporter:
            prepare(settings, checkpoint, reporter=reporter)
    # A budget begins with the reporter.
    with TerminalReporter() as reporter:
        outcome = train(checkpoint, recipe.model, recipe.train, False, reporter)
        reporter.pause()
        reporter.say(outcome.reason)
        if outcome.interrupted:
            raise KeyboardInterrupt
        if recipe.train.export and not checkpoint.has_stage("export"):  # a kill came between, or it failed
            try:
                export(checkpoint, "onnx", "best", reporter)
            except (MtkitError, OSError) as error:
                reporter.say(f"warning: nothing was exported: {error}", style="yellow")
    write_json(done, {**checkpoint.require_stage("train"), "end": outcome.reason})
    return checkpoint
