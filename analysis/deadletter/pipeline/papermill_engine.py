"""Papermill with a kernel of our choice, a clock on the wall, and what was executed kept whatever happens."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
import papermill
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillException, PapermillExecutionError
from traitlets.config import Config

from deadletter.pipeline.kernels import CAN_FORK, PLAIN, PROVISIONER

STARTS = 2
NOT_STARTED = "the kernel did not start"
ENGINE = "deadletter"
# tags of the cells that papermill adds
ADDED = {"injected-parameters", "papermill-error-cell-tag"}
_TIMES = ("start_time", "end_time", "duration", "output_path", "input_path", "version", "environment_variables")
# a kernel that is not forked begins by what a forked one is born with
_BEGIN = "__import__('deadletter.environment').environment.prepare(); __import__('deadletter.tracing').tracing.trace()"


class _Engine(NBClientEngine):
    """Papermill's own engine; the notebook that it fills is kept for the caller, complete or not."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *, kept: list[Any], **keywords: Any) -> Any:
        kept.append(nb_man.nb)
        return super().execute_managed_notebook(nb_man, kernel_name, **keywords)


papermill_engines.register(ENGINE, _Engine)


def perform(
    notebook: str, parameters: Mapping[str, Any], working: Path, folder: Path, timeout: float, *, fork: bool
) -> tuple[str, str]:
    """Execute the text of a notebook; returns the error in a sentence (empty for none) and the executed text.

    Parameters
    ----------
    working: the kernel's working folder. folder: for the kernel's sockets. timeout: seconds for the whole.
    """
    logging.getLogger("papermill").setLevel(logging.ERROR)
    factory = KernelProvisionerFactory.instance()
    forked = fork and CAN_FORK and PROVISIONER in factory.get_provisioner_entries()
    factory.default_provisioner_name = PROVISIONER if forked else PLAIN
    # an interrupt that meets a kernel while it shuts down is no news; nobody asks for the history
    arguments = ["--IPKernelApp.log_level=50", "--HistoryManager.enabled=False"]
    if not forked:
        arguments.append(f"--IPKernelApp.exec_lines={_BEGIN}")
    source, kept, error = nbformat.reads(notebook, as_version=4), [], ""
    for attempt in range(1, STARTS + 1):
        limit = _Limit(timeout)
        options = {
            "cwd": working,
            "kernel_name": "python3",
            "language": "python",
            "engine_name": ENGINE,
            "progress_bar": False,
            "execution_timeout": timeout,
            "record_timing": False,
            "config": _transport(folder / f"start{attempt}"),
            "extra_arguments": arguments,
            "kernel_manager_class": limit.manager,
            "kept": kept,
        }
        error = _error_of(lambda o=options: papermill.execute_notebook(source, None, dict(parameters), **o), limit)
        # kernels that start together can race for a port: one more try, for a failed start only
        if not error.startswith(NOT_STARTED):
            break
    return error, "" if error.startswith(NOT_STARTED) or not kept else _told(kept[-1], error)


def _error_of(run: Callable[[], object], limit: _Limit) -> str:
    """The error of one execution in a sentence; empty when it succeeded."""
    try:
        with limit:
            run()
    except PapermillExecutionError as failure:
        return f"cell {failure.exec_count}: {failure.ename}: {failure.evalue}"
    except CellTimeoutError:
        return f"took longer than {limit.seconds:g} seconds"
    except DeadKernelError:
        return f"took longer than {limit.seconds:g} seconds" if limit.reached else f"the kernel died{limit.exit_code()}"
    except RuntimeError as failure:
        if limit.reached:
            return f"took longer than {limit.seconds:g} seconds"
        return f"{NOT_STARTED}: {failure}"
    except (PapermillException, ValueError, TypeError, KeyError, AttributeError) as failure:
        # metadata that papermill cannot make sense of
        return f"cannot be executed: {type(failure).__name__}: {failure}"
    return ""


class _Limit:
    """A clock on the wall that kills the kernel of one execution when its time is up."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.reached = seconds, False
        self._timer = threading.Timer(seconds, self._kill)
        managers: list[AsyncKernelManager] = []

        class Manager(AsyncKernelManager):
            def __init__(self, *arguments: Any, **keywords: Any) -> None:
                super().__init__(*arguments, **keywords)
                managers.append(self)

        self.manager, self._managers = Manager, managers

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


def _transport(folder: Path) -> Config:
    """Kernels talk through files of their own where the system can: ports could be raced for, and listened to."""
    if os.name == "nt":
        return Config()
    folder.mkdir()
    return Config({"KernelManager": {"transport": "ipc", "connection_file": f"{folder}/kernel.json"}})


def _told(notebook: nbformat.NotebookNode, error: str) -> str:
    """The executed notebook as text; after an error that left no trace in a cell, the running cell tells it."""
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
        if not ADDED.isdisjoint(cell.metadata.get("tags", [])):
            cell["id"] = f"added-{position}"
    _forget(notebook.metadata.get("papermill", {}))
    return notebook


def _forget(record: dict[str, Any]) -> None:
    for key in _TIMES:
        record.pop(key, None)
