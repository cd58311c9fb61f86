"""Execute one tiny notebook again and again in this process; print its resident size after each time, in KiB."""

from __future__ import annotations

import sys
from pathlib import Path

from deadletter.pipeline.execution import Task, execute
from tests.faults.tiny import tiny_project


def size() -> int:
    """Resident memory of this process, in KiB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def main(folder: Path, times: int) -> None:
    project = tiny_project(folder, "print('x' * 10_000)")
    (project / "tables").mkdir()
    text = (project / "notebooks" / "01_tiny.ipynb").read_text(encoding="utf-8")
    for number in range(times):
        outcome = execute(Task(f"tiny {number}", text, {}, 120), project, project / "tables")
        assert not outcome.error, outcome.error
        print(size(), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
