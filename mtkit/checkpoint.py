"""The checkpoint directory: every file name, hashes, settings and the order of the stages.

Every stage writes `mtkit.json` last, so a stage counts as done only when all of its files are in place.
"""

import contextlib
import hashlib
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import tomli_w

from mtkit import __version__
from mtkit.errors import CheckpointError
from mtkit.locks import held
from mtkit.writing import atomic_file, remove, writable, write_json

FORMAT_VERSION = 1
DEFAULT_DIRECTORY = "checkpoint"
# What to do where settings.toml cannot be used.
NO_SETTINGS_ADVICE = "copy the checkpoint directory again, or train anew with 'mtkit train --force'"
# The commands that make the files of a stage again; for others it is the stage's own, with --force.
REMADE_BY = {"export": "export", "ctranslate2": "export --to ctranslate2"}


@dataclass(frozen=True)
class Checkpoint:
    """Names of the files in a checkpoint directory, and what each stage recorded there.

    A property is the name of a file or folder, whether it is there or not.
    """

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

    def weights_files(self, name: str) -> list[Path]:
        """The weights with a name, and those to use in their place should they be damaged.

        Args:
            name: "best", "last", "average" or a step number; a step has no substitute.

        Raises:
            CheckpointError: there are none with this name; lists what there is.
        """
        steps = sorted(self.weights.glob("step-*.safetensors"), reverse=True)
        by_name = {_step_number(path): [path] for path in reversed(steps)}
        if steps:
            by_name["last"] = steps
        average = self.weights / "average.safetensors"
        if average.exists():
            by_name["average"] = [average, *steps]
        best = self.weights / "best.safetensors"
        if best.exists():
            best_step = self.require_stage("train").get("best_step")
            by_name["best"] = [best, *by_name.get(str(best_step), []), *steps]
        if name not in by_name:
            there = ", ".join(by_name) or "none"
            raise CheckpointError(f"no weights {name!r} in {self.weights}; there are: {there}")
        return by_name[name]

    def manifest(self) -> dict[str, Any]:
        """What the stages recorded: {"format", "mtkit", "stages": {name: {"report", "files"}}}.

        Raises:
            CheckpointError: the directory is not a checkpoint, is damaged, or was written by a newer mtkit.
        """
        if not self.manifest_file.exists():
            if self.directory.exists() and not self.directory.is_dir():
                raise CheckpointError(
                    f"{self.directory} is a file; a checkpoint is a directory (choose another with -C)"
                )
            return _empty_manifest()
        manifest = _read_manifest(self.manifest_file)
        if manifest is None:
            raise CheckpointError(
                f"{self.manifest_file} is damaged; copy the checkpoint directory again or run 'mtkit prepare"
                " --force'"
            )
        version = int(manifest["format"])
        if version > FORMAT_VERSION:
            raise CheckpointError(
                f"{self.directory} has format {version}, written by mtkit {manifest.get('mtkit')}; this mtkit"
                f" {__version__} reads up to format {FORMAT_VERSION}: upgrade mtkit"
            )
        return manifest

    def has_stage(self, stage: str) -> bool:
        """Whether a stage ('prepare', 'train') is finished here."""
        return stage in self.manifest()["stages"]

    def require_stage(self, stage: str) -> dict[str, Any]:
        """The report of a finished stage; raises CheckpointError that names the command to run otherwise."""
        stages = self.manifest()["stages"]
        if stage in stages:
            return stages[stage]["report"]
        first = "prepare" if "prepare" not in stages else stage
        if first == "train" and self.states():
            raise CheckpointError(
                f"the training in {self.directory} has not come to its first validation; run 'mtkit train' to"
                " go on"
            )
        raise CheckpointError(
            f"{self._missing(first)}; run 'mtkit {first}' first, or name another directory with -C"
        )

    def _missing(self, stage: str) -> str:
        """What is not there, where a stage is not."""
        if not self.directory.exists():
            return f"{self.directory} does not exist"
        if not self.manifest_file.exists() and any(self.directory.iterdir()):
            return f"{self.directory} is no checkpoint directory (it has no mtkit.json)"
        return f"{self.directory} holds {'no prepared text' if stage == 'prepare' else 'no trained model'}"

    def record_stage(self, stage: str, report: dict[str, Any], files: list[Path]) -> None:
        """Write that a stage is done, with the hash and size of each file that it wrote."""
        manifest = self.manifest()
        manifest["mtkit"] = __version__
        recorded = {
            path.relative_to(self.directory).as_posix(): {
                "sha256": sha256(path),
                "bytes": path.stat().st_size,
            }
            for path in sorted(files)
        }
        manifest["stages"][stage] = {"report": report, "files": recorded}
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
        self.forget_stages("train", "reach", "export", "ctranslate2")
        for folder in (self.training, self.weights, self.export, self.ctranslate2, self.argos, self.scores):
            remove(folder)

    def files(self, stage: str, folder: str = "") -> dict[str, dict[str, Any]]:
        """Hash and size of each file that a stage wrote (of those under a folder, if given), by name."""
        files = self.manifest()["stages"].get(stage, {}).get("files", {})
        return {name: facts for name, facts in files.items() if name.startswith(folder)}

    def verify(self, stage: str, folder: str = "") -> None:
        """Check the files of a stage (those under a folder, if given) against their hashes.

        Raises:
            CheckpointError: a file is missing, damaged, or not recorded; it is named.
        """
        advice = f"copy the checkpoint directory again or run 'mtkit {remade_by(stage)}'"
        files = self.files(stage, folder)
        if folder and not files:  # a killed command left it, and did not come to record it
            raise CheckpointError(f"{self.directory / folder} is not recorded as finished; {advice}")
        for name, facts in files.items():
            path = self.directory / name
            if not path.is_file():
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
                f"{self.settings_file} is damaged ({error}); {NO_SETTINGS_ADVICE}"
            ) from None
        for name, table in tables.items():
            if not isinstance(table, dict):
                raise CheckpointError(
                    f"{self.settings_file} is damaged ({name} is no table); {NO_SETTINGS_ADVICE}"
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
        return self.settings_of_training()["model"]

    def settings_of_training(self) -> dict[str, dict[str, Any]]:
        """The tables of `settings` where a training has begun, that of the model with nothing left open.

        Raises:
            CheckpointError: they are gone.
        """
        tables = self.settings()
        if "embedding_width" not in tables.get("model", {}):
            raise CheckpointError(f"{self.settings_file} is missing or damaged; {NO_SETTINGS_ADVICE}")
        return tables

    def replaceable_settings(self) -> dict[str, dict[str, Any]]:
        """The tables of `settings`, or none where they are damaged: for what begins anew, and mends them."""
        try:
            return self.settings()
        except CheckpointError:
            return {}

    def write_settings(self, **tables: dict[str, Any]) -> None:
        """Put or replace tables of resolved settings; what is damaged is replaced as a whole."""
        merged = {**self.replaceable_settings(), **tables}
        with atomic_file(self.settings_file) as temporary:
            temporary.write_text(tomli_w.dumps(merged), encoding="utf-8")


def same_directory(first: Path | str, second: Path | str) -> bool:
    """Whether two names name the same folder."""
    return Path(first).resolve() == Path(second).resolve()


def check_name(directory: Path) -> None:
    """Raise CheckpointError where a name is not UTF-8: what trains and exports cannot write below it."""
    name = str(directory)
    if writable(name) != name:
        raise CheckpointError(
            f"{writable(name)} is not UTF-8; rename that folder, or name another directory with -C"
        )


@contextlib.contextmanager
def locked(checkpoint: Checkpoint) -> Iterator[None]:
    """Hold an existing directory for one command that writes to it.

    What a killed command left half-written is swept up.

    Raises:
        CheckpointError: another command holds the directory, or its name is not UTF-8.
    """
    check_name(checkpoint.directory)
    with held(checkpoint.directory) as is_ours:
        if not is_ours:
            raise CheckpointError(
                f"another mtkit command is at work in {checkpoint.directory}; wait for its end, or name"
                " another directory with -C"
            )
        for place in (checkpoint.directory, checkpoint.weights, checkpoint.training, checkpoint.export):
            for leftover in place.glob(".*.tmp"):
                remove(leftover)
        yield


@contextlib.contextmanager
def claimed(checkpoint: Checkpoint, *, force: bool) -> Iterator[None]:
    """Make the directory a checkpoint directory for `prepare`, and hold it.

    It is taken away again if it was made here, the block fails, and nothing is in it yet.

    Raises:
        CheckpointError: the stage is finished and `force` is not given, or the directory holds something
            else.
    """
    directory = checkpoint.directory
    # Before the lock: what is refused is neither made nor swept up.
    check_name(directory)
    _manifest_to_claim(checkpoint, force=force)
    made = not directory.exists()
    directory.mkdir(parents=True, exist_ok=True)
    with locked(checkpoint):
        try:
            # Asked again, with the lock: another command may have prepared text since.
            write_json(checkpoint.manifest_file, _manifest_to_claim(checkpoint, force=force))
            yield
        except BaseException:
            if made and {checkpoint.manifest_file}.issuperset(directory.iterdir()):
                checkpoint.manifest_file.unlink(missing_ok=True)
                directory.rmdir()
            raise


def _manifest_to_claim(checkpoint: Checkpoint, *, force: bool) -> dict[str, Any]:
    """What `mtkit.json` holds while text is prepared; raises as `claimed` does."""
    directory, manifest_file = checkpoint.directory, checkpoint.manifest_file
    if force and manifest_file.exists() and _read_manifest(manifest_file) is None:
        return _empty_manifest()
    if not manifest_file.exists() and directory.is_dir():
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
    return manifest


def _empty_manifest() -> dict[str, Any]:
    return {"format": FORMAT_VERSION, "mtkit": __version__, "stages": {}}


def _read_manifest(path: Path) -> dict[str, Any] | None:
    """What a manifest holds; None where it is damaged."""
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        stages = dict(manifest["stages"])
        is_newer = int(manifest["format"]) > FORMAT_VERSION  # refused by its number, whatever it holds
        is_whole = is_newer or all(map(_is_whole, stages.values()))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return {**manifest, "stages": stages} if is_whole else None


def _is_whole(stage: dict[str, Any]) -> bool:
    """Whether what a manifest holds of a stage can be used; an error of Python where something lacks."""
    entries = all(
        _is_inside(name) and isinstance(facts["bytes"], int) and isinstance(facts["sha256"], str)
        for name, facts in stage["files"].items()
    )
    return entries and isinstance(stage["report"], dict)


def _is_inside(name: str) -> bool:
    """Whether the name of a file cannot lead out of the directory that it is taken from."""
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _step_number(weights: Path) -> str:
    """The number in the name of a file of weights, without zeros before it."""
    return weights.stem.removeprefix("step-").lstrip("0") or "0"


def remade_by(stage: str) -> str:
    """The command that makes the files of a stage again, without `mtkit`."""
    return REMADE_BY.get(stage, f"{stage} --force")


def sha256(path: Path) -> str:
    """Hex digest of a file, read in pieces."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
