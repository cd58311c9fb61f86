"""What pages compute at length is kept in the cache for as long as data, coding and code are the same."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from deadletter.files import write_atomically
from deadletter.pipeline.import_graph import closure, file_hash, source_of


def place_in(cache: Path, name: str, parts: tuple[str, ...], module: str) -> Path:
    """Where a value is kept: it depends on ``parts``, hashes, and on the code that a module can reach."""
    code = [file_hash(path) for one in closure([module]) if (path := source_of(one))]
    key = hashlib.sha256("\n".join((*parts, *code)).encode()).hexdigest()[:16]
    return cache / f"{name}-{key}.json"


def kept(place: Path, make: Callable[[], Any]) -> Any:
    """A value of plain types, as JSON keeps it; made where it is not kept yet, or what is kept was damaged."""
    with suppress(OSError, ValueError):
        return json.loads(place.read_text(encoding="utf-8"))
    write_atomically(place, json.dumps(make(), separators=(",", ":"), allow_nan=False))
    return json.loads(place.read_text(encoding="utf-8"))
