"""Schedule, loss, batches and the run: N + N steps equal 2N bit for bit, across kills and signals."""

import contextlib
import dataclasses
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from mtkit.arrays import load_arrays, save_arrays
from mtkit.checkpoint import Checkpoint
from mtkit.data.batching import make_batch
from mtkit.data.store import TokenCorpus
from mtkit.data.tokenizers import load_tokenizers
from mtkit.errors import CheckpointError, InputError, MtkitError, SettingsError
from mtkit.model.build import build_model, fill_in
from mtkit.reporter import TerminalReporter
from mtkit.settings.train import ModelSettings, TrainSettings
from mtkit.training.cluster import Cluster
from mtkit.training.loop import train
from mtkit.training.progress import Progress, after_update
from mtkit.training.tensorflow_step import TensorflowStep
from tests.support.made_once import made_once
from tests.support.numbers import prepare_numbers

ROOT = Path(__file__).resolve().parents[2]
MODEL = ModelSettings(preset="tiny", embedding_width=12, encoder_width=12, decoder_width=12)
SETTINGS = TrainSettings(
    batch_tokens=64,
    validate_every_steps=4,
    validation_lines=4,
    examples=1,
    warmup_steps=2,
    tensorboard=False,
    precision="float32",
    threads=1,
    export=False,
)


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory):
    """One that was trained for 8 steps in one go, with a state of step 4 too; no test changes it."""

    def make(_patch):
        run(prepare_numbers(Path.cwd()), 8)

    return Checkpoint(made_once(tmp_path_factory, "numbers", make) / "model")


@pytest.fixture
def at_step_8(trained_once, tmp_path):
    """A copy of it."""
    return copy_of(trained_once, tmp_path / "at-step-8")


def run(checkpoint, steps, model=MODEL, **changes):
    return train(
        checkpoint,
        model,
        dataclasses.replace(SETTINGS, max_steps=steps, **changes),
        reporter=TerminalReporter(),
    )


def copy_of(checkpoint, path):
    shutil.copytree(checkpoint.directory, path)
    return Checkpoint(path)


def assert_same_state(one, other):
    (arrays, facts), (others, other_facts) = (load_arrays(c.states()[0]) for c in (one, other))
    assert arrays.keys() == others.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)
    progress, other_progress = (json.loads(f["progress"]) for f in (facts, other_facts))
    clock = {"seconds": 0, "validation_seconds": 0}
    assert {**progress, **clock} == {**other_progress, **clock}


TRANSFORMER = ModelSettings(
    preset="tiny",
    model="transformer",
    embedding_width=16,
    feed_forward_width=16,
    heads=2,
    encoder_layers=1,
    decoder_layers=1,
    stochastic_depth=0.1,
)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"subword_sampling": 0.5, "join": 0.5},
        pytest.param({"model": TRANSFORMER}, marks=pytest.mark.slow),
    ],
)
def test_resumed_equals_uninterrupted_bit_for_bit(prepared, at_step_8, tmp_path, changes):
    """From the end of a shorter run, and with other settings from where a run of the same length was once."""
    resumed = at_step_8
    run(prepared, 16, **changes)
    if changes:
        resumed = copy_of(prepared, tmp_path / "resumed")
        resumed.states()[0].unlink()
    outcome = run(resumed, 16, **changes)
    assert "--max-steps 16" in outcome.reason
    assert_same_state(prepared, resumed)
    rows, others = (
        [json.loads(line) for line in (c.training / "log.jsonl").read_text().splitlines()]
        for c in (prepared, resumed)
    )
    assert [row["step"] for row in rows] == [4, 8, 12, 16]
    assert [(row["bleu"], row["valid_loss"]) for row in rows] == [
        (row["bleu"], row["valid_loss"]) for row in others
    ]


