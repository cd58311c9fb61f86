"""What pages compute at length is kept in the cache for as long as data, coding and code are the same."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deadletter.files import write_atomically
from deadletter.pipeline.import_graph import closure, file_hash, source_of


def kept(cache: Path, name: str, parts: tuple[str, ...], module: str, make: Callable[[], Any]) -> Any:
    """A value of plain types, as JSON keeps it: made once for the same parts and the same code of a module.

    parts: hashes of what the value depends on besides the code that the module can reach.
    """
    code = [file_hash(path) for one in closure([module]) if (path := source_of(one))]
    key = hashlib.sha256("\n".join((*parts, *code)).encode()).hexdigest()[:16]
    path = cache / f"{name}-{key}.json"
    if not path.is_file():
        write_atomically(path, json.dumps(make(), separators=(",", ":"), allow_nan=False))
    return json.loads(path.read_text(encoding="utf-8"))
