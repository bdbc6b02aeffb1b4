"""What happens only to users: a full disk, a terminal, two commands in one directory."""

import contextlib
import errno
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.support.commands import run_here
from tests.support.processes import SECONDS, mtkit, some_lines

MEGABYTES = 8


class Disk:
    """A small file system of its own. `fill` leaves a few kilobytes, `free` gives all back."""

    def __init__(self, folder):
        self.folder = folder
        self.filler = folder / "filler"

    def fill(self, left_bytes):
        with open(self.filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"\0" * 4096)
        os.truncate(self.filler, self.filler.stat().st_size - left_bytes)

    def free(self):
        self.filler.unlink()


@pytest.fixture
def disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "none", str(folder)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root on Linux can make a small file system to fill")
    yield Disk(folder)
    subprocess.run(["umount", "-l", str(folder)], check=True)


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def assert_full(result):
    code, out, err = result
    assert (code, out) == (1, ""), err
    assert os.strerror(errno.ENOSPC).lower() in err.lower()
    assert "free some space" in err


def test_a_full_disk_while_preparing(disk):
    for language in ("en", "fr"):
        (disk.folder / f"train.{language}").write_text(
            some_lines(f"train.{language}", 3000), encoding="utf-8"
        )
    command = (
        "prepare",
        "--train",
        "train",
        "--valid",
        20,
        "--source-language",
        "en",
        "--target-language",
        "fr",
    )
    disk.fill(100_000)
    assert_full(mtkit(*command, cwd=disk.folder))
    assert not (disk.folder / "checkpoint").exists()
    disk.free()
    code, _, err = mtkit(*command, cwd=disk.folder)
    assert code == 0, err


def test_a_full_disk_while_training_translating_and_scoring(disk, trained):
    for name in ("checkpoint", "mtkit.toml", "train.en"):
        (shutil.copytree if (trained / name).is_dir() else shutil.copy)(trained / name, disk.folder / name)
    before = files_of(disk.folder / "checkpoint")
    disk.fill(16_384)
    assert_full(run_here("train", "--max-steps", 9, cwd=disk.folder))
    disk.fill(0)
    assert_full(mtkit("score", "--beam", 1, cwd=disk.folder))
    assert_full(
        mtkit(
            "translate",
            "--beam",
            1,
            "--format",
            "jsonl",
            "--output",
            "out.jsonl",
            "train.en",
            cwd=disk.folder,
        )
    )
    assert not (disk.folder / "out.jsonl").exists()
    after = files_of(disk.folder / "checkpoint")
    changed = {
        name
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name) and "events" not in name
    }
    # The limit of the new run is written down before its first step; nothing else may change.
    assert changed <= {"settings.toml"}
    disk.free()
    code, _, err = run_here("train", "--max-steps", 9, cwd=disk.folder)
    assert code == 0, err
    assert "going on from step 6" in err


def test_a_full_disk_under_stdout(trained):
    code, _, err = mtkit(
        cwd=trained, shell=f"{sys.executable} -m mtkit translate --beam 1 < train.en > /dev/full"
    )
    assert (code, "no space left" in err) == (1, True)


def heed_interrupts():
    """As a process of an interactive shell does; one that was started in the background would ignore them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def at_terminal():
    """Starts commands at terminals of their own; what still runs at the end of the test is killed."""
    started = []

    def start(*arguments, cwd):
        started.append(Terminal(*arguments, cwd=cwd))
        return started[-1]

    yield start
    for terminal in started:
        terminal.process.kill()
        terminal.process.wait(SECONDS)


class Terminal:
    """A command at a terminal of its own: type to it, read what it shows."""

    def __init__(self, *arguments, cwd):
        self.screen, inside = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mtkit", *map(str, arguments)],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            cwd=cwd,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm"},
            preexec_fn=heed_interrupts,
        )
        os.close(inside)
        self.shown = ""

    def type(self, text):
        os.write(self.screen, text.encode())

    def wait_for(self, condition):
        """Read until the condition holds of all that was shown."""
        deadline = time.monotonic() + SECONDS
        while not condition(self.shown):
            assert time.monotonic() < deadline, self.shown
            if not self.read():
                break
        assert condition(self.shown), self.shown

    def read(self):
        ready, _, _ = select.select([self.screen], [], [], 1.0)
        if not ready:
            return True
        try:
            text = os.read(self.screen, 65_536).decode(errors="replace")
        except OSError:  # the other end is closed
            return False
        self.shown += text
        return bool(text)

    def end(self):
        """The exit code, when the command ends by itself."""
        while self.read():
            pass
        os.close(self.screen)
        return self.process.wait(SECONDS)


def test_a_typed_line_is_answered_at_once(trained, at_terminal):
    terminal = at_terminal("translate", "--beam", 1, "--format", "tsv", cwd=trained)
    for number in (1, 2):
        terminal.type("A cat.\n")
        # What was typed is echoed; the answer starts with its score.
        terminal.wait_for(lambda shown, number=number: shown.count("\r\n-") == number)
    terminal.type("\x04")
    assert terminal.end() == 0
    assert "Traceback" not in terminal.shown


def test_training_at_a_terminal_shows_a_moving_line_and_ends_cleanly(trained, tmp_path, at_terminal):
    shutil.copytree(trained / "checkpoint", tmp_path / "checkpoint")
    terminal = at_terminal(
        "train", "--max-steps", 100_000, "--patience", 0, "--validate-every-steps", 100_000, cwd=tmp_path
    )
    terminal.wait_for(lambda shown: "target tokens/s" in shown)
    os.killpg(terminal.process.pid, signal.SIGINT)
    assert terminal.end() == 130
    assert "goes on" in terminal.shown
    assert terminal.shown.rstrip().endswith("interrupted")
    assert "Traceback" not in terminal.shown
    assert terminal.shown.count("\x1b[?25l") == terminal.shown.count("\x1b[?25h"), "the cursor stays hidden"


def test_two_trainings_in_one_directory(trained, tmp_path, at_terminal):
    shutil.copytree(trained / "checkpoint", tmp_path / "checkpoint")
    terminal = at_terminal(
        "train", "--max-steps", 100_000, "--patience", 0, "--validate-every-steps", 100_000, cwd=tmp_path
    )
    terminal.wait_for(lambda shown: "target tokens/s" in shown)
    for command in (
        ["train"],
        ["prepare", "--force", "--train", "x", "--source-language", "a", "--target-language", "b"],
    ):
        for language in ("a", "b"):
            (tmp_path / f"x.{language}").write_text(f"{language} 1\n")
        code, _, err = run_here(*command, cwd=tmp_path)
        assert (code, "another mtkit command is at work in checkpoint" in err) == (1, True), err
    terminal.process.kill()
    terminal.end()
    code, _, err = run_here("train", "--max-steps", 6, cwd=tmp_path)
    assert (code, "already trained to step 6" in " ".join(err.split())) == (0, True), err
