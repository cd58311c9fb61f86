"""Papermill with a kernel of our choice, a clock on the wall, and what was executed kept whatever happens."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
import papermill
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillException, PapermillExecutionError
from traitlets import Unicode
from traitlets.config import Config

from deadletter.charts.drawing import drawn
from deadletter.notebook_files import complete
from deadletter.pipeline.execution import Kernel
from deadletter.pipeline.kernels import CAN_FORK, PLAIN, PROVISIONER
from deadletter.tracing import QUEUED

STARTS = 2
NOT_STARTED, DIED = "the kernel did not start", "the kernel died"
ENGINE = "deadletter"
# tags of the cells that papermill adds
ADDED = {"injected-parameters", "papermill-error-cell-tag"}
_TIMES = ("start_time", "end_time", "duration", "output_path", "input_path", "version", "environment_variables")
# an interrupt that meets a kernel while it shuts down is no error; nobody asks for the history; and no module is found
# only because it lies next to the notebook
ARGUMENTS = (
    *("--IPKernelApp.log_level=50", "--HistoryManager.enabled=False", "--IPKernelApp.ignore_cwd=True"),
    "--Session.packer=deadletter.pipeline.kernels.pack",
)
# a kernel that is not forked begins by what a forked one is born with
_BEGIN = (
    "(lambda own, shell: (own.trace(), own.watch(shell), own.queue_outputs(shell)))"
    "(__import__('deadletter.tracing').tracing, get_ipython())"
)

# of a cell, in warnings; of an object without a text of its own
_CELL_FILE = re.compile(r"/[^\n:]*?/ipykernel_[0-9]+/[0-9]+\.py")
_ADDRESS = re.compile(r"(?<= at )0x[0-9a-fA-F]{6,}\b")

_at_work: set[_Execution] = set()
_stopped = threading.Event()


class _Engine(NBClientEngine):
    """Papermill's own engine; the notebook that it fills is kept for the caller, complete or not."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *, kept: list[Any], **keywords: Any) -> Any:
        kept.append(nb_man.nb)
        return super().execute_managed_notebook(nb_man, kernel_name, **keywords)


papermill_engines.register(ENGINE, _Engine)


class _Specifications(KernelSpecManager):
    """One kernel: this Python, whatever the user has installed under the same name."""

    provisioner = Unicode(PLAIN)

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        chosen = {"kernel_provisioner": {"provisioner_name": self.provisioner}}
        return KernelSpec(argv=command, display_name=kernel_name, language="python", metadata=chosen)


def perform(
    notebook: str, parameters: Mapping[str, Any], kernel: Kernel, at_a_time: AbstractContextManager[Any]
) -> tuple[str, str]:
    """Execute the text of a notebook; returns the error in a sentence (empty for none) and the executed text.

    at_a_time: entered while the kernel works.
    """
    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # errors are raised as well
    known = KernelProvisionerFactory.instance().get_provisioner_entries()
    forked = kernel.fork and CAN_FORK and PROVISIONER in known
    arguments = [*ARGUMENTS, *([] if forked else [f"--IPKernelApp.exec_lines={_BEGIN}"])]
    source, error = nbformat.reads(json.dumps(complete(json.loads(notebook))), as_version=4), ""
    kept: list[Any] = []
    for attempt in range(1, STARTS + 1):
        execution = _Execution(kernel, forked)
        options: dict[str, Any] = {
            "kernel_name": "python3",
            "language": "python",
            "engine_name": ENGINE,
            "progress_bar": False,
            "execution_timeout": kernel.timeout,
            "iopub_timeout": int(kernel.timeout) + 1,  # outputs may come long after a cell has ended
            "record_timing": False,
            "config": _transport(kernel.folder / f"{attempt}"),
            "extra_arguments": arguments,
            "kernel_manager_class": execution.manager,
            "kept": kept,
        }
        with at_a_time:
            error = _error_of(partial(papermill.execute_notebook, source, None, dict(parameters), **options), execution)
        # kernels that start together can race for a port: one more try, for a failed start only
        if not error.startswith(NOT_STARTED) or _stopped.is_set():
            break
    if error.startswith(NOT_STARTED) or not kept:
        return error, ""
    undrawn = _draw(kept[-1])
    error = error or undrawn
    return error, _kept_text(kept[-1], error)


