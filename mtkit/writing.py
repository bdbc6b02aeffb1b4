"""Writing files that appear whole or not at all."""

import contextlib
import errno
import json
import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from mtkit.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What is open already, and may be a file in which something stands.
OPEN_ALREADY = ("/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/self/fd/")
# What UTF-8 cannot write: Python has a byte of a name or a line that is not UTF-8 as one of these.
HALF_OF_A_CHARACTER = re.compile("[\ud800-\udfff]")
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextlib.contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """An empty temporary file beside `path`, flushed to disk and renamed to it when the block ends well.

    It has the permissions that the system gives to new files, whatever writes it. The error of a full disk
    names `path`.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = _create(temporary)
        yield temporary
        flush_to_disk(temporary)
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except OSError as error:
        if error.filename == str(temporary) or (error.filename is None and error.errno in NO_ROOM):
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _create(path: Path) -> int:
    """Make an empty file; the permissions that the system gave it."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        return stat.S_IMODE(os.fstat(descriptor).st_mode)
    finally:
        os.close(descriptor)


def flush_to_disk(path: Path) -> None:
    """Return when the content of a file is on the disk."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())


@contextlib.contextmanager
def atomic_directory(path: Path) -> Iterator[Path]:
    """A temporary folder beside `path` that takes its place when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        for file in temporary.rglob("*"):
            if file.is_file():
                flush_to_disk(file)
        remove(path)
        os.replace(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextlib.contextmanager
def output_file(name: str) -> Iterator[BinaryIO]:
    """A file that the user named, open for writing; it appears when the block ends well.

    A link is followed. What is no regular file (a pipe, /dev/null, /dev/fd/63) is written to as it is.

    Raises:
        InputError: its folder does not exist, or it is a folder.
    """
    check_output(name)
    if _is_written_in_place(name):
        with open(name, "ab") as file:  # what is there already stays
            yield file
        return
    with atomic_file(_followed(name)) as temporary, open(temporary, "wb") as file:
        yield file


def check_output(name: str) -> None:
    """Raises InputError where `output_file` could not write: to be called before long work."""
    if not name or name.endswith("/") or os.path.isdir(name):
        raise InputError(f"{name!r} is no name of a file to write")
    folder = _followed(name).parent
    if not folder.is_dir():
        raise InputError(f"{folder} does not exist: make that folder first, or write elsewhere")
    if not os.access(name if _is_written_in_place(name) else folder, os.W_OK):
        raise InputError(
            f"{name} cannot be written: {folder} may not be written to; choose another place, or mend its"
            " permissions"
        )


def _is_written_in_place(name: str) -> bool:
    """Whether something is there that cannot be replaced: what is open already, a pipe, a device."""
    is_special = os.path.exists(name) and not os.path.isfile(name)
    return is_special or name.startswith(OPEN_ALREADY)


def _followed(name: str) -> Path:
    return Path(os.path.realpath(name) if os.path.islink(name) else name)


def remove(path: Path) -> None:
    """Remove a file or a folder with all in it, if there is one."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_json(path: Path, content: Any) -> None:
    """Write JSON, indented, atomically."""
    with atomic_file(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_all(stream: BinaryIO, content: bytes) -> None:
    """Write and flush everything; an unbuffered stream may take only a part at a time."""
    unwritten = memoryview(content)
    while unwritten:
        unwritten = unwritten[stream.write(unwritten) or 0 :]
    stream.flush()


def writable(text: str) -> str:
    """A text that can be written: bytes that were not UTF-8 appear in it as \\xNN."""
    return HALF_OF_A_CHARACTER.sub(lambda half: f"\\x{ord(half[0]) & 0xFF:02x}", text)


def save_figure(figure: "Figure", file: Path | BinaryIO, kind: str) -> None:
    """Write a picture that matplotlib drew, of kind "svg" or "png"; the same picture gives the same bytes."""
    from matplotlib import rc_context

    with rc_context({"svg.hashsalt": "mtkit"}):
        figure.savefig(file, format=kind, metadata={"Date": None} if kind == "svg" else None)
