"""The dataset: every table read and checked once, held in one immutable object."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial, wraps
from pathlib import Path
from types import MappingProxyType
from typing import Any, Concatenate, ParamSpec, TypeVar

import pandas as pd

from deadletter.dataset.problems import Problem, raise_first
from deadletter.dataset.record_rules import check_record
from deadletter.dataset.rules import check_rules
from deadletter.dataset.schema_check import validate
from deadletter.dataset.standard_tables import completed, filled, untraced
from deadletter.dataset.tables import (
    as_strings,
    checked_strings,
    data_digest,
    read_descriptor,
    read_files,
    read_strings,
    table_hashes,
    typed,
)
from deadletter.errors import InputError
from deadletter.project import CHECKED
from deadletter.tracing import files_unrecorded, note, recording

Made = TypeVar("Made")
# what this process loaded last, if anything
_last: list[Dataset] = []
Arguments = ParamSpec("Arguments")


@dataclass(frozen=True)
class Dataset:
    """All tables by name, typed; ``digest`` is a hash over the descriptor and every byte of data, ``sources``
    gives for each table its path and a hash of its own.

    Frames are handed out as copies, so that nothing a caller does can change the dataset; who asks for one is recorded
    as its reader (:mod:`deadletter.tracing`).
    """

    _tables: Mapping[str, pd.DataFrame]
    package: Mapping[str, Any]
    digest: str
    sources: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    _known: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._tables:
            raise InputError("no such table", found=name, allowed=self._tables)
        note([("data", *self.sources.get(name, (name, "")))])
        return self._tables[name].copy(deep=False)  # pandas copies what is about to be changed

    def __contains__(self, name: str) -> bool:
        return name in self._tables

    def once(self, key: Hashable, derive: Callable[[], Made]) -> Made:
        """What ``derive`` makes of the tables, made once for each key: a multiverse asks for it thousands of times.

        The result is shared: callers must not change it.
        """
        if key not in self._known:
            with recording() as seen:
                value = derive()
            self._known[key] = (value, frozenset(seen))
        value, seen = self._known[key]
        note(seen)
        return value

    def with_tables(self, **tables: pd.DataFrame) -> Dataset:
        """The same with some tables replaced; what was derived without reading these is kept."""
        paths = {self.sources.get(name, (name, ""))[0] for name in tables}
        kept = {
            key: (value, seen)
            for key, (value, seen) in self._known.items()
            if not any(kind == "data" and path in paths for kind, path, _ in seen)
        }
        return replace(self, _tables=MappingProxyType({**self._tables, **tables}), _known=kept)

    @property
    def section_titles(self) -> dict[str, str]:
        """Titles of the sections of the source, by id."""
        return dict(self["sections"].set_index("id")["title"])

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._tables)

    @property
    def focal(self) -> tuple[str, ...]:
        """The regimes that every regime notebook runs for."""

        def focal() -> tuple[str, ...]:
            regimes = self["regimes"]
            return tuple(regimes.loc[regimes["focal"] == "yes", "id"])

        return self.once("focal", focal)


def derived(
    function: Callable[Concatenate[Dataset, Arguments], Made],
) -> Callable[Concatenate[Dataset, Arguments], Made]:
    """A function of a dataset and arguments that can be keys, computed once for each; see :meth:`Dataset.once`."""

    @wraps(function)
    def known(dataset: Dataset, *given: Arguments.args, **named: Arguments.kwargs) -> Made:
        key = (function.__module__, function.__qualname__, given, *named.items())
        return dataset.once(key, partial(function, dataset, *given, **named))

    return known


def load_dataset(data: Path) -> Dataset:
    """Read and check every table that ``data/datapackage.json`` describes.

    A run checks the tables once: its kernels find the digest of what was checked in a variable. A process keeps what it
    loaded last, with all that was derived from it.

    data: the folder of the descriptor.

    Raises InputError: the first problem, naming file, row and column, with the count of the others.
    """
    with files_unrecorded():
        return _load(data)


def read_table(data: Path, name: str) -> pd.DataFrame:
    """One table, every cell a string, checked by its own schema alone; without rows where the study does not have it.

    Raises InputError: the descriptor or this table has a problem.
    """
    package = read_descriptor(data / "datapackage.json")
    own = [one | {"schema": one["schema"] | {"foreignKeys": []}} for one in package["resources"] if one["name"] == name]
    strings = {one["name"]: read_strings(data, one) for one in own}
    raise_first(validate({"resources": own}, strings))
    return filled(completed(package), strings)[name]


def _load(data: Path) -> Dataset:
    package = read_descriptor(data / "datapackage.json")
    files = read_files(data, package)
    digest, sources = data_digest(package, files), table_hashes(package, files)
    if _last and _last[0].digest == digest and _last[0].package == package:
        return _last[0]
    checked = digest == os.environ.get(CHECKED)
    read = checked_strings if checked else as_strings
    strings = {resource["name"]: read(files[resource["name"]], resource) for resource in package["resources"]}
    if not checked:
        raise_first(find_problems(package, strings))
    whole = completed(package)
    strings = filled(whole, strings)
    sources |= {one["name"]: (one["path"], "") for one in whole["resources"] if one["name"] not in sources}
    tables = {resource["name"]: typed(strings[resource["name"]], resource) for resource in whole["resources"]}
    loaded = Dataset(MappingProxyType(tables), MappingProxyType(package), digest, MappingProxyType(sources))
    _last[:] = [loaded]
    return loaded


def find_problems(package: Mapping[str, Any], strings: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """All problems of the tables by themselves: first the schemas; where those hold, the rules across tables.

    Raises InputError: a table or column is missing that every study needs.
    """
    whole = completed(package)
    strings = filled(whole, strings)
    schemas = validate(whole, strings)
    return schemas or [*untraced(package, strings), *check_rules(strings), *check_record(strings)]
