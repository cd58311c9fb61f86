"""Kernels forked from a server that has imported the libraries, behind the interface of `jupyter_client`."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from multiprocessing import connection, forkserver, get_all_start_methods, get_context, parent_process, resource_tracker
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from deadletter.tracing import trace

# the entry point of pyproject.toml
PROVISIONER = "deadletter-fork"
PLAIN = "local-provisioner"
CAN_FORK = "forkserver" in get_all_start_methods()


PRELOAD = "deadletter.pipeline.preload"


def server(*, tables: bool = False) -> BaseContext:
    """The context whose processes are forked from the server; one for a run and all its children.

    Parameters
    ----------
    tables: whether a server that is not there yet loads also what computes tables.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload([PRELOAD, f"{PRELOAD}_tables"] if tables else [PRELOAD])
    known = forkserver._forkserver
    started_by_it = known._forkserver_pid is None and known._forkserver_address is not None
    if started_by_it and getattr(known, "_forkserver_authkey", True):
        # the library says that a child uses its parent's server, and starts another; what a child of the server
        # inherits is enough to ask for more children
        known.ensure_running = resource_tracker.ensure_running
    return context


def start_server(*, tables: bool) -> None:
    """Let the server import the libraries while the caller does something else."""
    server(tables=tables)
    forkserver.ensure_running()


def follow_parent() -> None:
    """End this process when the one that asked for it ends, however that ended."""
    parent = parent_process()

    def wait() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    if parent is not None:
        threading.Thread(target=wait, daemon=True).start()


def begin_work() -> None:
    """What a process that executes notebooks does first: a terminal's interrupt is for the run, which ends it."""
    if hasattr(os, "setsid"):
        os.setsid()
    follow_parent()


def _serve(arguments: list[str], environment: dict[str, str], folder: str) -> None:
    """Be a kernel: what `python -m ipykernel_launcher` is, in a process that has the libraries already."""
    os.setsid()  # signals to a kernel go to its group, and a terminal's interrupt is not for it
    follow_parent()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    trace()
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.initialize(arguments)
    app.start()


class _Forked:
    """A forked kernel with the methods of `subprocess.Popen` that the provisioner calls."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class ForkedProvisioner(LocalProvisioner):
    """Launches IPython kernels by forking them; what is no IPython kernel is launched as usual."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel of a command such as `python -m ipykernel_launcher -f FILE …`."""
        if not CAN_FORK or "ipykernel_launcher" not in cmd:
            return await super().launch_kernel(cmd, **kwargs)
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        environment, folder = dict(kwargs.get("env") or os.environ), str(kwargs.get("cwd") or os.getcwd())
        process = server().Process(target=_serve, args=(arguments, environment, folder), daemon=False)
        process.start()
        self.process = _Forked(process)
        self.pid = self.pgid = process.pid
        self.cwd = folder
        return self.connection_info
