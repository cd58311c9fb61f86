"""Execute one notebook by papermill, stripped of everything that differs between equal runs."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from traitlets.config import Config

from analysis.files import write_atomically

STARTS = 2
_TIMES = ("start_time", "end_time", "duration", "output_path", "input_path", "version", "environment_variables")


@dataclass(frozen=True)
class Outcome:
    """How an execution ended; ``error`` is empty when it succeeded, and ``partial`` names what is kept when not."""

    job: str
    error: str = ""
    partial: str = ""


def execute(
    source: Path, target: Path, parameters: Mapping[str, Any], environment: Mapping[str, str], timeout: int, job: str
) -> Outcome:
    """Run a notebook and write its executed copy, whole or not at all.

    A failing notebook leaves an earlier ``target`` untouched; what was executed of it is kept beside it as
    ``<name>.failed.ipynb``.

    Parameters
    ----------
    environment: variables for the kernel.
    timeout: seconds that one cell may take.
    """
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    os.environ.update(environment)
    logging.getLogger("papermill").setLevel(logging.ERROR)
    sockets = tempfile.mkdtemp(prefix="deadletter-")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.stem}.failed.ipynb")
    working = target.with_name(f".{target.stem}.{os.getpid()}.ipynb")
    error = ""
    try:
        for attempt in range(1, STARTS + 1):
            try:
                papermill.execute_notebook(
                    source,
                    working,
                    parameters=dict(parameters),
                    cwd=source.parent,
                    kernel_name="python3",
                    progress_bar=False,
                    execution_timeout=timeout,
                    record_timing=False,
                    config=_transport(sockets),
                    # an interrupt that meets a kernel while it shuts down is no news
                    extra_arguments=["--IPKernelApp.log_level=50"],
                )
                break
            except PapermillExecutionError as failure:
                error = f"cell {failure.exec_count}: {failure.ename}: {failure.evalue}"
                break
            except CellTimeoutError:
                error = f"a cell took longer than {timeout} seconds"
                break
            except DeadKernelError:
                error = "the kernel died"
                break
            except RuntimeError as failure:
                # kernels that start together can race for a port: one more try, for a failed start only
                if "Kernel" not in str(failure) or attempt == STARTS:
                    error = f"the kernel did not start: {failure}"
        if working.is_file():
            done = strip(nbformat.read(working, as_version=4))
            write_atomically(partial if error else target, nbformat.writes(done) + "\n")
    finally:
        working.unlink(missing_ok=True)
        shutil.rmtree(sockets, ignore_errors=True)
    if error:
        return Outcome(job, error, partial.name if partial.is_file() else "")
    partial.unlink(missing_ok=True)
    return Outcome(job)


def _transport(folder: str) -> Config:
    """Kernels talk through files of their own where the system can: ports could be raced for, and listened to."""
    if os.name == "nt":
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "connection_file": f"{folder}/kernel.json"}})


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
