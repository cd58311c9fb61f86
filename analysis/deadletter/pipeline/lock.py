"""One run at a time on one output: the second waits, and says for whom."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

PAUSE = 0.2


@contextlib.contextmanager
def only_one(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock file inside; who comes second waits until it is free.

    The system frees the lock when its holder ends, however it ends, so that none is ever left behind; what stands in
    the file only tells who holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        told = False
        while not _take(file):
            if not told:
                say(f"another run works on this output{_holder(path)}: waiting for it to end")
                told = True
            time.sleep(PAUSE)
        file.seek(0)
        file.truncate()
        started = time.strftime("%Y-%m-%d %H:%M:%S")
        file.write(json.dumps({"pid": os.getpid(), "since": started}))
        file.flush()
        try:
            yield
        finally:
            file.seek(0)
            file.truncate()
            file.flush()
            _give_back(file)


def _holder(path: Path) -> str:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        told = json.loads(path.read_text(encoding="utf-8"))
        return f" (process {int(told['pid'])}, since {told['since']})"
    return ""


if os.name == "nt":
    import msvcrt

    # one byte far behind what is written, so that others can read it
    PLACE = 1 << 20

    def _take(file: IO[str]) -> bool:
        try:
            file.seek(PLACE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _give_back(file: IO[str]) -> None:
        file.seek(PLACE)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _give_back(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
