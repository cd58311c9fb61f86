"""`deadletter multiverse`: evaluate a declaration slice by slice, keep each slice, and write the tables."""

import hashlib
import io
import json
import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass, fields
from functools import reduce
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.context import BaseContext
from operator import add
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from deadletter.coding import digest
from deadletter.coding.settings import changed
from deadletter.dataset.load import Dataset, load_dataset
from deadletter.errors import InputError
from deadletter.files import canonical_json, code_digest, write_atomically
from deadletter.frames import records
from deadletter.indices.selection import check_coding
from deadletter.labels import CELL_NAMES, share_in_words
from deadletter.multiverse import summaries
from deadletter.multiverse.declaration import every_option, load_declaration
from deadletter.multiverse.evaluated import FOLDER, KEY, altered, hash_of, line_of
from deadletter.multiverse.factors import SLICES, Design, design_of, space_of
from deadletter.multiverse.placements import Model, model_of
from deadletter.multiverse.sensitivity import sensitivity_table
from deadletter.multiverse.tally import Tally, tally_slice
from deadletter.multiverse.tipping import tipping_table
from deadletter.project import TABLES, Project, find_project
from deadletter.results import to_csv
from deadletter.workers.executor import Say, finished, open_executor, result_of, share

OTHERS = ("universes.parquet", "slices.parquet", "meta.json")
# below this many universes a second process costs more than it saves
WORTH_SHARING = 300_000


@dataclass(frozen=True)
class Multiverse:
    """What is reported of a multiverse: ``meta`` of :func:`describe`, and the tables of :func:`tables_of` by name."""

    meta: dict[str, Any]
    tables: dict[str, pd.DataFrame]

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self.tables:
            raise InputError("no such table", found=name, allowed=self.tables)
        return self.tables[name]


def open_multiverse(universes: int) -> Multiverse:
    """The multiverse that the pipeline computed; by hand, ``params/multiverse.yaml`` with so many universes.

    Raises InputError: as for :func:`prepare`.
    """
    if (folder := os.environ.get(TABLES)) is not None:
        return read(Path(folder))
    project = find_project()
    dataset = load_dataset(project.data)
    design, model = prepare(dataset, project.params / "multiverse.yaml", project.params, universes)
    tallies = [tally_slice(model, design, number) for number in range(SLICES)]
    return Multiverse(describe(design, dataset, key_of(dataset, design)), tables_of(model, design, tallies))


def read(folder: Path) -> Multiverse:
    """A multiverse as it was written."""
    found = {path.stem: pd.read_csv(path, keep_default_na=False, na_values=[""]) for path in folder.glob("*.csv")}
    found["universes"] = pd.read_parquet(folder / "universes.parquet")
    return Multiverse(json.loads((folder / "meta.json").read_text(encoding="utf-8")), found)


def prepare(dataset: Dataset, path: Path, params: Path, universes: int | None) -> tuple[Design, Model]:
    """The design and the model of a declaration.

    Raises InputError: a declaration that cannot be evaluated; see :mod:`deadletter.multiverse.declaration`.
    """
    declaration, base = load_declaration(path, params)
    for branch, option, settings in every_option(declaration):
        at = f"{path.name} branch {branch} option {option}"
        check_coding(dataset, changed(base, settings, at), at)
    space = space_of(declaration, base, path.name)
    design = design_of(space, universes, path.name)
    return design, model_of(dataset, space)


def tables_of(model: Model, design: Design, tallies: list[Tally]) -> dict[str, pd.DataFrame]:
    """The tables of a multiverse from the tallies of its slices, in their order."""
    whole = reduce(add, tallies)
    return {
        "shares": summaries.shares_table(model, whole),
        "choices": summaries.choices_table(model, design.space, whole),
        "sobol": sensitivity_table(model, design, tallies),
        "ranks": summaries.ranks_table(model, design.space, whole),
        "tipping": tipping_table(model, design.space),
        "failed": summaries.failed_table(model, design.space),
        "universes": summaries.universes_table(model, design),
    }


def describe(design: Design, dataset: Dataset, key: str, file: str = "") -> dict[str, Any]:
    """What was declared and evaluated: no times, no machine; ``file`` declares it, where it is one of the project."""
    declared = design.space.declaration
    return {
        "title": declared.title,
        "why": declared.why,
        "key": key,
        "data": dataset.digest,
        "parameters": digest(design.space.base),
        "declaration": hash_of(declared),
        "file": file,
        "base": declared.base,
        "seed": declared.seed,
        "universes": design.universes,
        "method": "full product"
        if design.full
        else "Saltelli sample of a scrambled Sobol sequence, and further points",
        "sample_rows": design.base,
        "further_points": design.rest,
        "declared_universes": design.space.count or "without number",
        "factors": [factor.name for factor in design.space.factors],
        "branches": {
            name: {"why": branch.why, "options": {o: option.why for o, option in branch.options.items()}}
            if branch.options
            else {"why": branch.why, "key": branch.key, "range": list(branch.bounds)}
            for name, branch in declared.branches.items()
        },
        "words": {
            name: {"": branch.title, **{o: option.title for o, option in branch.options.items()}}
            for name, branch in declared.branches.items()
        },
        "exclude": [{"why": e.why, "when": {b: list(o) for b, o in e.when.items()}} for e in declared.exclude],
    }


