"""How this process finds the others that train with it: the environment variable TF_CONFIG names them all."""

import json
import os
import re
from dataclasses import dataclass

import keras

from mtkit.errors import SettingsError
from mtkit.reporter import Reporter
from mtkit.training.cluster import Cluster
from mtkit.training.rendezvous import meet

# Types of tasks, in the order of their numbers.
KINDS = ("chief", "worker")
ADDRESS = re.compile(r".+:\d{1,5}")


@dataclass(frozen=True)
class WorkerPlace:
    """Where this process stands among the workers of a job.

    Attributes:
        index: its number; 0 is the chief.
        addresses: "HOST:PORT" of each worker, this one included.
    """

    index: int
    addresses: list[str]


def named_place() -> WorkerPlace | None:
    """The place that TF_CONFIG names; None without it, or where this process is the only worker.

    Raises:
        SettingsError: TF_CONFIG is not what TensorFlow takes.
    """
    text = os.environ.get("TF_CONFIG", "").strip()
    place = place_in(text) if text else None
    return place if place and len(place.addresses) > 1 else None


def join_workers(reporter: Reporter) -> Cluster:
    """Join the workers that TF_CONFIG names, waiting for them; without it, be alone.

    Comes before all other use of TensorFlow.

    Raises:
        MtkitError: the others did not come.
        SettingsError: TF_CONFIG is not what TensorFlow takes, a worker has several GPUs, or Keras runs on
            something else.
    """
    place = named_place()
    if place is None:
        return Cluster()
    size, backend = len(place.addresses), keras.backend.backend()
    if backend != "tensorflow":
        raise SettingsError(
            f"TF_CONFIG names {size} workers, and KERAS_BACKEND is {backend!r}: unset one of them"
        )
    reporter.say(f"worker {place.index} of {size}, at {place.addresses[place.index]}")
    meet(place.index, place.addresses, reporter)
    from mtkit.training.tensorflow_cluster import connected

    return connected(place.index, size)


def place_in(text: str) -> WorkerPlace:
    """The place that the JSON of TF_CONFIG names.

    Raises:
        SettingsError: it is not what TensorFlow takes, or names tasks of another type than KINDS.
    """
    try:
        config = json.loads(text)
        tasks, own_task = config["cluster"], config["task"]
        strangers = sorted(set(tasks) - set(KINDS))
        if strangers:
            raise SettingsError(
                f"TF_CONFIG: mtkit trains with tasks of type chief and worker, not {', '.join(strangers)}"
            )
        places, addresses = [], []
        for kind in KINDS:
            listed = checked_addresses(tasks.get(kind, []))
            places += [(kind, index) for index in range(len(listed))]
            addresses += listed
        if len(set(addresses)) < len(addresses):
            raise ValueError
        return WorkerPlace(places.index((own_task["type"], int(own_task["index"]))), addresses)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SettingsError(
            'TF_CONFIG is JSON such as {"cluster": {"worker": ["HOST:PORT", "HOST:PORT"]}, '
            '"task": {"type": "worker", "index": 0}}; '
            f"received: {text[:200]}"
        ) from None


def checked_addresses(listed: list[str]) -> list[str]:
    """Addresses as they stand; ValueError or TypeError where they are none."""
    if not isinstance(listed, list) or not all(ADDRESS.fullmatch(address) for address in listed):
        raise ValueError
    return listed
