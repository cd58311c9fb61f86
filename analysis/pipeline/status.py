"""What a run would execute, and why: what `run`, `--explain`, `--dry-run`, `check` and the site's panel ask."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from analysis.coding import load_coding, to_settings
from analysis.evidence.load import load_evidence
from analysis.paths import Project
from analysis.pipeline.manifest import Job, code_digest, jobs_of, multiverse_jobs, notebook_digest
from analysis.pipeline.run import _hash, _recorded, table_key


@dataclass(frozen=True)
class Status:
    """A job with the reasons to execute it, one plain sentence each; none where its output is current."""

    job: Job
    reasons: tuple[str, ...]


def statuses(project: Project, codings: Iterable[str], regimes: Iterable[str] = ()) -> list[Status]:
    """The status of every job of some codings of params/, and of the notebooks about the multiverse.

    Parameters
    ----------
    regimes: only these focal regimes; default: all.

    Raises
    ------
    InputError: bad data or parameters.
    """
    evidence, code = load_evidence(project.data, project.cache), code_digest()
    found = []
    for name in codings:
        coding = load_coding(project.params, name)
        tables = table_key(evidence, coding, code)
        for job in jobs_of(project, name, to_settings(coding), tuple(regimes) or evidence.focal):
            key = _hash(tables, notebook_digest(job.source(project)), json.dumps(job.parameters, sort_keys=True))
            found.append(Status(job, _reasons(project, job, key)))
    for job in multiverse_jobs(project):
        told = (project.results / job.coding / "meta.json").read_text(encoding="utf-8")
        found.append(Status(job, _reasons(project, job, _hash(told, code, notebook_digest(job.source(project))))))
    return found


def _reasons(project: Project, job: Job, key: str) -> tuple[str, ...]:
    recorded = _recorded(project, job)
    if not recorded:
        return ("first run",)
    if recorded != key:
        return ("data, parameters or code changed",)
    return () if job.target(project).is_file() else ("output missing",)
