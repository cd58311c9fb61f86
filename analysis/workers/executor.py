"""One way to share work out: an executor of `concurrent.futures`, chosen here, and the results as they come."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_all_start_methods, get_context
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from analysis.errors import WorkersError
from analysis.workers.cluster import Cluster, open_cluster

Say = Callable[[str], None]
Key = TypeVar("Key", bound=Hashable)
# seconds between two looks at whether there is anybody left to wait for
LOOK = 2.0


@contextmanager
def open_executor(jobs: int, scheduler: str, say: Say) -> Iterator[Executor]:
    """Processes of this machine, or the Dask cluster at the address ``scheduler``.

    Work that has not begun is dropped where the block is left by an exception.

    Raises
    ------
    InputError: as for :func:`analysis.workers.cluster.open_cluster`.
    """
    if scheduler:
        with open_cluster(scheduler, say) as cluster:
            yield cluster
        return
    # a forked worker has the libraries loaded already
    method = "fork" if "fork" in get_all_start_methods() else "spawn"
    pool = ProcessPoolExecutor(jobs, mp_context=get_context(method))
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown()


def share(executor: Executor | None, value: Any) -> Any:
    """An argument for many tasks of :func:`finished`: sent once to each worker of a cluster, as it is elsewhere."""
    return executor.share(value) if isinstance(executor, Cluster) else value


def finished(
    executor: Executor | None, call: Callable[..., Any], tasks: Mapping[Key, tuple[Any, ...]]
) -> Iterator[tuple[Key, Any]]:
    """Call with the arguments of each task; keys with results in the order in which they are finished.

    Without an executor, one after the other in this process, each when it is asked for.

    Raises
    ------
    WorkersError: the workers are gone. And what ``call`` raises.
    """
    if executor is None:
        yield from ((key, call(*arguments)) for key, arguments in tasks.items())
        return
    done: SimpleQueue[Future] = SimpleQueue()
    running = {executor.submit(call, *arguments): key for key, arguments in tasks.items()}
    for future in running:
        future.add_done_callback(done.put)
    while running:
        try:
            future = done.get(timeout=LOOK)
        except Empty:
            if isinstance(executor, Cluster):
                executor.look()
            continue
        yield running.pop(future), result_of(future)


def result_of(future: Future) -> Any:
    """The result of a finished task.

    Raises
    ------
    WorkersError: whoever worked on it is gone. And what the task raised.
    """
    try:
        return future.result()
    except BrokenProcessPool:
        raise WorkersError("a process died at work, as it does when memory runs out") from None
    except CancelledError:
        raise WorkersError("the connection to the scheduler was lost") from None
    except Exception as error:
        if type(error).__name__ == "KilledWorker":
            raise WorkersError("several workers died at the same task, as they do when memory runs out") from None
        raise
