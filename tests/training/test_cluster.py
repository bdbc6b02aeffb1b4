"""Several workers, as processes on one machine: the same weights as one alone, one end for all, and a clear
word when one dies.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from mtkit.arrays import load_arrays
from mtkit.checkpoint import Checkpoint
from mtkit.errors import MtkitError, SettingsError
from mtkit.reporter import Reporter
from mtkit.training.cluster import Cluster
from mtkit.training.rendezvous import meet
from mtkit.training.workers import place_in
from tests.support.listener import Listener
from tests.support.processes import some_lines

PLAIN = (
    "--embedding-width",
    "16",
    "--encoder-width",
    "16",
    "--decoder-width",
    "16",
    "--preset",
    "tiny",
    "--embedding-dropout",
    "0",
    "--layer-dropout",
    "0",
    "--output-dropout",
    "0",
    "--batch-tokens",
    "256",
    "--validate-every-steps",
    "3",
    "--validation-lines",
    "4",
    "--examples",
    "0",
    "--precision",
    "float32",
    "--threads",
    "1",
    "--no-tensorboard",
    "--no-export",
)


def config(kind, index, **cluster):
    return json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (config("worker", 0, worker=["a:1", "b:1"]), (0, 2)),
        (config("worker", 1, worker=["a:1", "b:1"]), (1, 2)),
        (config("chief", 0, chief=["a:1"], worker=["b:1", "c:1"]), (0, 3)),
        (config("worker", 1, chief=["a:1"], worker=["b:1", "c:1"]), (2, 3)),
        (config("worker", 0, worker=["a:1"]), (0, 1)),
    ],
)
def test_place_of_a_worker(text, place):
    named = place_in(text)
    assert (named.index, len(named.addresses)) == place


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        config("worker", 2, worker=["a:1", "b:1"]),
        config("ps", 0, ps=["a:1"], worker=["b:1"]),
        config("worker", 0, worker="127.0.0.1:2"),
        config("worker", 0, worker=[1, 2]),
        config("worker", 0, worker=["a:1", "a:1"]),
    ],
)
def test_what_is_no_place(text):
    with pytest.raises(SettingsError, match="TF_CONFIG"):
        place_in(text)


def test_one_alone_agrees_with_itself():
    alone = Cluster()
    assert (alone.chief, alone.from_chief(0.1), alone.any(True), alone.any(False)) == (True, 0.1, True, False)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return [f"127.0.0.1:{port}" for port in ports]


def test_workers_meet_in_any_order():
    addresses, left = free_ports(3), []

    def come(index, wait):
        time.sleep(wait)
        meet(index, addresses, Reporter(), 30.0)
        left.append(index)

    threads = [threading.Thread(target=come, args=one) for one in ((1, 0.0), (0, 0.5), (2, 1.5))]
    for thread in threads:
        thread.start()
    time.sleep(1.0)
    assert left == [], "nobody leaves before the last one comes"
    for thread in threads:
        thread.join(20)
    assert sorted(left) == [0, 1, 2]


@pytest.mark.parametrize(("index", "missing"), [(0, "worker 1 at"), (1, "the chief at")])
def test_who_is_missing_is_said(index, missing):
    reporter = Listener()
    with pytest.raises(MtkitError, match=f"no word from {missing}"):
        meet(index, free_ports(2), reporter, 1.5)
    assert len(reporter.said) == 1 and reporter.said[0].startswith(f"waiting for {missing}")


def test_a_port_in_use_is_named():
    with socket.create_server(("", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(MtkitError, match=f"cannot listen at {address}"):
            meet(0, [address, "127.0.0.1:1"], Reporter())


@pytest.fixture
def prepared(mtkit, tmp_path):
    for part, lines in (("train", 200), ("valid", 20)):
        for language in ("en", "fr"):
            (tmp_path / f"{part}.{language}").write_text(
                some_lines(f"{part}.{language}", lines), encoding="utf-8"
            )
    languages = ("--source-language", "en", "--target-language", "fr")
    code, _, err = mtkit("prepare", "-C", "alone", "--train", "train", "--valid", "valid", *languages)
    assert code == 0, err
    shutil.copytree("alone", "shared")
    return tmp_path


def train_command(directory, *options):
    return ["train", "-C", directory, *PLAIN, *map(str, options)]


def start(folder, directory, *options, cluster=None, index=0):
    environment = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"}
    if cluster:
        environment["TF_CONFIG"] = config("worker", index, worker=cluster)
    return subprocess.Popen(
        [sys.executable, "-m", "mtkit", *train_command(directory, *options)],
        cwd=folder,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def two(folder, directory, *options):
    """A chief and another worker on free ports of this machine."""
    cluster = free_ports(2)
    return [start(folder, directory, *options, cluster=cluster, index=index) for index in range(2)]


def ends(processes, seconds=150):
    errors = [process.communicate(timeout=seconds)[1] for process in processes]
    return [process.returncode for process in processes], errors


@pytest.mark.parametrize("ends_at", [[6], pytest.param([4, 6], marks=pytest.mark.slow)])
def test_two_workers_equal_one_and_go_on(prepared, mtkit, ends_at):
    code, _, err = mtkit(*train_command("alone", "--max-steps", 6))
    assert code == 0, err
    for steps in ends_at:
        codes, errors = ends(two(prepared, "shared", "--max-steps", steps))
        assert codes == [0, 0], errors
        assert f"reached --max-steps {steps}" in errors[0] and "the chief ended the training" in errors[1]
    assert ("going on from step 4" in errors[0]) == (len(ends_at) > 1)
    assert "best" not in errors[1]
    (one, _), (other, _) = (
        load_arrays(Checkpoint(prepared / name).states()[0]) for name in ("alone", "shared")
    )
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(other[name], one[name], atol=1e-4, err_msg=name)


@pytest.mark.slow
def test_a_killed_worker_ends_the_job_and_the_next_start_goes_on(prepared):
    chief, other = two(prepared, "shared", "--max-minutes", 5, "--patience", 0)
    state = prepared / "shared" / "training"
    deadline = time.monotonic() + 120
    while not list(state.glob("state-*.safetensors")) and time.monotonic() < deadline:
        time.sleep(0.2)
    other.kill()
    _, error = chief.communicate(timeout=120)
    assert (chief.returncode, "another worker of this job is gone" in error) == (1, True), error
    assert "Traceback" not in error
    other.communicate()
    saved = int(re.search(r"state-(\d+)", Checkpoint(prepared / "shared").states()[0].name)[1])
    codes, errors = ends(two(prepared, "shared", "--max-minutes", 0, "--max-steps", saved + 2))
    assert codes == [0, 0], errors
    assert f"going on from step {saved}" in errors[0].replace(",", "")


@pytest.mark.slow
def test_a_signal_to_one_worker_stops_all(prepared):
    chief, other = two(prepared, "shared", "--max-minutes", 5, "--patience", 0)
    deadline = time.monotonic() + 120
    while (
        not list((prepared / "shared" / "training").glob("state-*.safetensors"))
        and time.monotonic() < deadline
    ):
        time.sleep(0.2)
    other.send_signal(signal.SIGTERM)
    codes, errors = ends([chief, other])
    assert codes == [130, 130], errors
    assert "stopped by another worker at step" in errors[0]


def test_workers_with_other_settings_are_told(prepared):
    chief = None
    try:
        cluster = free_ports(2)
        chief = start(prepared, "shared", "--max-steps", 2, cluster=cluster)
        other = start(prepared, "shared", "--max-steps", 2, "--learning-rate", 0.5, cluster=cluster, index=1)
        codes, errors = ends([chief, other])
    finally:
        if chief:
            chief.kill()
    assert codes == [1, 1], errors
    assert (
        "this worker differs from the chief in training settings" in errors[1]
        and "does not agree" in errors[0]
    )
    assert not Path(prepared / "shared" / "weights").exists()