def _draw(notebook: nbformat.NotebookNode) -> str:
    """Draw the figures that the kernel left for one renderer to draw; returns the error in a sentence."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, start=1):
        for output in cell.outputs:
            try:
                output.update(data=nbformat.from_dict(drawn(output.data))) if "data" in output else None
            except ValueError as failure:
                why = " ".join(line.strip() for line in str(failure).splitlines()[:2])  # the rest is the renderer's own
                error = f"cell {number}: a figure cannot be drawn: {why}"
                cell.outputs.append(nbformat.v4.new_output("error", ename="Undrawn", evalue=error, traceback=[error]))
                cell.metadata.papermill.update(exception=True, status="failed")
                return error
    return ""


def stop_all() -> None:
    """Kill every kernel at work; none is started any more in this process."""
    _stopped.set()
    for execution in tuple(_at_work):
        execution.kill()


def _error_of(run: Callable[[], object], execution: _Execution) -> str:
    """The error of one execution in a sentence; empty when it succeeded."""
    late = f"took longer than {execution.seconds:g} seconds"
    try:
        with execution:
            run()
    except PapermillExecutionError as failure:
        return f"cell {failure.exec_count}: {failure.ename}: {failure.evalue}"
    except CellTimeoutError:
        return late
    except DeadKernelError:
        return late if execution.reached else f"{DIED}{execution.exit_code()}"
    except RuntimeError as failure:
        return late if execution.reached else f"{NOT_STARTED}: {failure}"
    except (PapermillException, ValueError, TypeError, KeyError, AttributeError) as failure:
        # metadata that papermill cannot make sense of
        return f"cannot be executed: {type(failure).__name__}: {failure}"
    return ""


class _Execution:
    """One start of a kernel, and a clock on the wall that kills it when its time is up."""

    def __init__(self, kernel: Kernel, forked: bool) -> None:
        self.seconds, self.reached = kernel.timeout, False
        self._timer = threading.Timer(kernel.timeout, self._end)
        managers: list[AsyncKernelManager] = []

        class Manager(AsyncKernelManager):
            def __init__(self, *arguments: Any, **keywords: Any) -> None:
                own = _Specifications(provisioner=PROVISIONER if forked else PLAIN)
                super().__init__(*arguments, kernel_spec_manager=own, **keywords)
                managers.append(self)

            def client(self, **keywords: Any) -> Any:
                made = super().client(**keywords)
                made.context.rcvhwm = QUEUED
                return made

            async def start_kernel(self, **keywords: Any) -> None:  # type: ignore[override]  # made by a wrapper there
                if _stopped.is_set():
                    raise RuntimeError("interrupted")
                where = {"cwd": str(kernel.working), "env": dict(kernel.environment)}
                await super().start_kernel(**{**keywords, **where})

        self.manager, self._managers = Manager, managers

    def __enter__(self) -> None:
        _at_work.add(self)
        self._timer.daemon = True
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        _at_work.discard(self)
        with suppress(RuntimeError):  # there is none where nothing was started
            asyncio.get_event_loop().close()  # that of this thread, which nbclient leaves open

    def _end(self) -> None:
        self.reached = True
        self.kill()

    def kill(self) -> None:
        """End the kernel at once."""
        for process in self._processes():
            process.kill()

    def exit_code(self) -> str:
        """How the kernel ended, where that is known."""
        codes = [process.poll() for process in self._processes()]
        return f" with exit code {codes[-1]}" if codes and codes[-1] is not None else ""

    def _processes(self) -> list[Any]:
        provisioners = [manager.provisioner for manager in self._managers]
        return [one.process for one in provisioners if isinstance(one, LocalProvisioner) and one.process is not None]


def _transport(folder: Path) -> Config:
    """Kernels talk through files of their own where the system can: ports could be raced for, and listened to."""
    if os.name == "nt":
        return Config()
    folder.mkdir()
    return Config({"KernelManager": {"transport": "ipc", "connection_file": f"{folder}/kernel.json"}})


def _kept_text(notebook: nbformat.NotebookNode, error: str) -> str:
    """The executed notebook as text; after an error that left no trace in a cell, it is shown in the running cell."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if error and not any(output.output_type == "error" for cell in code for output in cell.outputs):
        begun = [cell for cell in code if cell.metadata.get("papermill", {}).get("status") != "pending"]
        if begun:
            begun[-1].outputs.append(nbformat.v4.new_output("error", ename="Stopped", evalue=error, traceback=[error]))
            begun[-1].metadata.papermill.update(exception=True, status="failed")
    return nbformat.writes(strip(notebook)) + "\n"


def strip(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """An executed notebook without times, paths, random ids and addresses: equal runs give equal notebooks."""
    for position, cell in enumerate(notebook.cells):
        cell.metadata.pop("execution", None)
        _forget(cell.metadata.get("papermill", {}))
        if "outputs" in cell:
            cell["outputs"] = _joined(cell["outputs"])
        for output in cell.get("outputs", []):
            _equal_text(output)
        if not ADDED.isdisjoint(cell.metadata.get("tags", [])):
            cell["id"] = f"added-{position}"
    _forget(notebook.metadata.get("papermill", {}))
    return notebook


def _joined(outputs: list[Any]) -> list[Any]:
    """Outputs with what was printed in one piece: where a kernel cuts it, and which stream comes first, is a matter of
    time."""
    joined: list[Any] = []
    for printed, group in groupby(outputs, lambda output: output.output_type == "stream"):
        together = list(group)
        names = sorted({output.name for output in together}, reverse=True) if printed else []
        texts = {name: "".join(output.text for output in together if output.name == name) for name in names}
        joined += [nbformat.v4.new_output("stream", name=n, text=t) for n, t in texts.items()] if printed else together
    return joined


def _equal_text(output: dict[str, Any]) -> None:
    """Take out of what a cell printed what no reader can use and no two runs share: where ipykernel keeps the cell, and
    where an object lies in memory."""
    for group, key in ((output, "text"), (output, "evalue"), (output.get("data", {}), "text/plain")):
        if isinstance(text := group.get(key), str):
            group[key] = _same(text)
    if "traceback" in output:
        output["traceback"] = [_same(line) for line in output["traceback"]]


def _same(text: str) -> str:
    return _ADDRESS.sub("0x…", _CELL_FILE.sub("<cell>", text))


def _forget(record: dict[str, Any]) -> None:
    for key in _TIMES:
        record.pop(key, None)
