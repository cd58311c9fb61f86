"""Where things are: the project that a command works on, and the folders that it writes."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deadletter.errors import InputError

DESCRIPTOR = Path("data") / "datapackage.json"
# the words of the study, next to data/
STUDY_FILE = "study.yaml"
# a variable: the pipeline says here where the tables of the coding are; by hand it is unset, and they are computed
TABLES = "DEADLETTER_TABLES"
# a variable: the digest of tables that a run has checked, so that its kernels need not check them again
CHECKED = "DEADLETTER_CHECKED"
# a kernel leaves figures to the pipeline, which draws those of all kernels: a renderer starts more slowly than it draws
LATER = "DEADLETTER_DRAW_LATER"
# what editors, Python and Git keep beside the files of a study
KEPT_BESIDE = ("__pycache__", ".ipynb_checkpoints", ".git")
# files that come with the package: within it where it is installed, else in the checkout that contains it
_SHIPPED = (Path(__file__).resolve().parent / "shipped", Path(__file__).resolve().parents[2])


def shipped(name: str) -> Path:
    """A file or folder that comes with the package, by its path in the checkout."""
    return next(root / name for root in _SHIPPED if (root / name).exists())


@dataclass(frozen=True)
class Project:
    """A checkout: ``root`` holds data, params and notebooks; ``output_root`` receives what is generated."""

    root: Path
    output_root: Path

    @property
    def descriptor(self) -> Path:
        return self.root / DESCRIPTOR

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def params(self) -> Path:
        return self.root / "params"

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    @property
    def results(self) -> Path:
        return self.output_root / "results"

    @property
    def executed(self) -> Path:
        return self.output_root / "executed"

    @property
    def cache(self) -> Path:
        return self.results / ".cache"


def find_project(output_root: Path | None = None, start: Path | None = None) -> Project:
    """The project around ``start`` (default: the working folder), else the one that contains this package.

    Raises
    ------
    InputError: neither folder holds ``data/datapackage.json``.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[2]):
        if (folder / DESCRIPTOR).is_file():
            return Project(folder, (output_root or folder).resolve())
    allowed = f"a folder that holds {DESCRIPTOR.as_posix()}; `deadletter new DIR` writes one"
    raise InputError("no project here", where=str(here), allowed=allowed)


def files_below(folder: Path) -> Iterator[Path]:
    """Every file below a folder, those in folders that links lead to as well: a study reads them like its own."""
    for here, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if name not in KEPT_BESIDE and not _turns_back(Path(here, name)))
        yield from (Path(here, name) for name in sorted(names))


def _turns_back(folder: Path) -> bool:
    return folder.is_symlink() and folder.resolve() in map(Path.resolve, folder.parents)
