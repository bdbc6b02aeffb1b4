"""What is installed is whole: the wheel holds every module, and `pip install .` of the README gives a working
command.
"""

import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.support.processes import ROOT


def tracked_copy(folder):
    """The checkout without what git ignores."""
    ignore = shutil.ignore_patterns(
        ".git", ".venv", "checkpoint", "__pycache__", "*.egg-info", "build", ".*_cache"
    )
    return shutil.copytree(ROOT, folder, ignore=ignore)


def test_the_wheel_holds_every_module(tmp_path):
    source = tracked_copy(tmp_path / "source")
    build = "import setuptools.build_meta as backend, sys; print(backend.build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)],
        cwd=source,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    wheel = tmp_path / done.stdout.splitlines()[-1]
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("mtkit/")}
    assert held == {
        path.relative_to(source).as_posix() for path in (source / "mtkit").rglob("*.*") if path.is_file()
    }


ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name in ("HOME", "PATH") or name.startswith("PIP_")
}


def run(*command, cwd, timeout=900):
    """Run a command with an environment of its own."""
    return subprocess.run(
        command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=timeout, check=False
    )


@pytest.mark.slow
def test_the_demo_of_the_readme(tmp_path):
    """`scripts/demo.sh`, as the README opens with it, on a machine where nothing is installed. Needs the
    package index.
    """
    source = tracked_copy(tmp_path / "source")
    assert "scripts/demo.sh" in (ROOT / "README.md").read_text(encoding="utf-8").split("## ")[0]
    done = run("scripts/demo.sh", cwd=source, timeout=1500)
    assert done.returncode == 0, done.stderr
    bleu = re.search(r"^BLEU ([\d.]+) in \d+ seconds$", done.stdout, re.MULTILINE)[1]
    assert float(bleu) >= 90


@pytest.mark.slow
def test_the_installation_of_the_readme(tmp_path):
    """Runs the README's installation block, then the command from another folder. Needs the package index."""
    source = tracked_copy(tmp_path / "source")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"## Install\n+```bash\n(.*?)```", readme, re.DOTALL)[1]
    done = run("bash", "-ec", block, cwd=source)
    assert done.returncode == 0, done.stderr
    assert "translate" in done.stdout
    done = run(source / ".venv/bin/mtkit", "train", cwd=tmp_path)
    assert (done.returncode, "run 'mtkit prepare' first" in done.stderr) == (1, True), done.stderr
