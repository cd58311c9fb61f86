"""What people see: output that any code page can hold, progress on standard error, and one style of error."""

import contextlib
import io
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from deadletter.errors import InputError, NotebookError, WorkersError, one_line

INTERRUPTED = 130
# what ends a command as Ctrl-C does, so that nothing it started and no temporary file outlives it: a scheduler or the
# system that shuts down, a terminal that is closed
ENDING = ("SIGTERM", "SIGHUP")
_ended = INTERRUPTED


def encode_safely() -> None:
    """Replace what the code page of a stream cannot hold, instead of failing after the work is done.

    What goes to a stream that was closed before the start (``>&-``, some schedulers) goes nowhere; this process's
    children get an open one.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = getattr(sys, name)
        if stream is None:
            if (place := os.open(os.devnull, os.O_RDWR)) != number:
                os.dup2(place, number)
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", encoding="utf-8"))
        elif isinstance(stream, io.TextIOWrapper) and number:
            stream.reconfigure(errors="replace")


def refuse_blank(words: Sequence[str]) -> None:
    """See that no word of the command line is empty, as a variable of a script is that was never set.

    Raises InputError: one is, which would mean the working folder, or nothing at all.
    """
    for before, word in pairwise(("deadletter", *words)):
        name = re.match(r"(--[\w-]+)=\s*\Z", word)
        if name or not word.strip():
            where = name[1] if name else one_line(before)
            raise InputError("is followed by an empty word", where=where, allowed="a value, or nothing")


def end_tidily() -> None:
    """Take the signals that end a command for an interrupt; those that are ignored stay so, as under `nohup`."""
    if threading.current_thread() is threading.main_thread():
        for number in (getattr(signal, name) for name in ENDING if hasattr(signal, name)):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _interrupt)


def _interrupt(number: int, _: object) -> None:
    global _ended
    _ended = 128 + number
    raise KeyboardInterrupt


@contextlib.contextmanager
def working(what: str, *, quiet: bool = False) -> Iterator[None]:
    """Say from the first moment what is being done: a moving line on a terminal, elsewhere a plain one, or none."""
    if not sys.stderr.isatty():
        if not quiet:
            print(f"{what} …", file=sys.stderr, flush=True)
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


def exit_code_of(command: Callable[[], int | None]) -> int | None:
    """Run a command; print what a user can mend as one line, and give the exit code."""
    try:
        code = command()
        sys.stdout.flush()  # here, so that a failure is reported as any other error is
    except InputError as error:
        return _failed(str(error), 2)
    except NotebookError as error:
        return _failed(str(error), 1)
    except WorkersError as error:
        return _failed(f"{error}; what was finished is kept: rerun the same command to resume", 1)
    except BrokenPipeError:  # who reads has had enough, as `head` soon has
        _drop_unwritten()
        return 1
    except OSError as error:
        _drop_unwritten()
        # a disk that is full, a folder that cannot be written
        unnamed = "this folder" if isinstance(error, FileNotFoundError) else "output"  # it was deleted
        return _failed(one_line(f"{error.filename or unnamed}: {error.strerror or error}"), 1)
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code != INTERRUPTED:
        return code
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # another one would only make the interpreter complain as it ends
    with contextlib.suppress(OSError):  # of a terminal that is gone
        print("interrupted: what was finished stays usable", file=sys.stderr)
    return _ended


def _drop_unwritten() -> None:
    """Let go of output that cannot be written: the interpreter would try again as it ends, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failed(message: str, code: int) -> int:
    print(f"error: {message}", file=sys.stderr)
    return code
