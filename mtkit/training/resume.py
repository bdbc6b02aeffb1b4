"""Where a training begins: at the newest whole state, at the weights of another directory, or at new ones."""

import dataclasses
import hashlib
import json
import math
from pathlib import Path
from typing import Any

from mtkit.checkpoint import Checkpoint, same_directory
from mtkit.data.tokenizers import have_one_vocabulary
from mtkit.errors import CheckpointError, DamagedFileError, SettingsError
from mtkit.model.embeddings import read_vectors
from mtkit.model.trained import load_first_whole
from mtkit.settings import as_table, settings_class
from mtkit.settings.option import shown
from mtkit.settings.train import ModelSettings
from mtkit.training.progress import Progress
from mtkit.training.run import Run
from mtkit.training.state import load_state

# Settings of [train] that shape what was learnt so far or the order of the data; all of [model] do.
FIXED = ("from", "batch_tokens", "accumulate_batches", "join", "optimizer", "seed", "average_decay")
# Settings of [model] that fine-tuning may change: they leave the weights what they are.
NOT_SHAPE = (
    "embedding_dropout",
    "layer_dropout",
    "output_dropout",
    "attention_dropout",
    "activation_dropout",
    "stochastic_depth",
    "word_dropout",
    "variational_dropout",
    "freeze_source_embeddings",
    "freeze_target_embeddings",
)


def begin(run: Run, *, force: bool) -> Progress:
    """Where to go on from: the newest saved state that is whole, or the beginning.

    Args:
        force: discard what there is and begin anew; nothing is discarded where a setting does not fit.

    Raises:
        SettingsError: a setting that cannot change differs from the one the training began with.
        CheckpointError: states were saved, and none of them is whole.
    """
    states = [] if force else run.checkpoint.states()
    if states:
        return go_on(run, states)
    if run.checkpoint.has_stage("train") and not force:
        raise CheckpointError(
            f"{run.checkpoint.directory} holds a trained model, but {run.checkpoint.training} no state to"
            " go on from; copy that folder here too, or use --force to discard the model and start again"
        )
    begin_anew(run)
    return Progress()


def begin_anew(run: Run) -> None:
    """Discard what was trained, if anything, and give the model its first weights."""
    if run.settings.from_:
        load_from(run, Checkpoint(Path(run.settings.from_)))
    else:
        load_pretrained(run)
        earlier = run.checkpoint.replaceable_settings().get("train", {}).get("from")
        if earlier:
            run.reporter.warn(f"the training before began with --from {earlier}; this one begins anew")
    if run.cluster.chief:
        run.checkpoint.discard_training()
        run.checkpoint.write_settings(model=as_table(run.model_settings), train=as_table(run.settings))


def go_on(run: Run, states: list[Path]) -> Progress:
    """Load the newest of some states that is whole."""
    tables = {"model": as_table(run.model_settings), "train": as_table(run.settings)}
    check_unchanged(tables, run.checkpoint.settings())
    progress = newest_whole(run, states)
    if run.cluster.chief:
        if progress.validated_step >= 0:
            record(run, progress)
        run.checkpoint.write_settings(**tables)
    run.reporter.say(f"going on from step {progress.step:,}")
    return progress


def check_unchanged(tables: dict[str, dict], stored: dict[str, dict]) -> None:
    """Raise SettingsError where a setting differs that cannot. A directory of two names keeps the old one.

    Args:
        tables: [model] and [train] as they are now.
        stored: as they are in the checkpoint directory.
    """
    for table, names in (("model", list(tables["model"])), ("train", FIXED)):
        for name in names:
            # A setting newer than the directory: it began with the default.
            old = stored.get(table, {}).get(name, getattr(settings_class(table), name, None))
            new = tables[table].get(name)
            if name == "from" and old and new and same_directory(old, new):
                tables[table][name] = old
            elif old != new:
                raise SettingsError(
                    f"this training began with {name} = {shown(old)}, now it is {shown(new)}; "
                    "leave it out to go on, or use --force to start again"
                )


