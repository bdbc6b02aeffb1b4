"""The checkpoint directory: every file name, atomic writes, hashes and the order of the stages.

`mtkit.json` is written last by every stage, so a stage counts as done only when all of its files are in
place.
"""

import contextlib
import hashlib
import json
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from mtkit import __version__
from mtkit.errors import CheckpointError
from mtkit.writing import atomic_file, remove, write_json

try:
    import fcntl
except ImportError:  # Windows: no lock
    fcntl = None

FORMAT_VERSION = 1
DEFAULT_DIRECTORY = "checkpoint"


@dataclass(frozen=True)
class Checkpoint:
    """Names of the files in a checkpoint directory, and what each stage recorded there."""

    directory: Path

    @property
    def manifest_file(self) -> Path:
        return self.directory / "mtkit.json"

    @property
    def settings_file(self) -> Path:
        return self.directory / "settings.toml"

    @property
    def vocab(self) -> Path:
        return self.directory / "vocab"

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def weights(self) -> Path:
        return self.directory / "weights"

    @property
    def training(self) -> Path:
        return self.directory / "training"

    @property
    def scores(self) -> Path:
        return self.directory / "scores"

    @property
    def export(self) -> Path:
        return self.directory / "export"

    @property
    def ctranslate2(self) -> Path:
        return self.directory / "ctranslate2"

    @property
    def argos(self) -> Path:
        return self.directory / "argos"

    def states(self) -> list[Path]:
        """The files that training can go on from, newest first."""
        return sorted(self.training.glob("state-*.safetensors"), reverse=True)

    def manifest(self) -> dict[str, Any]:
        """What the stages recorded: {"format", "mtkit", "stages": {name: {"report", "files"}}}; empty when
        new.

        Raises:
            CheckpointError: the directory is not a checkpoint, is damaged, or was written by a newer mtkit.
        """
        if not self.manifest_file.exists():
            if self.directory.exists() and not self.directory.is_dir():
                raise CheckpointError(
                    f"{self.directory} is a file; a checkpoint is a directory (choose another with -C)"
                )
            return {"format": FORMAT_VERSION, "mtkit": __version__, "stages": {}}
        try:
            manifest = json.loads(self.manifest_file.read_text(encoding="utf-8"))
            version = int(manifest["format"])
            stages = dict(manifest["stages"])
            if not all(
                isinstance(stage[part], dict) for stage in stages.values() for part in ("report", "files")
            ):
                raise ValueError
        except (ValueError, KeyError, TypeError):
            raise CheckpointError(
                f"{self.manifest_file} is damaged; copy the checkpoint directory again or run 'mtkit prepare"
                " --force'"
            ) from None
        if version > FORMAT_VERSION:
            raise CheckpointError(
                f"{self.directory} has format {version}, written by mtkit {manifest.get('mtkit')}; this mtkit"
                f" {__version__} reads up to format {FORMAT_VERSION}: upgrade mtkit"
            )
        return {**manifest, "stages": stages}

    def has_stage(self, stage: str) -> bool:
        """Whether a stage ('prepare', 'train') is finished here."""
        return stage in self.manifest()["stages"]

    def require_stage(self, stage: str) -> dict[str, Any]:
        """The report of a finished stage; raises CheckpointError that names the command to run otherwise."""
        stages = self.manifest()["stages"]
        if stage in stages:
            return stages[stage]["report"]
        first = "prepare" if "prepare" not in stages else stage
        if not self.directory.exists():
            problem = f"{self.directory} does not exist"
        elif not self.manifest_file.exists() and any(self.directory.iterdir()):
            problem = f"{self.directory} is no checkpoint directory (it has no mtkit.json)"
        elif first == "train" and self.states():
            raise CheckpointError(
                f"the training in {self.directory} has not come to its first validation; run 'mtkit train' to"
                " go on"
            )
        else:
            problem = (
                f"{self.directory} holds {'no prepared text' if first == 'prepare' else 'no trained model'}"
            )
        raise CheckpointError(f"{problem}; run 'mtkit {first}' first, or name another directory with -C")

    def record_stage(self, stage: str, report: dict[str, Any], files: list[Path]) -> None:
        """Write that a stage is done, with the hash and size of each file that it wrote."""
        manifest = self.manifest()
        manifest["mtkit"] = __version__
        manifest["stages"][stage] = {
            "report": report,
            "files": {
                path.relative_to(self.directory).as_posix(): {
                    "sha256": sha256(path),
                    "bytes": path.stat().st_size,
                }
                for path in sorted(files)
            },
        }
        write_json(self.manifest_file, manifest)

    def forget_stages(self, *stages: str) -> None:
        """Take stages out of the manifest, before their files are replaced."""
        manifest = self.manifest()
        for stage in stages:
            manifest["stages"].pop(stage, None)
        if self.manifest_file.exists():
            write_json(self.manifest_file, manifest)

    def discard_training(self) -> None:
        """Remove the trained model, what was exported of it, and its scores."""
        self.forget_stages("train", "export", "ctranslate2")
        for folder in (self.training, self.weights, self.export, self.ctranslate2, self.argos, self.scores):
            remove(folder)

    def files(self, stage: str, folder: str = "") -> dict[str, dict[str, Any]]:
        """Hash and size of each file that a stage wrote (of those under a folder, if given), by name."""
        files = self.manifest()["stages"][stage]["files"]
        return {name: facts for name, facts in files.items() if name.startswith(folder)}

    def verify(self, stage: str, folder: str = "") -> None:
        """Check the files of a stage (those under a folder, if given) against their hashes.

        Raises:
            CheckpointError: a file is missing or damaged; it is named.
        """
        command = {"export": "export", "ctranslate2": "export --to ctranslate2"}.get(
            stage, f"{stage} --force"
        )
        advice = f"copy the checkpoint directory again or run 'mtkit {command}'"
        for name, facts in self.files(stage, folder).items():
            path = self.directory / name
            if not path.exists():
                raise CheckpointError(f"{path} is missing; {advice}")
            if path.stat().st_size != facts["bytes"] or sha256(path) != facts["sha256"]:
                raise CheckpointError(f"{path} is damaged; {advice}")

    def settings(self) -> dict[str, dict[str, Any]]:
        """The resolved settings of the stages that ran, a table each."""
        if not self.settings_file.exists():
            return {}
        try:
            tables = tomllib.loads(self.settings_file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CheckpointError(
                f"{self.settings_file} is damaged ({error}); copy the checkpoint directory again"
            ) from None
        for name, table in tables.items():
            if not isinstance(table, dict):
                raise CheckpointError(
                    f"{self.settings_file} is damaged ({name} is no table); copy the checkpoint directory"
                    " again"
                )
        if "embedding_width" in tables.get("model", {}):
            tables["model"].setdefault("model", "rnn")  # trained when there was no other
        return tables

    def trained_model_settings(self) -> dict[str, Any]:
        """The [model] table of a trained model, with nothing left open.

        Raises:
            CheckpointError: no trained model here, or its settings are gone.
        """
        self.require_stage("train")
        table = self.settings().get("model", {})
        if "embedding_width" not in table:
            raise CheckpointError(
                f"{self.settings_file} is missing or damaged; copy the checkpoint directory again"
            )
        return table

    def write_settings(self, **tables: dict[str, Any]) -> None:
        """Put or replace tables of resolved settings."""
        merged = {**self.settings(), **tables}
        with atomic_file(self.settings_file) as temporary:
            temporary.write_text(tomli_w.dumps(merged), encoding="utf-8")


def same_directory(one: Path | str, other: Path | str) -> bool:
    """Whether two names name the same folder."""
    return Path(one).resolve() == Path(other).resolve()


@contextlib.contextmanager
def locked(checkpoint: Checkpoint) -> Iterator[None]:
    """Hold an existing directory for one command that writes to it, and sweep up what a killed one left
    half-written.

    The lock is on the open folder itself: it leaves no file behind and ends with the process, however that
    ends.

    Raises:
        CheckpointError: another command holds the directory.
    """
    if fcntl is None:
        yield
        return
    folder = os.open(checkpoint.directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CheckpointError(
                f"another mtkit command is at work in {checkpoint.directory}; wait for its end, or name"
                " another directory with -C"
            ) from None
        for place in (checkpoint.directory, checkpoint.weights, checkpoint.training, checkpoint.export):
            for leftover in place.glob(".*.tmp"):
                remove(leftover)
        yield
    finally:
        os.close(folder)


@contextlib.contextmanager
def claimed(checkpoint: Checkpoint, force: bool) -> Iterator[None]:
    """Make the directory a checkpoint directory for `prepare`; take that back if it was made here and the
    block fails.

    Raises:
        CheckpointError: the stage is finished and `force` is not given, or the directory holds something
            else.
    """
    directory = checkpoint.directory
    if force and _is_damaged(checkpoint.manifest_file):
        write_json(checkpoint.manifest_file, {"format": FORMAT_VERSION, "mtkit": __version__, "stages": {}})
    elif not checkpoint.manifest_file.exists() and directory.is_dir():
        # Folders called data or weights here would be someone else's: never to be replaced, --force or not.
        foreign = sorted(entry.name for entry in directory.iterdir() if not entry.name.endswith(".tmp"))
        if foreign:
            raise CheckpointError(
                f"{directory} is no checkpoint directory (it has no mtkit.json, but {foreign[0]}); "
                "name a new or empty directory with -C"
            )
    manifest = checkpoint.manifest()
    if "prepare" in manifest["stages"] and not force:
        raise CheckpointError(
            f"{directory} already holds prepared text; use --force to prepare again (this discards the"
            " trained model), or name another directory with -C"
        )
    made = not directory.exists()
    write_json(checkpoint.manifest_file, manifest)
    try:
        with locked(checkpoint):
            yield
    except BaseException:
        if made:
            checkpoint.manifest_file.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                directory.rmdir()
        raise


def _is_damaged(manifest_file: Path) -> bool:
    if not manifest_file.exists():
        return False
    try:
        manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
        return not (isinstance(manifest["format"], int) and isinstance(manifest["stages"], dict))
    except (ValueError, KeyError, TypeError):
        return True


def sha256(path: Path) -> str:
    """Hex digest of a file, read in pieces."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
