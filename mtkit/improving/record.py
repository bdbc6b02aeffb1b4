"""What an improvement is made of: DIR/improve/improve.json. With anything else it does not go on."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtkit import __version__
from mtkit.checkpoint import Checkpoint
from mtkit.engines.model_source import EXPORT, weights_checksum
from mtkit.errors import CheckpointError, InputError, SettingsError
from mtkit.improving.monolingual import checksums
from mtkit.settings import as_table
from mtkit.settings.improve import ImproveSettings
from mtkit.settings.option import shown
from mtkit.writing import remove, write_json

FOLDER, FILE = "improve", "improve.json"
FORMAT_VERSION = 1
# What stands in the file while what there was is removed.
DISCARDED = {"format": FORMAT_VERSION, "discarded": True}
# What may be another when going on. Files are told by what is in them.
FREE = ("rounds", "threads", "monolingual")


@dataclass(frozen=True)
class Record:
    """What stands in the file.

    Attributes:
        settings: as in a settings file.
        text: SHA-256 of each monolingual file.
        base: checksum of the weights of DIR.
    """

    settings: dict[str, Any]
    text: list[str]
    base: str


def folder_of(checkpoint: Checkpoint) -> Path:
    """Where an improvement of a directory is."""
    return checkpoint.directory / FOLDER


def stored_settings(checkpoint: Checkpoint) -> dict[str, Any]:
    """The settings of the improvement that was begun in a checkpoint directory; none where none was."""
    record = _read(folder_of(checkpoint) / FILE)
    return record.settings if record else {}


def weights_of(checkpoint: Checkpoint) -> str:
    """The checksum of the best weights of a trained directory."""
    return str(weights_checksum(checkpoint, "best", EXPORT))


def record_of(checkpoint: Checkpoint, settings: ImproveSettings) -> Record:
    """What an improvement of a trained directory is made of now.

    Raises:
        InputError: a file of the text cannot be read.
    """
    return Record(as_table(settings), checksums(settings.monolingual), weights_of(checkpoint))


def begin(folder: Path, now: Record, *, force: bool) -> None:
    """Write down what the improvement in DIR/improve is made of; or see that it is this one.

    Args:
        folder: DIR/improve, which is there.
        force: discard what there is.

    Raises:
        SettingsError: it was begun with other settings.
        InputError: or other text.
        CheckpointError: or another model; or the folder holds something else.
    """
    before = None if force else _read(folder / FILE)
    if before:
        _check(folder, before, now)
    elif not (folder / FILE).exists() and (foreign := sorted(path.name for path in folder.iterdir())):
        raise CheckpointError(
            f"{folder} holds {foreign[0]}, which 'mtkit improve' did not write; move it away"
        )
    else:
        # First the file: a folder without it would be someone else's, and what a kill leaves is nobody's.
        write_json(folder / FILE, DISCARDED)
        for path in folder.iterdir():
            if path.name != FILE:
                remove(path)
    write_json(folder / FILE, {"format": FORMAT_VERSION, "mtkit": __version__, **vars(now)})


def discard(folder: Path) -> None:
    """Say that what is in DIR/improve may be made anew, if no round was begun there."""
    if not any(folder.glob("round-*")):
        write_json(folder / FILE, DISCARDED)


def _check(folder: Path, before: Record, now: Record) -> None:
    again = "or use --force to begin anew"
    for name, new in now.settings.items():
        old = before.settings.get(name, getattr(ImproveSettings, name))
        if name not in FREE and old != new:
            raise SettingsError(
                f"{folder} was begun with {name} = {shown(old)}, now it is {shown(new)}; leave it out to go"
                f" on, {again}"
            )
    if before.text != now.text:
        raise InputError(
            f"{folder} was begun with another text than {', '.join(now.settings['monolingual'])}; give that,"
            f" {again}"
        )
    if before.base != now.base:
        raise CheckpointError(
            f"{folder} was begun with another model than {folder.parent} holds now;"
            f" {again.removeprefix('or ')}"
        )


def _read(path: Path) -> Record | None:
    if not path.exists():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content == DISCARDED:
            return None
        version = int(content["format"])
        record = Record(dict(content["settings"]), list(content["text"]), str(content["base"]))
    except (ValueError, KeyError, TypeError):
        raise CheckpointError(f"{path} is damaged; use --force to begin anew") from None
    if version > FORMAT_VERSION:
        raise CheckpointError(
            f"{path} was written by mtkit {content.get('mtkit')}, which is newer than this one: upgrade mtkit"
        )
    return record
