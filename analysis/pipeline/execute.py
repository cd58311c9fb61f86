"""Execute one notebook by papermill: what is sent in, what comes back, and nothing written but in a working folder."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from traitlets.config import Config

from analysis.environment import prepare
from analysis.paths import TABLES
from analysis.reads import TRACE, Read, traced

STARTS = 2
_TIMES = ("start_time", "end_time", "duration", "output_path", "input_path", "version", "environment_variables")
_TRACED = "__import__('analysis.environment').environment.prepare(); __import__('analysis.reads').reads.trace()"


@dataclass(frozen=True)
class Task:
    """One execution, complete but for the project's data and the tables: plain values that can be sent elsewhere.

    job: its name. notebook: the source, as text. parameters: plain values. timeout: seconds that the notebook may
    take, hence any cell of it. fork: whether kernels are forked, where that is possible.
    """

    job: str
    notebook: str
    parameters: Mapping[str, Any]
    timeout: float
    fork: bool = True


@dataclass(frozen=True)
class Outcome:
    """How an execution ended: ``error`` is empty when it succeeded.

    text: the executed notebook, stripped of all that differs between equal runs; of a failed one what was executed,
    with the failing cell marked; empty where the kernel did not start. reads: what it read, with files told as
    ``project/…`` or ``tables/…``.
    """

    job: str
    error: str = ""
    text: str = ""
    reads: frozenset[Read] = field(default=frozenset(), repr=False)


def execute(task: Task, project: Path, tables: Path) -> Outcome:
    """Run a notebook in a kernel of its own; one at a time in a process.

    Parameters
    ----------
    project: a folder with ``data``, ``params`` and ``notebooks`` (this may be empty: the kernel works in it).
    tables: the folder of the tables that the notebook reads.
    """
    import papermill
    from jupyter_client.provisioning import KernelProvisionerFactory

    from analysis.pipeline.kernels import CAN_FORK, PLAIN, PROVISIONER

    prepare()
    logging.getLogger("papermill").setLevel(logging.ERROR)
    factory = KernelProvisionerFactory.instance()
    forked = task.fork and CAN_FORK and PROVISIONER in factory.get_provisioner_entries()
    factory.default_provisioner_name = PROVISIONER if forked else PLAIN
    folder = Path(tempfile.mkdtemp(prefix="deadletter-"))
    source, target, trace = folder / "source.ipynb", folder / "executed.ipynb", folder / "reads"
    source.write_text(task.notebook, encoding="utf-8")
    (project / "notebooks").mkdir(exist_ok=True)
    variables = {TABLES: str(tables), TRACE: str(trace), "IPYTHONDIR": str(folder / "ipython")}
    # an interrupt that meets a kernel while it shuts down is no news; nobody asks for the history
    arguments = ["--IPKernelApp.log_level=50", "--HistoryManager.enabled=False"]
    if not forked:
        arguments.append(f"--IPKernelApp.exec_lines={_TRACED}")
    try:
        with _variables(variables):
            for attempt in range(1, STARTS + 1):
                limit = _Limit(task.timeout)
                error = _attempt(
                    lambda limit=limit: papermill.execute_notebook(
                        source,
                        target,
                        parameters=dict(task.parameters),
                        cwd=project / "notebooks",
                        kernel_name="python3",
                        progress_bar=False,
                        execution_timeout=task.timeout,
                        record_timing=False,
                        config=_transport(folder),
                        extra_arguments=arguments,
                        kernel_manager_class=limit.manager,
                    ),
                    limit,
                )
                # kernels that start together can race for a port: one more try, for a failed start only
                if not error.startswith(NOT_STARTED) or attempt == STARTS:
                    break
        text = _told(target, error)
        return Outcome(task.job, error, text, _named(traced(trace), project.resolve(), tables.resolve()))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


NOT_STARTED = "the kernel did not start"


def _attempt(run: Any, limit: _Limit) -> str:
    """The error of one execution in a sentence; empty when it succeeded."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    try:
        with limit:
            run()
    except PapermillExecutionError as failure:
        return f"cell {failure.exec_count}: {failure.ename}: {failure.evalue}"
    except CellTimeoutError:
        return f"a cell took longer than {limit.seconds:g} seconds"
    except DeadKernelError:
        if limit.reached:
            return f"the notebook took longer than {limit.seconds:g} seconds"
        return f"the kernel died{limit.exit_code()}"
    except RuntimeError as failure:
        if "Kernel" not in str(failure):
            raise
        return f"{NOT_STARTED}: {failure}"
    return ""


class _Limit:
    """A clock on the wall that kills the kernel of one execution when its time is up."""

    def __init__(self, seconds: float) -> None:
        from jupyter_client.manager import AsyncKernelManager

        self.seconds, self.reached = seconds, False
        self._managers: list[AsyncKernelManager] = []
        self._timer = threading.Timer(seconds, self._kill)
        kept = self._managers

        class Manager(AsyncKernelManager):
            def __init__(self, *arguments: Any, **keywords: Any) -> None:
                super().__init__(*arguments, **keywords)
                kept.append(self)

        self.manager = Manager

    def __enter__(self) -> None:
        self._timer.daemon = True
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _kill(self) -> None:
        self.reached = True
        for process in self._processes():
            process.kill()

    def exit_code(self) -> str:
        """How the kernel ended, where that is known."""
        codes = [process.poll() for process in self._processes()]
        return f" with exit code {codes[-1]}" if codes and codes[-1] is not None else ""

    def _processes(self) -> list[Any]:
        provisioners = [manager.provisioner for manager in self._managers if manager.provisioner is not None]
        return [provisioner.process for provisioner in provisioners if provisioner.process is not None]


@contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _transport(folder: Path) -> Config:
    """Kernels talk through files of their own where the system can: ports could be raced for, and listened to."""
    if os.name == "nt":
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "connection_file": f"{folder}/kernel.json"}})


def _named(reads: frozenset[Read], project: Path, tables: Path) -> frozenset[Read]:
    """Reads with their files told from the project or the tables; what stands elsewhere is no input of ours."""
    named = set()
    for kind, name, digest in reads:
        path = Path(name)
        if kind != "file":
            named.add((kind, name, digest))
        elif path.is_relative_to(tables):
            named.add((kind, f"tables/{path.relative_to(tables).as_posix()}", digest))
        elif path.is_relative_to(project) and path.relative_to(project).parts[0] in ("data", "params", "notebooks"):
            named.add((kind, f"project/{path.relative_to(project).as_posix()}", digest))
    return frozenset(named)


def _told(target: Path, error: str) -> str:
    """The executed notebook as text; after an error that left no trace in a cell, the running cell tells it."""
    if not target.is_file():
        return ""
    notebook = nbformat.read(target, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if error and not any(output.output_type == "error" for cell in code for output in cell.outputs):
        begun = [cell for cell in code if cell.metadata.get("papermill", {}).get("status") != "pending"]
        if begun:
            begun[-1].outputs.append(nbformat.v4.new_output("error", ename="Stopped", evalue=error, traceback=[error]))
            begun[-1].metadata.papermill.update(exception=True, status="failed")
    return nbformat.writes(strip(notebook)) + "\n"


def strip(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """An executed notebook without times, paths and random ids: equal runs give equal notebooks."""
    for position, cell in enumerate(notebook.cells):
        cell.metadata.pop("execution", None)
        _forget(cell.metadata.get("papermill", {}))
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = f"injected-{position}"
    _forget(notebook.metadata.get("papermill", {}))
    return notebook


def _forget(record: dict[str, Any]) -> None:
    for key in _TIMES:
        record.pop(key, None)