@pytest.mark.parametrize("kills", [1, pytest.param(20, marks=pytest.mark.slow)])
def test_real_kills_at_random_moments(prepared, tmp_path, kills):
    """SIGKILL again and again; what is on disk loads each time, and the end is that of an undisturbed run,
    bit for bit.
    """
    undisturbed = copy_of(prepared, tmp_path / "undisturbed")
    command = [
        sys.executable,
        str(Path(__file__).with_name("kill_driver.py")),
        prepared.directory,
        undisturbed.directory,
    ]
    steps = 10 * (kills + 1)
    done = subprocess.run(
        [*map(str, command), str(steps), str(kills), "1"],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["end"] == steps
    assert -1 < max(facts["after_kills"]) < steps, f"the kills hit too early or too late: {facts}"
    assert_same_state(prepared, undisturbed)
    names, others = (
        sorted(path.name for path in one.directory.rglob("*") if "events" not in path.name)
        for one in (prepared, undisturbed)
    )
    assert names == others


def test_a_signal_saves_and_leaves(prepared, trained_once, monkeypatch):
    import mtkit.training.loop as loop

    real = loop.Window.add

    def add(self, *values):
        if self.steps == 1 and not os.environ.get("SENT"):
            monkeypatch.setenv("SENT", "1")
            os.kill(os.getpid(), signal.SIGTERM)
        real(self, *values)

    monkeypatch.setattr(loop.Window, "add", add)
    outcome = run(prepared, 8)
    assert outcome.interrupted
    assert outcome.progress.step == 2
    run(prepared, 8)
    (arrays, _), (others, _) = (load_arrays(c.states()[0]) for c in (prepared, trained_once))
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)


def test_changed_model_is_refused_by_name(at_step_8):
    with pytest.raises(SettingsError, match="cell = lstm, now it is gru"):
        train(at_step_8, dataclasses.replace(MODEL, cell="gru"), SETTINGS)
    with pytest.raises(SettingsError, match=r"join = 0\.0, now it is 0\.5"):
        run(at_step_8, 9, join=0.5)
    assert "already trained" in run(at_step_8, 8).reason


def test_patience_ends_the_run_and_old_weights_go(prepared):
    outcome = run(prepared, 100, patience=3, learning_rate=0.0)
    assert "--patience 3" in outcome.reason
    assert outcome.progress.step == 16
    assert sorted(path.name for path in prepared.weights.iterdir()) == [
        "average.safetensors",
        "best.safetensors",
        *(f"step-000000{step}.safetensors" for step in ("08", "12", "16")),
    ]


def test_a_budget_is_kept_and_anneals(prepared, capsys):
    """Some seconds for everything: the run ends before they are over, with the rate near 0, averaged weights,
    and a picture.
    """
    began = time.monotonic()
    settings = dataclasses.replace(SETTINGS, budget="20s", patience=0, validate_every_steps=0)
    model = dataclasses.replace(MODEL, preset="auto", embedding_width=None)
    outcome = train(prepared, model, settings, reporter=TerminalReporter())
    assert time.monotonic() - began < 20
    assert "--budget 20s" in outcome.reason
    assert "passes over 60 pairs fit into 20s" in " ".join(capsys.readouterr().err.split())
    resolved = prepared.settings()
    assert (resolved["train"]["schedule"], resolved["model"]["preset"]) == ("cosine", "tiny")
    rows = [json.loads(line) for line in (prepared.training / "log.jsonl").read_text().splitlines()]
    assert (prepared.training / "curve.svg").read_text().lstrip().startswith("<?xml")
    kept = [load_arrays(path)[0]["output_bias"] for path in sorted(prepared.weights.glob("step-*"))]
    average, _ = load_arrays(prepared.weights_files("average")[0])
    np.testing.assert_allclose(average["output_bias"], np.mean(kept, axis=0), atol=1e-7)
    if rows[-1]["step"] <= SETTINGS.warmup_steps:
        pytest.skip("too busy a machine for a schedule: 20 seconds were over while it warmed up")
    assert rows[-1]["learning_rate"] < 0.05 * resolved["train"]["learning_rate"]


