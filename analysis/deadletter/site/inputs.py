"""What a site is made of: results and executed notebooks of the chosen codings, and whether they are current."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd

from deadletter.chapter.opened import read_table
from deadletter.coding import REFERENCE, Coding, coding_names, load_coding, to_settings
from deadletter.dataset.load import Dataset, load_dataset
from deadletter.errors import InputError
from deadletter.indices.selection import focal_of
from deadletter.multiverse.evaluated import outdated
from deadletter.pipeline.plan import MULTIVERSE, Job, jobs_of, multiverse_jobs
from deadletter.pipeline.records import read_record
from deadletter.pipeline.status import job_record, statuses
from deadletter.project import Project
from deadletter.results import by_measure
from deadletter.study import Study, read_study

TABLES = ("indices.csv", "placement.csv", "claims.csv", "argument.json", "run.json")


@dataclass(frozen=True)
class Results:
    """What one coding gave."""

    name: str
    coding: Coding
    folder: Path
    jobs: tuple[Job, ...]

    @cached_property
    def claims(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "claims.csv", dtype=str, keep_default_na=False)

    @cached_property
    def indices(self) -> pd.DataFrame:
        return read_table(self.folder / "indices.csv")

    @cached_property
    def placements(self) -> pd.DataFrame:
        """Placements under every measure of formalisation."""
        return read_table(self.folder / "placement.csv")

    @property
    def placement(self) -> pd.DataFrame:
        """Placements under the measure of formalisation that the coding chooses."""
        return by_measure(self.placements, self.coding)

    @cached_property
    def nodes(self) -> dict[str, dict[str, Any]]:
        """The claims of the argument by id."""
        return {node["id"]: node for node in self._json("argument.json")["nodes"]}

    @cached_property
    def supports(self) -> dict[str, list[str]]:
        """The claims that support a claim, by its id."""
        found: dict[str, list[str]] = {}
        for edge in self._json("argument.json")["edges"]:
            found.setdefault(edge["to"], []).append(edge["from"])
        return found

    @cached_property
    def run(self) -> dict[str, Any]:
        """Facts about the run."""
        return self._json("run.json")

    def table(self, name: str) -> pd.DataFrame:
        """Any table of the results; empty where there is none."""
        return read_table(self.folder / name) if (self.folder / name).is_file() else pd.DataFrame()

    def _json(self, name: str) -> dict[str, Any]:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Material:
    """Everything that the pages show; ``stale`` gives the reasons by the name of a job that is not current, ``pdf``
    says that the summaries are printed as well."""

    project: Project
    dataset: Dataset
    results: tuple[Results, ...]
    multiverse: tuple[Job, ...]
    stale: Mapping[str, Sequence[str]]
    study: Study
    pdf: bool = False
    _read: dict[str, nbformat.NotebookNode] = field(default_factory=dict, repr=False)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Every executed notebook, coding by coding."""
        return (*(job for results in self.results for job in results.jobs), *self.multiverse)

    def of(self, coding: str) -> Results | None:
        return next((results for results in self.results if results.name == coding), None)

    def stale_reasons(self, results: Results) -> tuple[str, ...]:
        """Why anything of a coding is not current."""
        return tuple(dict.fromkeys(reason for job in results.jobs for reason in self.stale.get(job.name, ())))

    def notebook(self, job: Job) -> nbformat.NotebookNode:
        """The executed copy of a notebook."""
        if job.name not in self._read:
            self._read[job.name] = nbformat.read(job.target(self.project), as_version=4)
        return self._read[job.name]


def gather(project: Project, codings: Sequence[str], *, pdf: bool = False) -> Material:
    """What a site of these codings is made of; without names, of every coding that was run.

    Raises InputError: bad data or parameters, or results or executed notebooks are missing; says what to run.
    """
    dataset = load_dataset(project.data)
    known = coding_names(project.params)
    chosen = list(dict.fromkeys(codings)) or [name for name in known if (project.results / name).is_dir()]
    # the reference comes first: the others are described by what they change
    chosen.sort(key=lambda name: name != REFERENCE)
    if not chosen:
        raise InputError("no results yet", where=str(project.results), allowed="run `deadletter run` first")
    results = []
    for name in chosen:
        coding = load_coding(project.params, name)
        jobs = tuple(jobs_of(project, name, to_settings(coding), focal_of(dataset, coding)))
        _complete(project, name, jobs)
        results.append(Results(name, coding, project.results / name, jobs))
    multiverse = tuple(job for job in multiverse_jobs(project) if job.target(project).is_file())
    used = {job.name for one in results for job in one.jobs} | {job.name for job in multiverse}
    stale = {one.job.name: one.reasons for one in statuses(project, chosen) if one.reasons and one.job.name in used}
    if reason := outdated(project, dataset):
        stale["results/multiverse"] = (reason,)
        readers = (
            job for job in (*(job for one in results for job in one.jobs), *multiverse) if _shows_it(project, job)
        )
        stale |= {job.name: (*stale.get(job.name, ()), f"results/multiverse {reason}") for job in readers}
    return Material(project, dataset, tuple(results), multiverse, stale, read_study(project.root), pdf)


def _shows_it(project: Project, job: Job) -> bool:
    """Whether a notebook shows the multiverse."""
    record = read_record(job_record(project, job))
    return record is not None and (
        job.coding == MULTIVERSE or any(table.startswith(f"../{MULTIVERSE}/") for table in record.tables)
    )


def _complete(project: Project, coding: str, jobs: Sequence[Job]) -> None:
    folder = project.results / coding
    missing = [f"results/{coding}/{name}" for name in TABLES if not (folder / name).is_file()]
    missing += [f"executed/{job.name}.ipynb" for job in jobs if not job.target(project).is_file()]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InputError(f"is missing{more}", where=missing[0], allowed=f"run `deadletter run {coding}` first")
