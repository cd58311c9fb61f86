"""What a computation reads, recorded as it happens: nothing needs to be declared, so nothing can be forgotten.

Five kinds are recorded: ``data`` (a table of the evidence) and ``coding`` (a parameter file with what it extends), with
the hash of what was read; ``module`` (one of this package, when it is loaded), ``file`` (any other file opened for
reading) and ``folder`` (one whose files were listed). A computation that is repeated with the same of all these reads
the same again, hence gives the same: that is what makes a recorded result current. Beside them, ``opened`` says what a
notebook opened (regime, coding and settings) and ``changed`` which of its parameters a cell changed.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.abc import PathEntryFinder
from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES, ExtensionFileLoader, FileFinder, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

# kind, name, and the hash of what was read where it is known at that moment
Read = tuple[str, str, str]
# the pipeline names here the file into which a kernel writes what it reads
TRACE = "DEADLETTER_TRACE"
# and here, as JSON, the parameters that it sets
ASKED = "DEADLETTER_ASKED"
OPENED, CHANGED = "opened", "changed"
# outputs that may wait for who reads them
QUEUED = 1_000_000
PACKAGE = __name__.partition(".")[0]

_recorders: list[set[Read]] = []
_unrecorded = 0
# modules that are loaded for notebooks before their kernels start
_ready: set[str] = set()


def loaded_ahead(modules: Iterable[str]) -> None:
    """Count modules as read by whatever is traced from :func:`trace` on, since it will not look for them again."""
    _ready.update(name for name in modules if name.startswith(f"{PACKAGE}."))


@contextmanager
def recording() -> Iterator[set[Read]]:
    """Collect what is read inside, in this thread of work; recordings nest."""
    seen: set[Read] = set()
    _recorders.append(seen)
    try:
        yield seen
    finally:
        # by identity: two sets that hold the same are equal
        _recorders[:] = [recorder for recorder in _recorders if recorder is not seen]


def note(reads: Iterable[Read]) -> None:
    """Tell every recorder what is read, or was read for something that is kept and used again."""
    for recorder in _recorders:
        recorder.update(reads)


def note_opened(regime: str, coding: str, settings: Iterable[str]) -> None:
    """Record what a notebook opens, to be compared with what it was asked to."""
    opened = {"regime": regime, "coding": coding, "settings": list(settings)}
    note([(OPENED, json.dumps(opened, sort_keys=True), "")])


@contextmanager
def files_unrecorded() -> Iterator[None]:
    """Files opened inside are not recorded as files: the caller records what it uses of them."""
    global _unrecorded
    _unrecorded += 1
    try:
        yield
    finally:
        _unrecorded -= 1


class _Sink(set[Read]):
    """A recorder that also writes each read through to a file, so that the end of the process loses none."""

    def __init__(self, handle: int) -> None:
        super().__init__()
        self._handle = handle

    def update(self, *reads: Iterable[Read]) -> None:
        for read in (read for group in reads for read in group):
            if read not in self:
                self.add(read)
                line = (json.dumps(read) + "\n").encode()
                while line:  # a disk that fills takes part of it, and raises on the rest
                    line = line[os.write(self._handle, line) :]


class _Modules:
    """A finder that finds nothing, and records which modules of this package are looked for, hence loaded."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:
        if name.startswith(f"{PACKAGE}."):
            note([("module", name, "")])


def trace() -> None:
    """Tell everything that this process reads from now on, into the file that the pipeline named; else do nothing."""
    if TRACE not in os.environ:
        return
    _recorders.append(_Sink(os.open(os.environ.pop(TRACE), os.O_WRONLY | os.O_CREAT | os.O_APPEND)))
    sys.meta_path.insert(0, _Modules())
    note(("module", name, "") for name in _ready)
    sys.path_hooks.insert(0, _from_source(os.getcwd()))
    sys.addaudithook(_opened)


def watch(shell: Any) -> None:
    """Record each parameter that a cell of this kernel changes once the pipeline has set it, by whatever means."""
    asked = {name: json.dumps(value) for name, value in json.loads(os.environ.pop(ASKED, "{}")).items()}
    reached = False

    def look(*_: object) -> None:
        nonlocal reached
        held = {name: json.dumps(shell.user_ns.get(name), default=repr) for name in asked}
        reached = reached or held == asked
        if reached:
            note((CHANGED, name, "") for name in asked if held[name] != asked[name])

    shell.events.register("post_run_cell", look)


def queue_outputs(shell: Any) -> None:
    """Let outputs wait for who reads them: beyond a thousand, which is the usual length of the queue, they are lost."""
    thread = shell.kernel.iopub_thread

    def lengthen(*_: object) -> None:
        thread.schedule(lambda: setattr(thread.socket, "sndhwm", QUEUED))

    shell.events.register("pre_run_cell", lengthen)  # when there is a connection, which alone is changed


class _Source(SourceFileLoader):
    """Reads a module from its source each time: bytecode beside it may be older, and reading it hides the source."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def _from_source(folder: str) -> Callable[[str], PathEntryFinder]:
    """What finds the modules below a folder, for `sys.path_hooks`."""
    find = FileFinder.path_hook((_Source, SOURCE_SUFFIXES), (ExtensionFileLoader, EXTENSION_SUFFIXES))

    def hook(path: str) -> PathEntryFinder:
        if os.path.commonpath((folder, os.path.abspath(path))) != folder:
            raise ImportError(path)
        return find(path)

    return hook


_EVENTS = {"open": "file", "os.listdir": "folder", "os.scandir": "folder"}


def _opened(event: str, arguments: tuple[Any, ...]) -> None:
    kind = _EVENTS.get(event)
    if kind and not _unrecorded and isinstance(arguments[0], str | os.PathLike):
        path, *_, flags = (*arguments, os.O_RDONLY) if kind == "folder" else arguments
        name = os.path.abspath(os.fspath(path))
        if isinstance(name, str) and not flags & (os.O_WRONLY | os.O_RDWR):
            note([(kind, name, "")])


def traced(file: Path) -> frozenset[Read]:
    """What a process recorded in a file, but for a last line without an end: what cut it off is an error of its own."""
    if not file.is_file():
        return frozenset()
    *lines, _ = file.read_text(encoding="utf-8").split("\n")
    return frozenset(tuple(json.loads(line)) for line in lines)