def test_cosine_needs_an_end(prepared):
    with pytest.raises(SettingsError, match="give it one"):
        train(prepared, MODEL, dataclasses.replace(SETTINGS, schedule="cosine"), reporter=TerminalReporter())


def test_pretrained_vectors_are_used_and_stay_frozen(prepared, tmp_path):
    """The source side frozen on vectors of its own, the target side free: the joint vocabulary is then not
    tied.
    """
    tokenizer = load_tokenizers(prepared).source
    words = ["one", "two", "three"]
    vectors = np.random.default_rng(5).normal(size=(3, 12)).round(3).astype(np.float32)
    rows = [f"{word} {' '.join(map(str, vector))}" for word, vector in zip(words, vectors, strict=True)]
    (tmp_path / "en.vec").write_text("\n".join(["3 12", *rows]) + "\n")
    settings = dataclasses.replace(
        MODEL, source_embeddings=str(tmp_path / "en.vec"), freeze_source_embeddings=True
    )
    train(prepared, settings, dataclasses.replace(SETTINGS, max_steps=4), reporter=TerminalReporter())
    assert prepared.settings()["model"]["tie_embeddings"] == "target"
    arrays, _ = load_arrays(prepared.weights / "best.safetensors")
    pieces = {tokenizer.pieces([token])[0]: token for token in range(tokenizer.size)}
    found = 0
    for word, vector in zip(words, vectors, strict=True):
        if "▁" + word in pieces:
            found += 1
            np.testing.assert_allclose(
                arrays["source_embeddings"][pieces["▁" + word]] * math.sqrt(12), vector, rtol=1e-5
            )
    assert found, "the tokenizer knows none of the words"


def damage(path):
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)


def test_a_damaged_state_falls_back_to_the_one_before(at_step_8, capsys):
    damage(at_step_8.states()[0])
    outcome = run(at_step_8, 9)
    said = " ".join(capsys.readouterr().err.split())
    assert "state-00000008.safetensors is damaged" in said
    assert "going on from step 4" in said
    assert outcome.progress.step == 9


def test_states_that_are_all_damaged_are_named(at_step_8):
    for state in at_step_8.states():
        damage(state)
    with pytest.raises(CheckpointError, match=r"state-00000004\.safetensors is damaged"):
        run(at_step_8, 9)


@pytest.mark.parametrize(
    ("facts", "message"),
    [({}, "is no training state of this mtkit"), ({"progress": '{"step": 8}'}, "is of another model")],
)
def test_a_whole_state_that_does_not_fit_stays(at_step_8, facts, message):
    newest = at_step_8.states()[0]
    save_arrays(newest, {"model/other": np.zeros(1)}, facts)
    with pytest.raises(CheckpointError, match=message):
        run(at_step_8, 9)
    assert newest.exists()


@pytest.mark.parametrize(
    "error",
    [
        tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor"),
        RuntimeError("RESOURCE_EXHAUSTED: Out of memory"),
        MemoryError(),
    ],
)
def test_an_end_of_memory_is_named(at_step_8, monkeypatch, error):
    def fails(*_arguments, **_options):
        raise error

    monkeypatch.setattr("mtkit.training.loop.new_run", fails)
    with pytest.raises(MtkitError, match=r"memory is not enough .* --batch-tokens"):
        run(at_step_8, 9)


