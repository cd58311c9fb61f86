"""Files written whole or not at all, and equal bytes for equal values."""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

# what is being written is called .<name>.<process>-<random>.part
PART = ".part"


def part_prefix(name: str) -> str:
    """How the name of a file or folder begins while it is being written by this process."""
    return f".{name}.{os.getpid()}-"


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file so that no reader, and no crash, ever sees half of it; text as UTF-8.

    What processes that were killed left half-written in the folder is cleared away.

    Raises
    ------
    OSError: it cannot be written; ``filename`` is the path.
    """
    raw = content.encode("utf-8") if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        clear_parts(path.parent)
        temporary = path.with_name(f"{part_prefix(path.name)}{secrets.token_hex(4)}{PART}")
        try:
            with temporary.open("xb") as file:
                file.write(raw)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        # a full disk names no file
        raise OSError(error.errno, error.strerror, str(path)) from None


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
