"""A Dask cluster as an executor: its workers are compared with this machine before any work, and again by each task."""

from __future__ import annotations

import logging
import os
import pickle
import platform
import re
import socket
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from deadletter.environment import prepare
from deadletter.errors import InputError, WorkersError
from deadletter.files import code_digest

# what carries work to a cluster: the scheduler has these as well
CARRIERS = ("cloudpickle", "dask", "distributed")
# libraries read these when they load, so a worker must have been started with them
PINNED = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
SOURCE, ABSENT = "source of deadletter", "absent"
Facts = dict[str, str]
# tasks change what belongs to their whole process
_ONE_AT_A_TIME = Lock()


def packages() -> list[str]:
    """What this package declares to need, extras apart, and what carries the work."""
    lines = [line for line in requires("deadletter") or () if "extra ==" not in line]
    names = [found.group() for line in lines if (found := re.match(r"[\w.-]+", line))]
    return sorted({*names, *CARRIERS})


@cache
def facts(names: tuple[str, ...]) -> Facts:
    """What decides the bytes of a result in this process: versions, source of this package, threads."""
    found = {"Python": platform.python_version(), "processor": platform.machine()}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ABSENT
    return {**found, SOURCE: code_digest()[:12], **{name: os.environ.get(name, "unset") for name in PINNED}}


def differences(there: Facts, here: Facts) -> str:
    """What differs, as ``name there (here: ours); …``; empty where a worker may work."""
    wrong = [f"{name} {there.get(name, ABSENT)} (here: {own})" for name, own in here.items() if there.get(name) != own]
    more = f"; and {len(wrong) - 4} more" if len(wrong) > 4 else ""
    return "; ".join(wrong[:4]) + more


def work(expected: Facts, names: tuple[str, ...], task: bytes, *shared: bytes) -> Any:
    """Do a task of :class:`deadletter.workers.cluster.Cluster`; what is shared comes before its other arguments.

    Raises WorkersError: this worker joined later, and differs. And what the task raises.
    """
    if wrong := differences(facts(names), expected):
        raise WorkersError(f"a worker that joined later differs: {wrong}")
    prepare()
    with _ONE_AT_A_TIME:
        call, arguments, named = pickle.loads(task)
        places = iter(shared)
        return call(*(pickle.loads(next(places)) if a is Ellipsis else a for a in arguments), **named)


if TYPE_CHECKING:
    from distributed import Client

Say = Callable[[str], None]
CONNECT = 10.0
"""Seconds to reach the scheduler."""
PATIENCE = 60.0
"""Seconds to wait for a first worker, and for another one when all are gone."""
RETRIES = 2
WHERE = "--scheduler"
EXAMPLE = "an address such as tcp://10.0.0.1:8786"
ALIKE = "workers with the same Python, packages and source of deadletter, and one thread for linear algebra"


@dataclass(frozen=True)
class Shared:
    """An argument held in the memory of a cluster; ``future`` is Dask's."""

    future: Any


