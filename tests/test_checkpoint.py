"""The checkpoint directory: atomic writes, stages in order, damaged and newer directories."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import mtkit.checkpoint as module
from mtkit.checkpoint import FORMAT_VERSION, Checkpoint, claimed, locked
from mtkit.errors import CheckpointError
from mtkit.writing import atomic_directory, atomic_file, output_file


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


def test_claiming_asks_again_with_the_lock(checkpoint, monkeypatch):
    """Text that another command prepared since is not replaced without --force."""
    checkpoint.forget_stages("prepare")
    real_locked = module.locked

    @contextlib.contextmanager
    def locked_late(*arguments):
        checkpoint.record_stage("prepare", {}, [])
        with real_locked(*arguments):
            yield

    monkeypatch.setattr(module, "locked", locked_late)
    with (
        pytest.raises(CheckpointError, match="already holds prepared text"),
        claimed(checkpoint, force=False),
    ):
        pass
    assert checkpoint.has_stage("prepare")


def test_a_directory_whose_name_cannot_be_written_is_refused(tmp_path):
    """Training and exports fail below it, after the work."""
    checkpoint = Checkpoint(tmp_path / os.fsdecode(b"mod\xe8le"))
    with pytest.raises(CheckpointError, match=r"mod\\xe8le is not UTF-8"), claimed(checkpoint, force=False):
        pass
    assert not checkpoint.directory.exists()


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


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("/dev/zero", {"sha256": "", "bytes": 0}),
        ("../other/x.spm", {"sha256": "", "bytes": 3}),
        ("", {"sha256": "", "bytes": 3}),
        ("vocab/x.spm", {"sha256": ""}),
        ("vocab/x.spm", {"sha256": 5, "bytes": 3}),
        ("vocab/x.spm", {"sha256": "", "bytes": "3"}),
        ("vocab/x.spm", [3]),
    ],
)
def test_entries_that_lead_out_or_lack_something_are_damage(checkpoint, name, facts):
    manifest = json.loads(checkpoint.manifest_file.read_text())
    manifest["stages"]["prepare"]["files"][name] = facts
    checkpoint.manifest_file.write_text(json.dumps(manifest))
    with pytest.raises(CheckpointError, match=r"mtkit\.json is damaged"):
        checkpoint.verify("prepare")


def test_a_link_to_a_device_is_no_file(checkpoint):
    path = checkpoint.vocab / "x.spm"
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(CheckpointError, match=r"x\.spm is missing"):
        checkpoint.verify("prepare")


def test_files_of_a_killed_command_are_not_taken_for_whole(checkpoint):
    """It put them in place, and did not come to record them."""
    checkpoint.verify("train")
    with pytest.raises(CheckpointError, match=r"lexicon is not recorded as finished; .* run 'mtkit export'"):
        checkpoint.verify("export", "export/lexicon")


def test_weights_of_step_0_have_a_name(checkpoint):
    """Fine-tuning saves them before it begins."""
    checkpoint.weights.mkdir()
    for step in (0, 20):
        (checkpoint.weights / f"step-{step:08d}.safetensors").touch()
    assert [path.name for path in checkpoint.weights_files("0")] == ["step-00000000.safetensors"]
    with pytest.raises(CheckpointError, match="there are: 0, 20, last"):
        checkpoint.weights_files("best")


def test_damaged_settings_are_mended_by_what_writes_them_anew(checkpoint):
    checkpoint.write_settings(model={"cell": "gru"})
    checkpoint.write_settings(train={"seed": 7})
    assert checkpoint.settings() == {"model": {"cell": "gru"}, "train": {"seed": 7}}
    checkpoint.settings_file.write_text("[model")
    with pytest.raises(CheckpointError, match="'mtkit train --force'"):
        checkpoint.settings()
    checkpoint.write_settings(train={"seed": 8})
    assert checkpoint.settings() == {"train": {"seed": 8}}


def test_a_file_among_devices_is_replaced():
    """/dev/shm is a folder as any other."""
    shared = Path("/dev/shm")
    if not shared.is_dir():
        pytest.skip("this system has no /dev/shm")
    with tempfile.TemporaryDirectory(dir=shared) as folder:
        name = f"{folder}/out.de"
        for content in (b"long before", b"now"):
            with output_file(name) as file:
                file.write(content)
        assert Path(name).read_bytes() == b"now"
