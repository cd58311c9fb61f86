"""Two studies that the program takes through the same journeys: the first one, and the example of `deadletter new`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from deadletter.dataset.load import Dataset, load_dataset
from deadletter.dataset.new_study import new_study
from tests.commands import deadletter

FIRST, EXAMPLE = "first", "example"


@dataclass(frozen=True)
class Study:
    """A study whose baseline is up to date, which tests read or copy.

    claim: one that rows of the account decide. table: one that is read by the notebooks ``readers`` alone.
    """

    name: str
    root: Path
    claim: str
    table: str
    readers: tuple[str, ...]
    universes: int

    @cached_property
    def dataset(self) -> Dataset:
        return load_dataset(self.root / "data")

    @property
    def regimes(self) -> tuple[str, ...]:
        return self.dataset.focal


def run_example(folder: Path) -> None:
    """Write the example into a folder and run it."""
    new_study(folder)
    done = deadletter("run", "--jobs", "2", cwd=folder, timeout=600)
    assert done.returncode == 0, done.stderr
