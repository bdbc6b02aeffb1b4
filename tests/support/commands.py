"""`mtkit` run within the process of the tests, which has imported what is slow to import."""

import contextlib
import io
from pathlib import Path
from unittest import mock

import pytest

from mtkit.cli.main import main

# For a training that is to be short: half of the time of a small one is tracing a part for each thread.
QUICK = ("--precision", "float32", "--threads", 1, "--batch-tokens", 512)


def run_here(*arguments, cwd: Path | str = ".", stdin: bytes = b"") -> tuple[int, str, str]:
    """Run a command: (exit code, stdout, stderr)."""
    streams = {"stdin": text_stream(stdin), "stdout": text_stream(), "stderr": text_stream()}
    with contextlib.chdir(cwd), mock.patch.multiple("sys", **streams), pytest.raises(SystemExit) as leaving:
        main([str(argument) for argument in arguments])
    out, err = (streams[name].buffer.getvalue().decode() for name in ("stdout", "stderr"))
    return leaving.value.code, out, err


def text_stream(content: bytes = b"") -> io.TextIOWrapper:
    """A stream of text over bytes in memory, which loses nothing that is written."""
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="", write_through=True)
