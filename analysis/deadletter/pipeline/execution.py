"""Execute one notebook by papermill: what is sent in, what comes back, and nothing written but in a working folder."""

import json
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deadletter.environment import for_kernels
from deadletter.pipeline.plan import MULTIVERSE
from deadletter.project import CHECKED, LATER, STUDY_FILE, TABLES
from deadletter.tracing import ASKED, TRACE, Read, traced


@dataclass(frozen=True)
class Task:
    """One execution, complete but for the project's data and the tables: plain values that can be sent elsewhere.

    job: its name. notebook: the source, as text. parameters: plain values. timeout: seconds that the notebook may
    take, hence any cell of it. fork: whether kernels are forked, where that is possible.
    checked: the digest of tables that were checked already.
    """

    job: str
    notebook: str
    parameters: Mapping[str, Any]
    timeout: float
    fork: bool = True
    checked: str = ""


@dataclass(frozen=True)
class Outcome:
    """How an execution ended: ``error`` is empty when it succeeded.

    text: the executed notebook, stripped of all that differs between equal runs; of a failed one what was executed,
    with the failing cell marked; empty where the kernel did not start. reads: what it read, with files given as
    ``project/…`` or ``tables/…``.
    """

    job: str
    error: str = ""
    text: str = ""
    reads: frozenset[Read] = field(default=frozenset(), repr=False)


@dataclass(frozen=True)
class Kernel:
    """What a kernel is started with.

    working: its working folder. folder: for its sockets, with a short name. environment: its variables. fork: whether
    it is forked, where that is possible. timeout: seconds that the notebook may take.
    """

    working: Path
    folder: Path
    environment: Mapping[str, str]
    fork: bool
    timeout: float


# entered while a kernel works; threads opened here allow only so many at a time
_at_a_time: AbstractContextManager[Any] = nullcontext()


def execute(task: Task, project: Path, tables: Path) -> Outcome:
    """Run a notebook in a kernel of its own; many at a time in the threads of a process.

    Parameters
    ----------
    project: a folder with ``data``, ``params`` and ``notebooks`` (this may be empty: the kernel works in it).
    tables: the folder of the tables that the notebook reads.
    """
    # papermill loads slowly, and a process that only sends tasks does not need it
    from deadletter.pipeline.papermill_engine import DIED, NOT_STARTED, perform

    folder = Path(tempfile.mkdtemp(prefix="deadletter-"))
    trace, working = folder / "reads", project / "notebooks"
    working.mkdir(exist_ok=True)
    # the user's own IPython profile may not change what a notebook gives either
    own = {TABLES: str(tables), TRACE: str(trace), CHECKED: task.checked}
    own |= {"IPYTHONDIR": str(folder / "ipython"), LATER: "1", ASKED: json.dumps(dict(task.parameters))}
    try:
        kernel = Kernel(working, folder, for_kernels() | own, task.fork, task.timeout)
        error, text = perform(task.notebook, task.parameters, kernel, _at_a_time)
        if error.startswith((NOT_STARTED, DIED)):
            error += _no_room(folder)
        return Outcome(task.job, error, text, _named(traced(trace), project.resolve(), tables.resolve()))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _no_room(folder: Path) -> str:
    """Why a kernel could not write in its folder, as the end of a sentence; empty where it could."""
    try:
        (folder / "room").write_bytes(bytes(1 << 16))
    except OSError as error:
        return f"; {folder}: {error.strerror}"
    return ""


@contextmanager
def open_threads(count: int) -> Iterator[Executor]:
    """Threads that run so many kernels at a time; an interrupt ends the kernels at once.

    One thread more than kernels: figures of a notebook are drawn while the kernel of the next one works.
    """
    global _at_a_time
    pool, _at_a_time = ThreadPoolExecutor(count + 1), threading.Semaphore(count)
    try:
        yield pool
    except KeyboardInterrupt:
        from deadletter.pipeline.papermill_engine import stop_all

        pool.shutdown(wait=False, cancel_futures=True)
        stop_all()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


INPUTS = ("data", "params", "notebooks", STUDY_FILE)


def _named(reads: frozenset[Read], project: Path, tables: Path) -> frozenset[Read]:
    """Reads with their files relative to the project or the tables; files elsewhere are not inputs of the project."""
    named = set()
    for kind, name, digest in reads:
        path = Path(name)
        if kind == "folder":
            # the folder of the notebooks is listed for every import, and nothing else of a study is a list of files
            if path.is_relative_to(project / "data"):
                named.add(("file", f"project/{path.relative_to(project).as_posix()}", digest))
        elif kind != "file":
            named.add((kind, name, digest))
        elif path.is_relative_to(tables):
            named.add((kind, f"tables/{path.relative_to(tables).as_posix()}", digest))
        elif path.is_relative_to(tables.parent / MULTIVERSE):
            named.add((kind, f"tables/../{path.relative_to(tables.parent).as_posix()}", digest))
        elif path.is_relative_to(project) and path.relative_to(project).parts[0] in INPUTS:
            named.add((kind, f"project/{path.relative_to(project).as_posix()}", digest))
    return frozenset(named)
