"""Workers wait for each other here, before TensorFlow connects them: its own wait says nothing and cannot be
interrupted.

Each one calls at the chief's address and gives its number; when all have called, the chief lets them go. The
ports are those that TensorFlow listens at afterwards.
"""

import contextlib
import socket
import time

from mtkit.errors import MtkitError
from mtkit.reporter import Reporter

WAIT_SECONDS = 600.0
SAY_SECONDS = 30.0
# How long a connection, an answer of the chief and a caller's number are waited for at a time.
CONNECT_SECONDS, ANSWER_SECONDS, NUMBER_SECONDS = 5.0, 1.0, 5.0
GO = b"go\n"


def meet(index: int, addresses: list[str], reporter: Reporter, wait_seconds: float = WAIT_SECONDS) -> None:
    """Wait until every worker is there.

    Args:
        index: the number of this one; 0 is the chief.
        addresses: "HOST:PORT" of each.
        reporter: told now and then who is missing.

    Raises:
        MtkitError: they did not come in time, or this one cannot listen at its port.
    """
    patience = _Patience(wait_seconds, reporter)
    with _listen(addresses[index]) as listener:
        if index == 0:
            return _receive(listener, addresses, patience)
    _call(index, addresses[0], patience)


class _Patience:
    """Says now and then who is missing, and when it has been too long."""

    def __init__(self, wait_seconds: float, reporter: Reporter):
        now = time.monotonic()
        self._end, self._say_next = now + wait_seconds, now
        self._reporter = reporter

    def check(self, missing: list[str]) -> None:
        """Raise MtkitError where these were waited for too long."""
        names, now = ", ".join(missing), time.monotonic()
        if now >= self._end:
            raise MtkitError(
                f"no word from {names}; start all workers of TF_CONFIG within {WAIT_SECONDS / 60:.0f} minutes"
            )
        if now >= self._say_next:
            self._reporter.say(f"waiting for {names}")
            self._say_next = now + SAY_SECONDS


def _listen(address: str) -> socket.socket:
    port = int(address.rpartition(":")[2])
    try:
        return socket.create_server(("", port), backlog=128)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise MtkitError(
            f"this worker cannot listen at {address}: {reason}; is another program using the port?"
        ) from None


def _receive(listener: socket.socket, addresses: list[str], patience: _Patience) -> None:
    """The chief: until all have called, then let them go."""
    listener.settimeout(ANSWER_SECONDS)
    missing = {index: f"worker {index} at {addresses[index]}" for index in range(1, len(addresses))}
    with contextlib.ExitStack() as stack:
        # A worker that calls again has given up its call before.
        callers: dict[int, socket.socket] = {}
        while missing:
            patience.check(list(missing.values()))
            with contextlib.suppress(TimeoutError, ValueError, ConnectionError):
                connection = stack.enter_context(listener.accept()[0])
                connection.settimeout(NUMBER_SECONDS)
                index = int(connection.recv(16))
                callers[index] = connection
                missing.pop(index, None)
        for connection in callers.values():
            with contextlib.suppress(OSError):
                connection.sendall(GO)


def _call(index: int, address: str, patience: _Patience) -> None:
    """Another worker: call at the chief until it lets go."""
    missing = [f"the chief at {address}, or those that it waits for"]
    released = False
    while not released:
        patience.check(missing)
        with contextlib.suppress(OSError):
            released = _call_once(index, address, patience, missing)
        if not released:
            time.sleep(1.0)


def _call_once(index: int, address: str, patience: _Patience, missing: list[str]) -> bool:
    """Whether the chief let this worker go; False where it hung up instead. Raises OSError."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS) as connection:
        connection.sendall(f"{index}\n".encode())
        connection.settimeout(ANSWER_SECONDS)
        while True:
            patience.check(missing)
            with contextlib.suppress(TimeoutError):
                answer = connection.recv(16)
                if not answer or answer == GO:
                    return answer == GO
