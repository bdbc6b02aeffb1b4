"""Workers wait for each other here, before TensorFlow connects them: its own wait says nothing and cannot be
interrupted.

Each one calls at the chief's address and gives its number; when all have called, the chief lets them go. The
ports are those that TensorFlow listens at afterwards.
"""

import contextlib
import socket
import time
from collections.abc import Callable

from mtkit.errors import MtkitError

WAIT_SECONDS = 600.0
SAY_SECONDS = 30.0
GO = b"go\n"


def meet(
    index: int, addresses: list[str], say: Callable[[str], None], wait_seconds: float = WAIT_SECONDS
) -> None:
    """Wait until every worker is there.

    Args:
        index: the number of this one; 0 is the chief.
        addresses: "HOST:PORT" of each.
        say: called with a sentence now and then while others are missing.

    Raises:
        MtkitError: they did not come in time, or this one cannot listen at its port.
    """
    clock = _Clock(wait_seconds, say)
    with _listen(addresses[index]) as listener:
        if index == 0:
            return _receive(listener, addresses, clock)
    _call(index, addresses[0], clock)


class _Clock:
    """Says now and then who is missing, and when it has been too long."""

    def __init__(self, wait_seconds: float, say: Callable[[str], None]):
        self._end, self._next, self._say = time.monotonic() + wait_seconds, time.monotonic(), say

    def tick(self, missing: list[str]) -> None:
        names = ", ".join(missing)
        if time.monotonic() >= self._end:
            raise MtkitError(
                f"no word from {names}; start all workers of TF_CONFIG within {WAIT_SECONDS / 60:.0f} minutes"
            )
        if time.monotonic() >= self._next:
            self._say(f"waiting for {names}")
            self._next = time.monotonic() + SAY_SECONDS


def _listen(address: str) -> socket.socket:
    port = int(address.rpartition(":")[2])
    try:
        return socket.create_server(("", port), backlog=128)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise MtkitError(
            f"this worker cannot listen at {address}: {reason}; is another program using the port?"
        ) from None


def _receive(listener: socket.socket, addresses: list[str], clock: _Clock) -> None:
    """The chief: until all have called, then let them go."""
    listener.settimeout(1.0)
    with contextlib.ExitStack() as stack:
        called: dict[int, socket.socket] = {}
        while missing := [
            f"worker {index} at {addresses[index]}"
            for index in range(1, len(addresses))
            if index not in called
        ]:
            clock.tick(missing)
            with contextlib.suppress(TimeoutError, ValueError, ConnectionError):
                connection = stack.enter_context(listener.accept()[0])
                connection.settimeout(5.0)
                called[int(connection.recv(16))] = connection
        for connection in called.values():
            with contextlib.suppress(OSError):
                connection.sendall(GO)


def _call(index: int, address: str, clock: _Clock) -> None:
    """Another worker: call at the chief until it lets go."""
    host, _, port = address.rpartition(":")
    missing = [f"the chief at {address}, or those that it waits for"]
    while True:
        clock.tick(missing)
        try:
            with socket.create_connection((host.strip("[]"), int(port)), timeout=5.0) as connection:
                connection.sendall(f"{index}\n".encode())
                connection.settimeout(1.0)
                while True:
                    clock.tick(missing)
                    with contextlib.suppress(TimeoutError):
                        answer = connection.recv(16)
                        if answer == GO:
                            return
                        if not answer:
                            break
        except OSError:
            pass
        time.sleep(1.0)
