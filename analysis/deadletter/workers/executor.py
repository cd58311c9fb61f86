"""One way to share work out: an executor of `concurrent.futures`, chosen here, and the results as they come."""

import hashlib
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from multiprocessing import active_children, forkserver
from multiprocessing.context import BaseContext
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from deadletter.errors import WorkersError
from deadletter.project import files_below
from deadletter.workers.cluster import Cluster, Say, open_cluster

Key = TypeVar("Key", bound=Hashable)
# seconds between checks that a worker is left to wait for
LOOK = 2.0
# tasks under way for each worker of a cluster, and in all on this machine
WAITING, LOCAL = 8, 256


@contextmanager
def open_executor(
    jobs: int, scheduler: str, say: Say, context: BaseContext, initializer: Callable[[], None] | None = None
) -> Iterator[Executor]:
    """Processes of this machine, or the Dask cluster at the address ``scheduler``.

    Work that has not begun is dropped where the block is left early.

    context, initializer: how processes of this machine are started, and what each does first.

    Raises InputError: as for :func:`deadletter.workers.cluster.open_cluster`.
    """
    if scheduler:
        with open_cluster(scheduler, say) as cluster:
            yield cluster
        return
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=initializer)
    try:
        yield pool
    except KeyboardInterrupt:
        for child in active_children():
            child.kill()
        # children that a server has yet to fork would miss what this process takes along, and say so at length
        if server := getattr(forkserver._forkserver, "_forkserver_pid", None):
            with suppress(ProcessLookupError):
                os.kill(server, signal.SIGKILL)
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def share(executor: Executor | None, value: Any) -> Any:
    """An argument for many tasks of :func:`finished`: sent once to each worker of a cluster, as it is elsewhere."""
    return executor.share(value) if isinstance(executor, Cluster) else value


def finished(
    executor: Executor | None, call: Callable[..., Any], tasks: Iterable[tuple[Key, tuple[Any, ...]]]
) -> Iterator[tuple[Key, Future]]:
    """Call with the arguments of each task; keys with futures in the order in which they are done.

    Tasks are taken as there is room for them, so that millions need not be in memory. Without an executor they are
    done one after the other in this process, each when it is asked for.

    Raises WorkersError: no worker is left.
    """
    if executor is None:
        for key, arguments in tasks:
            future: Future = Future()
            future.set_result(call(*arguments))
            yield key, future
        return
    done: SimpleQueue[Future] = SimpleQueue()
    left = iter(tasks)
    running: dict[Future, Key] = {}
    while True:
        for key, arguments in islice(left, width(executor) - len(running)):
            future = _submitted(executor, call, arguments)
            running[future] = key
            future.add_done_callback(done.put)
        if not running:
            return
        try:
            future = done.get(timeout=LOOK)
        except Empty:
            if isinstance(executor, Cluster):
                executor.count_workers()
        else:
            yield running.pop(future), future


def _submitted(executor: Executor, call: Callable[..., Any], arguments: tuple[Any, ...]) -> Future:
    try:
        return executor.submit(call, *arguments)
    except (BrokenProcessPool, EOFError, ConnectionError) as error:  # the last two: no process can be started
        # the task fails as those that were under way do
        future: Future = Future()
        future.set_exception(error)
        return future


def width(executor: Executor) -> int:
    """How many tasks are under way at most: enough that no worker waits for the next."""
    return WAITING * (1 + executor.workers) if isinstance(executor, Cluster) else LOCAL


def result_of(future: Future) -> Any:
    """The result of a finished task.

    Raises WorkersError: the worker of the task is gone. And what the task raised.
    """
    try:
        return future.result()
    except (BrokenProcessPool, EOFError, ConnectionError):
        raise WorkersError("a process ended at work without saying why") from None
    except CancelledError:
        raise WorkersError("the connection to the scheduler was lost") from None
    except ImportError as error:
        raise WorkersError(f"a worker that joined later lacks {error.name}") from error
    except Exception as error:
        if type(error).__name__ == "KilledWorker":
            raise WorkersError("several workers ended at the same task without saying why; see their logs") from None
        raise


KEPT = 16
"""Folders that a worker keeps; the longest unused goes first."""


@dataclass(frozen=True)
class Files:
    """Files of a folder: relative paths with ``/`` and contents, in the order of the paths."""

    contents: tuple[tuple[str, bytes], ...]

    @cached_property
    def digest(self) -> str:
        """A hash of paths and contents."""
        digest = hashlib.sha256()
        for name, content in self.contents:
            digest.update(f"{name}\n{len(content)}\n".encode())
            digest.update(content)
        return digest.hexdigest()


def pack(root: Path, parts: Iterable[str] = (".",)) -> Files:
    """Some files of ``root`` and those below some of its folders, but for those whose path has a hidden part."""
    wanted = (root / part for part in parts)
    paths = {path.relative_to(root) for one in wanted for path in (one, *files_below(one)) if path.is_file()}
    shown = sorted(path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts))
    return Files(tuple((name, (root / name).read_bytes()) for name in shown))


def send(executor: Executor, root: Path, parts: Iterable[str] = (".",)) -> Any:
    """A folder as an argument of a task, which finds it by :func:`placed`: a path, or on a cluster its files."""
    return share(executor, pack(root, parts)) if isinstance(executor, Cluster) else root


def placed(folder: Path | Files) -> Path:
    """The path of a folder that was sent; files are unpacked below the worker's own folder, once for each hash."""
    if isinstance(folder, Path):
        return folder
    from distributed import get_worker

    base = Path(get_worker().local_directory) / "deadletter"
    target = base / folder.digest[:32]
    if not target.is_dir():
        base.mkdir(parents=True, exist_ok=True)
        working = Path(tempfile.mkdtemp(dir=base, prefix="."))
        for name, content in folder.contents:
            path = working / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        working.rename(target)
    os.utime(target)
    others = sorted(base.glob("[!.]*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in others[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return target
