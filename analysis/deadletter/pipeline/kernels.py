"""Kernels forked from a server that has imported the libraries, behind the interface of `jupyter_client`."""

import gc
import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Mapping
from multiprocessing import connection, forkserver, get_all_start_methods, get_context, parent_process
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.jsonutil import json_clean, json_default
from jupyter_client.provisioning import LocalProvisioner
from jupyter_client.session import json_packer

from deadletter.tracing import queue_outputs, trace, watch

# the entry point of pyproject.toml
PROVISIONER = "deadletter-fork"
PLAIN = "local-provisioner"
# a server takes over from this Python whether assertions hold and warnings are shown
USUAL = not (sys.flags.optimize or sys.warnoptions or "PYTHONPROFILEIMPORTTIME" in os.environ)
# a fork is unsafe on macOS once libraries have started their threads
CAN_FORK = "forkserver" in get_all_start_methods() and sys.platform != "darwin" and USUAL
# what the server imports for kernels, for what computes tables, and for what computes pages
PRELOAD, PRELOAD_TABLES = "deadletter.pipeline.preload", "deadletter.pipeline.preload_tables"
PRELOAD_PAGES = ("deadletter.site.ahead", "deadletter.trade.questions.answers", "frictionless")
# multiprocessing has one server, and no public way to ask what it has imported, or to stop it
_server: Any = forkserver._forkserver
# multiprocessing looks after all children whenever one is started, and only one thread may ask how a child ended
_CHILDREN = threading.Lock()


def start_server(*modules: str) -> BaseContext:
    """The context whose processes are forked from a server, which imports these modules from now on.

    A server that imported others for other work is stopped: a kernel would not tell that it reads them.
    """
    context, chosen = get_context("forkserver"), ["deadletter.pipeline.prepared", *modules]
    if _server._preload_modules[:2] != chosen[:2]:
        _server._stop()
    context.set_forkserver_preload(chosen)
    # the server and what it starts end with this process: what a terminal sends to all would only make them complain
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGHUP)}
    try:
        forkserver.ensure_running()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return context


def follow_parent() -> None:
    """End this process when the one that asked for it ends, however that ended."""
    parent = parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def wait() -> None:
        connection.wait([sentinel])
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def begin_work() -> None:
    """What a process that computes tables does first: a terminal's interrupt is for the run, which ends it."""
    os.setsid()
    follow_parent()
    gc.freeze()  # what was loaded stays, and need not be looked through for garbage
    if "pandas" in sys.modules:  # names of columns, too, are looked up one by one
        sys.modules["pandas"].set_option("mode.string_storage", "python")


def pack(message: Any) -> bytes:
    """A message of a kernel in JSON; half of a character, which UTF-8 cannot hold, becomes ``?``: else all is lost."""
    try:
        return json_packer(message)
    except UnicodeEncodeError:
        whole = json.dumps(json_clean(message), default=json_default, ensure_ascii=False, allow_nan=False)
        return whole.encode("utf-8", errors="replace")


def _serve(arguments: list[str], environment: Mapping[str, str], folder: str) -> None:
    """Be a kernel: what `python -m ipykernel_launcher` is, in a process that has the libraries already."""
    os.setsid()  # signals to a kernel go to its group, and a terminal's interrupt is not for it
    follow_parent()
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    try:
        trace()
    except OSError:  # nothing can be written in its folder, which who waits for the kernel finds, too
        os._exit(1)
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.initialize(arguments)
    watch(app.shell)
    queue_outputs(app.shell)
    app.start()


class _Forked:
    """A forked kernel with the methods of `subprocess.Popen` that the provisioner calls."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        with _CHILDREN:
            process.start()
        self.pid = process.pid or 0

    def poll(self) -> int | None:
        with _CHILDREN:
            return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self.poll()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class ForkedProvisioner(LocalProvisioner):
    """Launches IPython kernels by forking them; other kernels are launched as usual."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel of a command such as `python -m ipykernel_launcher -f FILE …`."""
        if not CAN_FORK or "ipykernel_launcher" not in cmd:
            return await super().launch_kernel(cmd, **kwargs)
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        environment, folder = dict(kwargs.get("env") or os.environ), str(kwargs.get("cwd") or os.getcwd())
        forked = _Forked(get_context("forkserver").Process(target=_serve, args=(arguments, environment, folder)))
        self.process = forked  # type: ignore[assignment]  # has the methods of Popen that are called
        self.pid = self.pgid = forked.pid
        self.cwd = folder
        return self.connection_info