def run(project: Project, path: Path, universes: int | None, jobs: int, scheduler: str, say: Say) -> Path:
    """Evaluate a declaration and write ``results/multiverse/``; finished slices of a broken run are used again.

    Slices are shared among ``jobs`` processes, or sent to the Dask cluster at the address ``scheduler``.

    Raises InputError: bad data, parameters, declaration or cluster, before any work starts. WorkersError: those who
    worked on slices are gone.
    """
    dataset = load_dataset(project.data)
    design, model = prepare(dataset, path, project.params, universes)
    key = key_of(dataset, design)
    folder = project.results / FOLDER
    if not altered(folder) and (folder / KEY).read_text(encoding="utf-8").startswith(f"{key}\n"):
        say(f"multiverse of {design.universes} universes: up to date")
        return folder
    store = project.cache / FOLDER / key[:16]
    alone = not scheduler and (jobs == 1 or design.universes < WORTH_SHARING)
    with nullcontext() if alone else open_executor(jobs, scheduler, say, _forking()) as executor:
        tallies = evaluate(model, design, store, executor, say)
    made = tables_of(model, design, tallies)
    for name, table in made.items():
        if name == "universes":
            write_atomically(folder / f"{name}.parquet", _parquet(table, key))
        else:
            write_atomically(folder / f"{name}.csv", to_csv(table))
    write_atomically(folder / "slices.parquet", _parquet(_flat(tallies), key))
    inside = path.resolve().is_relative_to(project.root.resolve())
    file = path.resolve().relative_to(project.root.resolve()).as_posix() if inside else ""
    write_atomically(folder / "meta.json", canonical_json(describe(design, dataset, key, file)))
    names = (*(f"{name}.csv" for name in made if name != "universes"), *OTHERS)
    write_atomically(folder / KEY, "\n".join([key, *(line_of(folder, name) for name in names), ""]))
    for old in store.parent.glob("*/*.npz"):
        old.unlink(missing_ok=True)
    return folder


def headline(folder: Path) -> Iterator[str]:
    """The share of each placement of the whole regimes by each basis, for a terminal."""
    multiverse = read(folder)
    shares = multiverse["shares"]
    whole = shares[(shares["component"] == "all") & (shares["basis"] != "all")]
    for (regime, basis), group in whole[whole["share"] > 0].groupby(["regime", "basis"]):
        ordered = group.sort_values(["share", "label"], ascending=[False, True])
        labels = "; ".join(f"{CELL_NAMES[r['label']]} {share_in_words(r['share'])}" for r in records(ordered))
        yield f"{regime} by {basis}: {labels}"
    yield f"{multiverse.meta['universes']} universes; tables in results/{folder.name}/"


def key_of(dataset: Dataset, design: Design) -> str:
    """What a multiverse depends on: declaration, base, data, code, and how many universes."""
    space = design.space
    parts = (space.declaration.model_dump_json(), digest(space.base), dataset.digest, code_digest())
    return hashlib.sha256("\n".join((*parts, str(design.universes))).encode()).hexdigest()


def evaluate(model: Model, design: Design, store: Path, executor: Executor | None, say: Say) -> list[Tally]:
    """The tally of every slice, in order: those in ``store`` as they stand, the others anew and kept there."""
    kept = {number: _read(path) for number in range(SLICES) if (path := _slice(store, number)).is_file()}
    if kept:
        say(f"{len(kept)} of {SLICES} slices were kept from an earlier run")
    shared = share(executor, model), share(executor, design)
    tasks = {number: (*shared, number) for number in range(SLICES) if number not in kept}
    for number, future in finished(executor, tally_slice, tasks.items()):
        kept[number] = _keep(store, number, result_of(future))
    return [kept[number] for number in range(SLICES)]


def _forking() -> BaseContext:
    # a forked worker has the libraries loaded already; nothing here starts threads before
    return get_context("fork" if "fork" in get_all_start_methods() else "spawn")


def _slice(store: Path, number: int) -> Path:
    return store / f"{number:02d}.npz"


def _keep(store: Path, number: int, tally: Tally) -> Tally:
    buffer = io.BytesIO()
    np.savez(buffer, **{f.name: getattr(tally, f.name) for f in fields(tally)})
    write_atomically(_slice(store, number), buffer.getvalue())
    return tally


def _read(path: Path) -> Tally:
    with np.load(path, allow_pickle=False) as arrays:
        return Tally(*(arrays[f.name] for f in fields(Tally)))


def _flat(tallies: list[Tally]) -> pd.DataFrame:
    """One row a slice, one column a kind of sum, each a flat list in row-major order."""
    return pd.DataFrame({f.name: [getattr(t, f.name).ravel().tolist() for t in tallies] for f in fields(Tally)})


def _parquet(table: pd.DataFrame, key: str) -> bytes:
    """Parquet that carries the hash of what it was computed from."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrow = pa.Table.from_pandas(table, preserve_index=False)
    arrow = arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), b"deadletter": key.encode()})
    buffer = io.BytesIO()
    pq.write_table(arrow, buffer)
    return buffer.getvalue()
