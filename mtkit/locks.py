"""The lock that keeps two commands from writing to one place.

It is on the open file or folder itself: nothing is left behind in a checkpoint directory, which people copy
and send, and the lock ends with the process, however that ends. `filelock` 4.3.1 (MIT) was looked at: it
would lock on Windows too, where mtkit is not tested and has no lock, but needs a file of its own beside what
it guards, which stays there, and 90 ms to import, more than all else that a command needs before it works.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: no lock
    fcntl = None


def try_lock(descriptor: int) -> bool:
    """Whether an open file or folder is now held for this process alone, until it is closed."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Hold an existing folder while the block runs; the block is told whether it could be."""
    if fcntl is None:
        yield True
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield try_lock(descriptor)
    finally:
        os.close(descriptor)