class Cluster(Executor):
    """The executor of a Dask client; tasks of workers that die are done by others.

    Tasks travel as bytes, which only workers read: the scheduler needs nothing of this package.
    """

    def __init__(self, client: Client, expected: Facts, names: tuple[str, ...]) -> None:
        self._client, self._expected, self._names = client, expected, names
        self._inner = client.get_executor(pure=False, retries=RETRIES)
        self._seen, self.workers = time.monotonic(), 1
        self.count_workers()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future:
        """Send a task; arguments by position that :meth:`share` returned arrive as what was shared."""
        shared = [argument.future for argument in args if isinstance(argument, Shared)]
        plain = [... if isinstance(argument, Shared) else argument for argument in args]
        return self._inner.submit(_worker(), self._expected, self._names, pickle.dumps((fn, plain, kwargs)), *shared)

    def share(self, value: Any) -> Shared:
        """An argument that each worker gets once, and again from the scheduler where its holder died.

        It is released once neither a task nor this process refers to it. (What `Client.scatter` sends is lost with the
        workers that hold it.)
        """
        with warnings.catch_warnings():
            # it is large on purpose, and sent once
            warnings.filterwarnings("ignore", message="Sending large graph")
            return Shared(self._client.submit(bytes, pickle.dumps(value), pure=False))

    def count_workers(self) -> None:
        """Update ``workers``, the number of those connected.

        Raises WorkersError: none has been for :data:`PATIENCE` seconds.
        """
        now, self.workers = time.monotonic(), len(self._client.scheduler_info()["workers"])
        if self.workers:
            self._seen = now
        elif now - self._seen > PATIENCE:
            raise WorkersError(f"no worker has been there for {PATIENCE:g} seconds")

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for all tasks, or cancel them."""
        self._inner.shutdown(wait=wait and not cancel_futures)


def _worker() -> Callable[..., Any]:
    """What each task does where it arrives; a nested function is sent by value, so that the scheduler can read it."""

    def work_there(*arguments: Any) -> Any:
        from deadletter.workers.cluster import work

        return work(*arguments)

    return work_there


@contextmanager
def open_cluster(address: str, say: Say) -> Iterator[Cluster]:
    """The cluster of the scheduler at an address such as ``tcp://10.0.0.1:8786``.

    Raises InputError: Dask is not installed; no scheduler or no worker is there; a worker differs from this machine.
    """
    try:
        import distributed
    except ImportError:
        raise InputError("needs Dask, which is not installed", where=WHERE, found=address,
                         allowed="pip install '.[cluster]' in the checkout") from None  # fmt: skip
    _probe(address)
    # our own errors say what Dask logs; it has set a level for each of its loggers
    for name in ("distributed", *logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        # Dask warns of some packages, and works on; what is compared below decides
        warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)
        try:
            client = distributed.Client(address, timeout=CONNECT, set_as_default=False, name="deadletter")
        except (OSError, ValueError) as error:
            raise _unreachable(address, f"no Dask scheduler answered within {CONNECT:g} seconds", error) from None
    try:
        names = tuple(packages())
        cluster = Cluster(client, _agreed(client, address, names, say), names)
        try:
            yield cluster
        finally:
            # a client that leaves has its result, or no longer needs it
            cluster.shutdown(cancel_futures=True)
    finally:
        client.close(timeout=CONNECT)


def _probe(address: str) -> None:
    """See at once whether anything listens at an address: Dask itself tries again and again until its time is up."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        port = None
    if port is None or parts.scheme not in ("tcp", "tls") or not parts.hostname:
        raise InputError("is not the address of a Dask scheduler", where=WHERE, found=address, allowed=EXAMPLE)
    try:
        socket.create_connection((parts.hostname, port), timeout=CONNECT).close()
    except OSError as error:
        raise _unreachable(address, "no Dask scheduler can be reached there", error) from None


def _unreachable(address: str, problem: str, error: Exception) -> InputError:
    return InputError(f"{problem} ({error})", where=WHERE, found=address, allowed=EXAMPLE)


def _agreed(client: Client, address: str, names: tuple[str, ...], say: Say) -> Facts:
    """What all workers have in common with this machine."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise InputError(f"the scheduler has no worker, after {PATIENCE:g} seconds", where=WHERE, found=address,
                         allowed="at least one: dask worker " + address) from None  # fmt: skip
    expected = {**facts(names), **dict.fromkeys(PINNED, "1")}
    # code cannot be sent to another Python, so Dask's own means ask for this (its check of them only warns)
    versions: Any = client.get_versions()  # a coroutine for asynchronous clients only
    for name, part in {"scheduler": versions["scheduler"], **versions["workers"]}.items():
        python = ".".join(part["host"]["python"].split(".")[:3])
        found = {"Python": python, **{key: str(part["packages"].get(key, ABSENT)) for key in CARRIERS}}
        _check(name, found, {key: expected[key] for key in found})
    known = client.run(facts, names, on_error="return")
    for name, found in sorted(known.items()):
        if isinstance(found, BaseException):
            raise InputError(f"worker {name} does not give its versions", where=WHERE, found=repr(found), allowed=ALIKE)
        _check(f"worker {name}", found, expected)
    threads = sum(worker["nthreads"] for worker in client.scheduler_info()["workers"].values())
    more = "; each does one task at a time, whatever its number of threads" if threads > len(known) else ""
    workers = "1 worker" if len(known) == 1 else f"{len(known)} workers"
    say(f"{workers} with the same versions and source as here{more}")
    return expected


def _check(who: str, found: Facts, expected: Facts) -> None:
    if wrong := differences(found, expected):
        problem = f"{who} differs from this machine, so its results could: {wrong}"
        raise InputError(problem, where=WHERE, allowed=ALIKE)