def test_other_errors_pass(at_step_8, monkeypatch):
    monkeypatch.setattr("mtkit.training.loop.new_run", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(at_step_8, 9)


def test_what_cannot_be_read_is_not_damaged(at_step_8, monkeypatch):
    def fails(*_arguments, **_options):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("mtkit.arrays.safe_open", fails)
    with pytest.raises(InputError, match="cannot be read: input/output error"):
        run(at_step_8, 9)
    assert len(at_step_8.states()) == 2


class OtherChief(Cluster):
    """What the chief says is never what this worker says."""

    def from_chief(self, number):
        return number + 1


def test_nothing_is_discarded_before_all_workers_agree(at_step_8, monkeypatch):
    monkeypatch.setattr("mtkit.training.loop.join_workers", lambda reporter: OtherChief(size=2))
    monkeypatch.setattr("mtkit.training.loop.new_run", untrained_run)
    with pytest.raises(
        CheckpointError, match="prepared text and model settings and training settings and --force;"
    ):
        train(at_step_8, MODEL, SETTINGS, force=True)
    assert at_step_8.has_stage("train") and at_step_8.states()


class ChiefSaysItIsOver(Cluster):
    """What another worker hears where training is done already."""

    def from_chief(self, number):
        return number

    def any(self, flag):
        return True


def test_another_worker_leaves_a_finished_training_as_one(at_step_8, monkeypatch):
    monkeypatch.setattr(
        "mtkit.training.loop.join_workers", lambda reporter: ChiefSaysItIsOver(index=1, size=2)
    )
    monkeypatch.setattr("mtkit.training.loop.check_same_training", lambda run, force: None)
    monkeypatch.setattr("mtkit.training.loop.check_agreement", lambda run, compared: None)
    outcome = run(at_step_8, 8)
    assert ("already trained to step 8" in outcome.reason, outcome.chief) == (True, False)


def untrained_run(checkpoint, model_settings, settings, reporter, parallel, cluster):
    """What is needed of a run before it begins."""
    return SimpleNamespace(
        checkpoint=checkpoint, model_settings=model_settings, settings=settings, cluster=cluster
    )


def test_a_step_whose_loss_makes_no_sense_changes_nothing(prepared):
    """A loss that is no number, by a poisoned bias; the next step, with the bias healed, is taken."""
    step = train_step(prepared)
    batch = batch_of(TokenCorpus(prepared.data / "train"), np.arange(20))
    bias = step.model.output_bias.numpy()

    def everything():
        variables = (
            *step.variables,
            *step.averages,
            *step.optimizer.variables[2:],
        )  # but not the count of steps, the rate
        return [variable.numpy() for variable in variables if variable is not step.model.output_bias]

    before = everything()
    step.model.output_bias.assign(np.full_like(bias, np.nan))
    assert not step.update([batch], 0, 0.01)[2]
    assert np.isnan(step.model.output_bias.numpy()).all()
    for one, other in zip(everything(), before, strict=True):
        np.testing.assert_array_equal(one, other)
    step.model.output_bias.assign(bias)
    assert step.update([batch], 1, 0.01)[2]


def test_skipped_steps_are_counted_and_halve_the_rate():
    progress = Progress()
    for sound in [True, False, False, True] + [False] * 10:
        progress = after_update(progress, sound=sound, seconds=1.0)
    assert (progress.step, progress.skipped, progress.skipped_in_a_row, progress.rate_factor) == (
        14,
        12,
        10,
        0.25,
    )
    assert after_update(progress, sound=True, seconds=2.0).skipped_in_a_row == 0


def test_many_such_steps_halve_the_rate_and_then_stop_with_advice(at_step_8, monkeypatch, capsys):
    unsound = [np.float32(value) for value in (math.nan, 9, 0)]
    monkeypatch.setattr(TensorflowStep, "update", lambda self, batches, step, rate: unsound)
    with pytest.raises(MtkitError, match="lower --learning-rate"):
        run(at_step_8, 1000, validate_every_steps=500)
    assert "rate is halved" in " ".join(capsys.readouterr().err.split())
    assert at_step_8.states()[0].name == "state-00000008.safetensors", "nothing is saved over good weights"


def test_accumulated_batches_are_one_large_batch(prepared):
    """Two batches in one update change the weights as their union does."""

    def weights_after(count):
        step = train_step(prepared, accumulate_batches=count)
        corpus = TokenCorpus(prepared.data / "train")
        rows = [np.arange(0, 10), np.arange(10, 20)]
        batches = (
            [batch_of(corpus, part) for part in rows]
            if count == 2
            else [batch_of(corpus, np.concatenate(rows))]
        )
        for number in range(3):
            _, tokens, sound = step.update(batches, number, 0.01)
            assert sound
        return float(tokens), [variable.numpy() for variable in step.variables]

    with eagerly():
        tokens, one = weights_after(1)
    other_tokens, other = weights_after(2)
    assert tokens == other_tokens
    for array, other_array in zip(one, other, strict=True):
        np.testing.assert_allclose(array, other_array, atol=2e-4)


@pytest.mark.parametrize(
    "rows", [2, pytest.param(1, marks=pytest.mark.slow), pytest.param(31, marks=pytest.mark.slow)]
)
def test_parts_of_a_batch_and_sum_to_the_whole(prepared, rows):
    """Also where a batch has fewer rows than there are parts. Without dropout, which each draws for
    itself.
    """
    batch = batch_of(TokenCorpus(prepared.data / "train"), np.arange(rows))

    def updated(parallel):
        step = train_step(prepared, parallel=parallel, batch_tokens=2048, optimizer="sgd")
        update = [float(value) for value in step.update([batch], 0, 0.5)]
        return update, [variable.numpy() for variable in step.variables]

    with eagerly():
        update, weights = updated(1)
    other_update, other_weights = updated(3)
    assert update == pytest.approx(other_update, rel=1e-6)
    for one, other in zip(weights, other_weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("precision", ["bfloat16", pytest.param("float16", marks=pytest.mark.slow)])
def test_low_precision_learns_as_float32_does(prepared, precision):
    batch = batch_of(TokenCorpus(prepared.data / "train"), np.arange(20))

    def losses(precision):
        step = train_step(prepared, precision=precision)
        return [float(step.update([batch], number, 0.01)[0]) for number in range(20)]

    exact = losses("float32")
    assert exact[-1] < 0.8 * exact[0]
    np.testing.assert_allclose(losses(precision), exact, rtol=0.03)


def test_parts_on_several_devices_sum_to_the_whole():
    """In a process of its own, whose processor is made to look like two devices."""
    program = """
import numpy as np, tensorflow as tf
(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from mtkit.data.batching import Batch
from mtkit.model.build import build_model, fill_in
from mtkit.settings.train import ModelSettings, TrainSettings
from mtkit.training.tensorflow_step import TensorflowStep
plain = dict(embedding_width=8, encoder_width=8, decoder_width=8, embedding_dropout=0.0, layer_dropout=0.0, output_dropout=0.0)
ids = np.random.default_rng(1).integers(4, 20, (5, 6)).astype(np.int32)
weights = []
for devices in (["/CPU:0"], ["/CPU:0", "/CPU:1"]):
    tf.config.run_functions_eagerly(len(devices) == 1)
    model = build_model(fill_in(ModelSettings(preset="tiny", **plain), True), 20, 20, 1)
    step = TensorflowStep(model, TrainSettings(optimizer="sgd"), len(devices))
    step.devices = devices
    step.update([Batch(ids, ids, ids)], 0, 0.5)
    weights.append([variable.numpy() for variable in step.variables])
nodes = {node.device for node in step._update.get_concrete_function().graph.as_graph_def().node}
assert any("CPU:1" in device for device in nodes), nodes
for one, other in zip(*weights):
    np.testing.assert_allclose(one, other, atol=1e-6)
"""  # noqa: E501
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(
    not tf.config.list_physical_devices("GPU"),
    reason="no GPU here: mixed precision and parts on GPUs are not run",
)
@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_training_on_gpus_learns_as_on_the_processor(prepared, precision):
    batch = batch_of(TokenCorpus(prepared.data / "train"), np.arange(20))

    def losses(devices):
        step = train_step(prepared, precision, parallel=len(devices), batch_tokens=2048)
        step.devices = devices
        return [float(step.update([batch], number, 0.01)[0]) for number in range(20)]

    gpus = [device.name for device in tf.config.list_logical_devices("GPU")]
    np.testing.assert_allclose(losses(gpus), losses(["/CPU:0"]), rtol=0.03)


def batch_of(corpus, rows):
    return make_batch(corpus.sentences("source", rows), corpus.sentences("target", rows))


@contextlib.contextmanager
def eagerly():
    """What is compiled otherwise is done operation by operation: quick where it is done but once."""
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)


def train_step(checkpoint, precision="float32", parallel=1, **changes):
    """A training step without dropout over the prepared text's vocabulary."""
    size = load_tokenizers(checkpoint).source.size
    settings = dataclasses.replace(MODEL, embedding_dropout=0.0, layer_dropout=0.0, output_dropout=0.0)
    model = build_model(fill_in(settings, True), size, size, 1, precision)
    return TensorflowStep(model, dataclasses.replace(SETTINGS, **changes), parallel)


def test_auto_precision_is_measured_once_and_recorded(prepared, monkeypatch):
    import mtkit.training.auto_settings as module

    monkeypatch.setattr(module, "faster_precision", lambda parallel: "bfloat16")
    run(prepared, 2, precision="auto")
    assert prepared.settings()["train"]["precision"] == "bfloat16"


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"encoder_width": 7}, SettingsError), ({"source_embeddings": "no.vec"}, InputError)],
)
def test_force_discards_nothing_where_a_setting_does_not_fit(at_step_8, changes, error):
    before = sorted(path.name for path in at_step_8.directory.rglob("*"))
    with pytest.raises(error):
        train(at_step_8, dataclasses.replace(MODEL, **changes), SETTINGS, force=True)
    assert sorted(path.name for path in at_step_8.directory.rglob("*")) == before
    assert at_step_8.has_stage("train")


