"""Files written whole or not at all, and equal bytes for equal values."""

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

# what is being written is called .<name>.<process>-<random>.part
PART = ".part"


def part_prefix(name: str) -> str:
    """How the name of a file or folder begins while it is being written by this process."""
    return f".{name}.{os.getpid()}-"


@contextmanager
def naming(place: Path) -> Iterator[None]:
    """Name a place in errors of the system that name none, such as that of a full disk, or that name a whole list."""
    try:
        yield
    except shutil.Error as error:  # of the files of a folder that could not be copied, the first
        reason = re.sub(r"\[Errno \d+\] ([^:]*).*", r"\1", str(error.args[0][0][-1]))
        raise OSError(errno.EIO, reason, str(place)) from None
    except OSError as error:
        if error.filename or error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(place)) from None


def write_atomically(path: Path, content: str | bytes) -> None:
    """As :func:`write_together`, for one file."""
    write_together({path: content})


def write_together(contents: Mapping[Path, str | bytes]) -> None:
    """Write files so that no reader, and no crash, ever sees half of one, and all or none where the disk is full.

    Text is UTF-8. What processes that were killed left half-written in their folders is cleared away.

    Raises
    ------
    OSError: one cannot be written; ``filename`` is its path.
    """
    parts: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            clear_parts(path.parent)
            parts[path] = path.with_name(f"{part_prefix(path.name)}{secrets.token_hex(4)}{PART}")
            with parts[path].open("xb") as file:
                file.write(content.encode("utf-8") if isinstance(content, str) else content)
        for path, part in parts.items():
            os.replace(part, path)
    except BaseException as error:
        for part in parts.values():
            part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise


def clear_parts(folder: Path) -> None:
    """Delete parts whose process is gone; only Unix has a harmless way to ask."""
    for part in folder.glob(f".*{PART}") if os.name == "posix" else ():
        process = part.name.removesuffix(PART).rpartition(".")[2].partition("-")[0]
        if process.isdigit() and not _alive(int(process)):
            if part.is_dir():
                shutil.rmtree(part, ignore_errors=True)
            else:
                part.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True  # another user's
    return True


def canonical_json(value: object) -> str:
    """JSON with sorted keys, indented, ending in a newline: equal values give equal bytes."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def code_digest() -> str:
    """One hash over the source of this package."""
    root = Path(__file__).resolve().parent
    return files_digest(sorted(root.rglob("*.py")), root)


def files_digest(paths: Iterable[Path], root: Path) -> str:
    """One hash over names and bytes of files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