def check_same_training(run: Run, *, force: bool) -> None:
    """Raise CheckpointError where a worker is asked for something else than the chief.

    To be called before anything is discarded.
    """
    compared = {
        "prepared text": run.checkpoint.files("prepare"),
        "model settings": as_table(run.model_settings),
        "training settings": as_table(dataclasses.replace(run.settings, threads=0)),
        "--force": force,
    }
    check_agreement(run, compared)


def check_agreement(run: Run, compared: dict[str, Any]) -> None:
    """Raise CheckpointError where some facts of a worker, by their names, are not those of the chief."""
    differing = []
    for name, facts in compared.items():
        mine = float(int(hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12], 16))
        if run.cluster.from_chief(mine) != mine:
            differing.append(name)
    if run.cluster.any(bool(differing)):
        here = f"this worker differs from the chief in {' and '.join(differing)}"
        raise CheckpointError(
            f"{here if differing else 'a worker does not agree'}; all need the same command and the same"
            f" checkpoint directory, {run.checkpoint.directory}"
        )


def record(run: Run, progress: Progress) -> None:
    """Write down that there is a trained model."""
    report = {"steps": progress.step, "best_step": progress.best_step, "best_score": progress.best_score}
    run.checkpoint.record_stage("train", {**report, "best_metric": run.settings.best_metric}, [])


def newest_whole(run: Run, states: list[Path]) -> Progress:
    """Load the first of these states that is not damaged; a damaged one is said and removed.

    Raises:
        CheckpointError: all are damaged; or one is whole and does not fit, and stays.
    """
    newest, *older = states
    try:
        return load_state(newest, run.step)
    except DamagedFileError as error:
        if not older:
            raise CheckpointError(f"{error}; run 'mtkit train --force' to start again") from None
        run.reporter.warn(f"{error}; going back to the state before it")
        if run.cluster.chief:
            newest.unlink(missing_ok=True)
        return newest_whole(run, older)


def load_from(run: Run, base: Checkpoint) -> None:
    """Begin with the best weights of another checkpoint directory.

    Raises:
        CheckpointError: no whole weights there, or another vocabulary.
        SettingsError: a model of another shape, or the directory itself.
    """
    if same_directory(base.directory, run.checkpoint.directory):
        raise SettingsError(
            f"--from names {base.directory}, which is to be trained itself; name a new directory with -C"
        )
    theirs, ours = base.trained_model_settings(), as_table(run.model_settings)
    for name in (name for name in ours if name not in NOT_SHAPE):
        old = theirs.get(name, getattr(ModelSettings, name))
        if ours[name] != old:
            raise SettingsError(
                f"--from {base.directory}: its model has {name} = {shown(old)}, not {shown(ours[name])};"
                f" leave {name} out"
            )
    if not have_one_vocabulary(base, run.checkpoint):
        raise CheckpointError(
            f"the vocabulary of {run.checkpoint.directory} is not that of {base.directory}; prepare the text"
            f" with 'mtkit prepare --from {base.directory}'"
        )
    try:
        load_first_whole(run.model, base.weights_files("best"), run.reporter)
    except CheckpointError as error:
        raise CheckpointError(f"{error}; copy that checkpoint directory again") from None
    start_averages(run)
    run.reporter.say(f"beginning with the best weights of {base.directory}")


def load_pretrained(run: Run) -> None:
    """Put pretrained embeddings in place."""
    settings, width = run.model_settings, run.model_settings.embedding_width
    for name, tokenizer, variable in (
        (settings.source_embeddings, run.text.tokenizers.source, run.model.source_embeddings),
        (settings.target_embeddings, run.text.tokenizers.target, run.model.target_embeddings),
    ):
        if not name:
            continue
        vectors = read_vectors(Path(name), tokenizer.pieces(list(range(tokenizer.size))), width)
        table = variable.numpy()
        for token, vector in vectors.items():
            table[token] = vector / math.sqrt(width)
        variable.assign(table)
        run.reporter.say(f"{name}: vectors for {len(vectors):,} of {tokenizer.size:,} pieces")
    start_averages(run)


def start_averages(run: Run) -> None:
    """The averages of the weights begin as the weights are."""
    for variable, average in zip(run.model.trainable_variables, run.step.averages, strict=False):
        average.assign(variable)
