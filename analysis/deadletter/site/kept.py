"""What pages compute at length is kept in the cache for as long as data, coding and code are the same."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from deadletter.files import code_digest, write_atomically


def place_in(cache: Path, name: str, *parts: str) -> Path:
    """Where a value is kept: it depends on ``parts``, hashes, and on the code of this package."""
    key = hashlib.sha256("\n".join((*parts, code_digest())).encode()).hexdigest()[:16]
    return cache / f"{name}-{key}.json"


def kept(place: Path, make: Callable[[], Any]) -> Any:
    """A value of plain types, as JSON keeps it; made where it is not kept yet, or what is kept was damaged."""
    with suppress(OSError, ValueError):
        return json.loads(place.read_text(encoding="utf-8"))
    write_atomically(place, json.dumps(make(), separators=(",", ":"), allow_nan=False))
    return json.loads(place.read_text(encoding="utf-8"))