def test_force_discards_the_model_and_its_scores(at_step_8):
    at_step_8.scores.mkdir()
    (at_step_8.scores / "test-best.json").write_text("{}")
    outcome = train(
        at_step_8,
        dataclasses.replace(MODEL, cell="gru"),
        dataclasses.replace(SETTINGS, max_steps=4),
        force=True,
        reporter=TerminalReporter(),
    )
    assert outcome.progress.step == 4
    assert [path.name for path in at_step_8.states()] == ["state-00000004.safetensors"]
    assert not at_step_8.scores.exists()


def test_a_model_without_its_state_is_not_overwritten(at_step_8):
    shutil.rmtree(at_step_8.training)
    with pytest.raises(CheckpointError, match="no state to go on from"):
        run(at_step_8, 9)


def test_an_end_before_the_first_validation_is_told_from_no_training(prepared, monkeypatch):
    import mtkit.training.loop as loop

    monkeypatch.setattr(loop.RunLimits, "reached", lambda self, progress: None)
    add = loop.Window.add
    monkeypatch.setattr(
        loop.Window, "add", lambda self, *values: (add(self, *values), os.kill(os.getpid(), signal.SIGTERM))
    )
    assert run(prepared, 3).interrupted
    with pytest.raises(
        CheckpointError, match="has not come to its first validation; run 'mtkit train' to go on"
    ):
        prepared.require_stage("train")


def test_damaged_prepared_text_is_named(prepared):
    damage(prepared.data / "train" / "source.ids")
    with pytest.raises(CheckpointError, match=r"source\.ids is damaged"):
        run(prepared, 4)


def test_a_damaged_log_is_begun_anew(at_step_8, capsys):
    (at_step_8.training / "log.jsonl").write_bytes(b'{"step": 4}\n[1]\n\xff')
    run(at_step_8, 9)
    assert "a new log is begun" in " ".join(capsys.readouterr().err.split())


def test_training_needs_preparation(tmp_path):
    with pytest.raises(CheckpointError, match="run 'mtkit prepare' first"):
        run(Checkpoint(tmp_path / "none"), 1)
