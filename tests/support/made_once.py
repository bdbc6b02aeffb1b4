"""Folders that take long to make, such as trained models: one worker makes them, for all."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(tmp_path_factory, name: str, make: Callable[[pytest.MonkeyPatch], None]) -> Path:
    """A folder that a test must not change.

    Args:
        name: of the folder.
        make: fills the working directory; what it patches is undone behind it.
    """
    root = tmp_path_factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    folder = root / name
    with open(root / f"{name}.lock", "w") as lock, pytest.MonkeyPatch.context() as patch:
        fcntl.flock(lock, fcntl.LOCK_EX)
        patch.delenv("MTKIT_CHECKPOINT_DIR", raising=False)
        if not folder.exists():
            temporary = root / f"{name}.tmp"
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir()
            patch.chdir(temporary)
            make(patch)
            temporary.rename(folder)
    return folder


def made_and_copied(tmp_path_factory, name: str, make: Callable[[pytest.MonkeyPatch], None]) -> Path:
    """A copy of such a folder, which the tests of this worker share."""
    copy = tmp_path_factory.mktemp(name)
    shutil.copytree(made_once(tmp_path_factory, name, make), copy, dirs_exist_ok=True)
    return copy
