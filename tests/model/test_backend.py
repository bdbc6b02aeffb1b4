"""What loading the backend does, and importing the model's room does not."""

import os
import subprocess
import sys

from mtkit.model.backend import Silence
from tests.support.processes import ROOT


def run(program):
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("TF_", "KERAS_"))
    }
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, cwd=ROOT, check=True
    )


def test_importing_changes_neither_environment_nor_file_descriptors():
    done = run("""
import os
dup2, environment = os.dup2, dict(os.environ)
def refuse(*arguments):
    raise AssertionError("a file descriptor is changed")
os.dup2 = os.dup = os.open = refuse
import mtkit.model.backend
assert os.environ == environment
import sys
assert not {"keras", "tensorflow", "numpy"} & set(sys.modules)
""")
    assert (done.stdout, done.stderr) == ("", "")


def test_loading_is_quiet_and_leaves_stderr_as_it_was():
    done = run("""
import os, sys
before = os.fstat(2)
from mtkit.model.backend import load_backend
assert load_backend() == load_backend() == "tensorflow"
import tensorflow as tf
tf.constant(1.0) + 1.0
assert os.fstat(2) == before
print("seen", file=sys.stderr)
""")
    assert (done.stdout, done.stderr) == ("", "seen\n")


def test_blocks_of_several_threads_leave_stderr_as_it_was():
    """The first to begin may be the first to end."""
    before, silence = os.fstat(2), Silence()
    silence.__enter__()
    silence.__enter__()
    silence.__exit__()
    assert os.fstat(2) != before, "one thread still asks for silence"
    silence.__exit__()
    assert os.fstat(2) == before
