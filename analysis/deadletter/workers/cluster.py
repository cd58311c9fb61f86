"""A Dask cluster as an executor: looked over before any work, and again by each task where it arrives."""

from __future__ import annotations

import logging
import pickle
import socket
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from deadletter.environment import prepare
from deadletter.errors import InputError, WorkersError
from deadletter.workers.handshake import ABSENT, CARRIERS, Facts, differences, expected_facts, facts_teller, own_facts

if TYPE_CHECKING:
    from distributed import Client

Say = Callable[[str], None]
CONNECT = 10.0
"""Seconds to reach the scheduler."""
PATIENCE = 60.0
"""Seconds to wait for a first worker, and for another one when all are gone."""
RETRIES = 2
WHERE = "--scheduler"
SCHEMES = ("tcp", "tls")
EXAMPLE = "an address such as tcp://10.0.0.1:8786"
TOLD = 4
# tasks change variables of their process, so each process works on one at a time
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class Shared:
    """An argument that stands in the memory of a cluster; ``future`` is Dask's."""

    future: Any


@dataclass(frozen=True)
class _Place:
    """Where a shared argument goes: its number among those of a task."""

    number: int


class Cluster(Executor):
    """The executor of a Dask client; tasks of workers that die are done by others.

    Tasks travel as bytes, which only workers read: the scheduler needs nothing of this package.
    """

    def __init__(self, client: Client, expected: Facts) -> None:
        self._client, self._expected = client, expected
        self._inner = client.get_executor(pure=False, retries=RETRIES)
        self._seen, self.workers = time.monotonic(), 1
        self.look()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future:
        """Send a task; arguments by position that :meth:`share` returned arrive as what was shared."""
        shared = [argument for argument in args if isinstance(argument, Shared)]
        places = (_Place(number) for number in range(len(shared)))
        plain = [next(places) if isinstance(argument, Shared) else argument for argument in args]
        task = pickle.dumps((fn, plain, kwargs))
        return self._inner.submit(_worker(), self._expected, task, *(argument.future for argument in shared))

    def share(self, value: Any) -> Shared:
        """An argument that each worker gets once, and again from the scheduler where its holder died.

        It is forgotten when no task is left that wants it, and nobody here.
        """
        with warnings.catch_warnings():
            # it is large on purpose, and sent once
            warnings.filterwarnings("ignore", message="Sending large graph")
            return Shared(self._client.submit(bytes, pickle.dumps(value), pure=False))

    def look(self) -> None:
        """See how many are there to wait for.

        Raises
        ------
        WorkersError: nobody for :data:`PATIENCE` seconds.
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


def work(expected: Facts, task: bytes, *shared: bytes) -> Any:
    """Do a task of :class:`Cluster` in this worker.

    Raises
    ------
    WorkersError: a worker that joined later, and would not have passed the handshake. And what the task raises.
    """
    if wrong := differences(own_facts(), expected):
        raise WorkersError(f"a worker that joined later differs: {'; '.join(wrong[:TOLD])}")
    prepare()
    with _ONE_AT_A_TIME:
        call, arguments, named = pickle.loads(task)
        arguments = [pickle.loads(shared[a.number]) if isinstance(a, _Place) else a for a in arguments]
        return call(*arguments, **named)


@contextmanager
def open_cluster(address: str, say: Say) -> Iterator[Cluster]:
    """The cluster of the scheduler at an address such as ``tcp://10.0.0.1:8786``.

    Raises
    ------
    InputError: Dask is not installed; no scheduler or no worker is there; a worker differs from this machine.
    """
    try:
        import distributed
    except ImportError:
        raise InputError("needs Dask, which is not installed", where=WHERE, found=address,
                         allowed="pip install 'deadletter[cluster]'") from None  # fmt: skip
    _probe(address)
    # what Dask logs is told by our own errors; it has set a level for each of its loggers
    for name in ("distributed", *logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        # Dask warns of some packages, and works on; the handshake below decides
        warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)
        try:
            client = distributed.Client(address, timeout=CONNECT, set_as_default=False, name="deadletter")
        except (OSError, ValueError) as error:
            raise _unreachable(address, f"no Dask scheduler answered within {CONNECT:g} seconds", error) from None
    try:
        cluster = Cluster(client, _agreed(client, address, say))
        try:
            yield cluster
        finally:
            # whoever leaves has what it wanted, or wants no more
            cluster.shutdown(cancel_futures=True)
    finally:
        client.close(timeout=CONNECT)


def _probe(address: str) -> None:
    """See at once whether anything listens at an address: Dask itself tries again and again until its time is up."""
    try:
        parts = urlsplit(address)
        if parts.scheme not in SCHEMES or not parts.hostname or not parts.port:
            raise ValueError
    except ValueError:
        raise InputError("is no address of a Dask scheduler", where=WHERE, found=address, allowed=EXAMPLE) from None
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=CONNECT).close()
    except OSError as error:
        raise _unreachable(address, "no Dask scheduler can be reached there", error) from None


def _unreachable(address: str, problem: str, error: Exception) -> InputError:
    return InputError(f"{problem} ({error})", where=WHERE, found=address, allowed=EXAMPLE)


def _agreed(client: Client, address: str, say: Say) -> Facts:
    """What all workers have in common with this machine."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise InputError(f"the scheduler has no worker, after {PATIENCE:g} seconds", where=WHERE, found=address,
                         allowed="at least one: dask worker " + address) from None  # fmt: skip
    expected = expected_facts()
    for name, found in _told_by_dask(client):
        # code cannot be sent to another Python, so this is asked by Dask's own means
        if wrong := differences(found, {key: expected[key] for key in found}):
            _refuse(name, wrong)
    told = client.run(facts_teller(), on_error="return")
    for name, facts in sorted(told.items()):
        if isinstance(facts, BaseException):
            raise InputError(f"worker {name} does not tell its versions", where=WHERE, found=repr(facts))
        if wrong := differences(facts, expected):
            _refuse(f"worker {name}", wrong)
    threads = sum(worker["nthreads"] for worker in client.scheduler_info()["workers"].values())
    more = "; each does one task at a time, whatever its number of threads" if threads > len(told) else ""
    workers = "1 worker" if len(told) == 1 else f"{len(told)} workers"
    say(f"{workers} with the same versions and source as here{more}")
    return expected


def _told_by_dask(client: Client) -> Iterator[tuple[str, Facts]]:
    """Python and the packages that carry work, of the scheduler and of each worker."""
    told = client.get_versions()
    parts = {"scheduler": told["scheduler"], **{f"worker {name}": of for name, of in sorted(told["workers"].items())}}
    for name, part in parts.items():
        python = ".".join(part["host"]["python"].split(".")[:3])
        yield name, {"Python": python, **{key: str(part["packages"].get(key, ABSENT)) for key in CARRIERS}}


def _refuse(who: str, wrong: list[str]) -> None:
    more = f"; and {len(wrong) - TOLD} more" if len(wrong) > TOLD else ""
    raise InputError(
        f"{who} differs from this machine, so its results could: {'; '.join(wrong[:TOLD])}{more}",
        where=WHERE,
        allowed="workers with the same Python, packages and source of analysis, and one thread for linear algebra",
    )
