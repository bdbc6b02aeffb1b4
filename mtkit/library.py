"""The commands as functions, for Python and notebooks: settings in, a report out.

Each takes the settings of its command by name (docs/commands.md; a name that Python keeps for itself has an
underscore behind it: `from_`). They heed no mtkit.toml.
"""

import dataclasses
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtkit.checkpoint import Checkpoint
from mtkit.errors import SettingsError
from mtkit.model.backend import load_backend
from mtkit.reporter import Reporter
from mtkit.settings import resolve
from mtkit.settings.train import ModelSettings, TrainSettings
from mtkit.training.stored_settings import settle

if TYPE_CHECKING:
    from mtkit.data.prepare import PrepareReport
    from mtkit.scoring.report import Scoring
    from mtkit.training.loop import Outcome


def prepare(
    directory: str | Path, *, force: bool = False, reporter: Reporter | None = None, **settings: Any
) -> "PrepareReport":
    """Clean and tokenize parallel text, build the vocabulary, store token arrays.

    Args:
        directory: the checkpoint directory; made if it is not there.
        force: replace what was prepared there; this discards the trained model.
        reporter: told how far it is.
        settings: those of `PrepareSettings`: train, valid, source_language, target_language ...

    Returns:
        What was read and dropped, and what the text is like.

    Raises:
        SettingsError: no such setting, or a value that cannot be.
        InputError: text that cannot be used; names file and line.
        CheckpointError: text was prepared there already.

    Example:
        >>> report = mtkit.prepare(
        ...     "checkpoint", train="corpus", valid="1000", source_language="en", target_language="de"
        ... )  # doctest: +SKIP
        >>> report.pairs["train"]  # doctest: +SKIP
        28995
    """
    from mtkit.data.prepare import prepare as run
    from mtkit.data.vocabulary import settled_by

    resolved = resolve("prepare", settings, origin="mtkit.prepare")
    if resolved.from_:
        settled = settled_by(Checkpoint(Path(resolved.from_)))
        resolved = resolve("prepare", settled, settings, origin="mtkit.prepare")
    return run(resolved, Checkpoint(Path(directory)), force=force, reporter=reporter)


def train(
    directory: str | Path, *, force: bool = False, reporter: Reporter | None = None, **settings: Any
) -> "Outcome":
    """Train a model on the text that `prepare` stored, or train it on.

    Args:
        directory: the checkpoint directory.
        force: discard the weights that are there and start again.
        reporter: told how it goes.
        settings: those of `TrainSettings` and `ModelSettings`: budget, max_epochs, model, preset ...

    Returns:
        Why the training ended, and where it stands. A signal ends it too, which is saved.

    Raises:
        SettingsError: no such setting, or settings that do not go together.
        CheckpointError: nothing was prepared, or a file is damaged.

    Example:
        >>> outcome = mtkit.train("checkpoint", budget="30m")  # doctest: +SKIP
        >>> outcome.progress.best_score  # doctest: +SKIP
        38.2
    """
    checkpoint = Checkpoint(Path(directory))
    checkpoint.require_stage("prepare")
    model_settings, train_settings = settle(checkpoint, partial(_resolve_training, settings), force=force)
    load_backend()
    from mtkit.training.loop import train as run

    return run(checkpoint, model_settings, train_settings, force=force, reporter=reporter)


def _resolve_training(
    settings: Mapping[str, Any], stored: Mapping[str, Mapping[str, Any]]
) -> tuple[ModelSettings, TrainSettings]:
    """The settings of the model and of training, over stored ones."""
    of_model = {name for name in settings if name in _names(ModelSettings)}
    layers = {
        "model": {name: settings[name] for name in of_model},
        "train": {name: value for name, value in settings.items() if name not in of_model},
    }
    return tuple(
        resolve(table, stored.get(table, {}), layer, origin="mtkit.train") for table, layer in layers.items()
    )


def _names(settings_class: type) -> set[str]:
    return {setting.name for setting in dataclasses.fields(settings_class)}


def score(directory: str | Path, *, reporter: Reporter | None = None, **settings: Any) -> "Scoring":
    """Score translations: BLEU, chrF, chrF++ and TER, with signatures and confidence intervals.

    Args:
        directory: the checkpoint directory, whose test text is translated, unless `hypothesis` and
            `reference` name files.
        reporter: told how far it is.
        settings: those of `ScoreSettings`: split, beam, hypothesis, reference ...

    Returns:
        The scores; `as_dict()` is what `mtkit score --json` prints.

    Raises:
        SettingsError: no such setting, or settings that do not go together.
        InputError: files that do not belong together line by line.
        CheckpointError: the directory is not trained, or damaged.

    Example:
        >>> scoring = mtkit.score("checkpoint", split="test")  # doctest: +SKIP
        >>> scoring.first.score("bleu")  # doctest: +SKIP
        41.7
    """
    from mtkit.scoring.score import score as run

    resolved = resolve("score", settings, origin="mtkit.score")
    if resolved.history:
        raise SettingsError(
            f"mtkit.score: history is for the command; read {directory}/scores/history.jsonl for it"
        )
    if resolved.json:
        raise SettingsError("mtkit.score: json is for the command; as_dict() of what is returned is the same")
    return run(Checkpoint(Path(directory)), resolved, reporter=reporter)
