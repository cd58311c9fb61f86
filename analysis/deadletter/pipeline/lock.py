"""One run at a time on one output: the second waits, and says for whom."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from deadletter.files import write_atomically

PAUSE = 0.2


@contextmanager
def only_one(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock file inside; a second run waits until it is free.

    The system frees the lock when its holder ends, however it ends; a file next to it names the holder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock, holder = FileLock(path), path.with_name(f"{path.name}.holder")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        say(f"another run works on this output{_named(holder)}: waiting for it to end")
        lock.acquire(poll_interval=PAUSE)
    try:
        write_atomically(holder, json.dumps({"pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}))
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _named(holder: Path) -> str:
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        known = json.loads(holder.read_text(encoding="utf-8"))
        return f" (process {int(known['pid'])}, since {known['since']})"
    return ""
