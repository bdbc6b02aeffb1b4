"""The checkpoint directory: atomic writes, stages in order, damaged and newer directories."""

import json
import subprocess
import sys

import pytest

from mtkit.checkpoint import FORMAT_VERSION, Checkpoint, locked
from mtkit.errors import CheckpointError
from mtkit.writing import atomic_directory, atomic_file


@pytest.fixture
def checkpoint(tmp_path):
    made = Checkpoint(tmp_path / "model")
    file = made.vocab / "x.spm"
    with atomic_file(file) as temporary:
        temporary.write_bytes(b"abc")
    made.record_stage("prepare", {"pairs": 3}, [file])
    return made


def test_a_failed_write_leaves_the_old_file_alone(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(OSError), atomic_file(path) as temporary:
        temporary.write_text("half")
        raise OSError(28, "No space left on device")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_folder_leaves_the_old_one_alone(tmp_path):
    folder = tmp_path / "data"
    with atomic_directory(folder) as temporary:
        (temporary / "a").write_text("old")
    with pytest.raises(RuntimeError), atomic_directory(folder) as temporary:
        (temporary / "a").write_text("half")
        raise RuntimeError
    assert (folder / "a").read_text() == "old"
    assert list(tmp_path.iterdir()) == [folder]


def test_a_file_has_the_permissions_that_the_system_gives(tmp_path):
    """Whatever writes it: libraries make files that nobody else may read."""
    (tmp_path / "usual").touch()
    with atomic_file(tmp_path / "file") as temporary:
        temporary.unlink()
        temporary.touch(0o600)
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_one_command_at_a_time(checkpoint):
    """And a killed one holds nothing any more."""
    program = (
        "import sys, time; from pathlib import Path; from mtkit.checkpoint import Checkpoint, locked\n"
        "with locked(Checkpoint(Path(sys.argv[1]))): print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(checkpoint.directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        with (
            pytest.raises(CheckpointError, match=r"another mtkit command .* wait for its end"),
            locked(checkpoint),
        ):
            pass
        process.kill()
    with locked(checkpoint):
        assert not [path for path in checkpoint.directory.iterdir() if "lock" in path.name]


def test_stages_and_their_reports(checkpoint):
    assert checkpoint.require_stage("prepare") == {"pairs": 3}
    checkpoint.verify("prepare")
    with pytest.raises(CheckpointError, match="holds no trained model; run 'mtkit train' first"):
        checkpoint.require_stage("train")
    checkpoint.forget_stages("prepare", "train")
    with pytest.raises(CheckpointError, match="holds no prepared text; run 'mtkit prepare' first"):
        checkpoint.require_stage("train")


def test_damaged_and_missing_files_are_named(checkpoint):
    (checkpoint.vocab / "x.spm").write_bytes(b"abd")
    with pytest.raises(CheckpointError, match=r"x\.spm is damaged"):
        checkpoint.verify("prepare")
    (checkpoint.vocab / "x.spm").unlink()
    with pytest.raises(CheckpointError, match=r"x\.spm is missing"):
        checkpoint.verify("prepare", "vocab/")


def test_a_newer_format_is_refused_by_name(checkpoint):
    manifest = json.loads(checkpoint.manifest_file.read_text())
    manifest |= {"format": FORMAT_VERSION + 1, "mtkit": "9.9"}
    checkpoint.manifest_file.write_text(json.dumps(manifest))
    with pytest.raises(CheckpointError, match=r"format 2, written by mtkit 9\.9.*upgrade mtkit"):
        checkpoint.manifest()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "x", "stages": {}}', '{"format": 1}'])
def test_a_damaged_manifest_is_named(checkpoint, content):
    checkpoint.manifest_file.write_text(content)
    with pytest.raises(CheckpointError, match=r"mtkit\.json is damaged"):
        checkpoint.manifest()


def test_other_directories_are_no_checkpoints(tmp_path):
    (tmp_path / "letter.txt").write_text("x")
    with pytest.raises(CheckpointError, match="no checkpoint directory"):
        Checkpoint(tmp_path).require_stage("train")
    with pytest.raises(CheckpointError, match="is a file"):
        Checkpoint(tmp_path / "letter.txt").manifest()
