"""`deadletter run`: tables in cached steps, then the notebooks that are out of date, then the record of the run."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from analysis.coding import Coding, apply_settings, coding_names, digest, load_coding, to_settings
from analysis.errors import InputError, NotebookError
from analysis.evidence.load import Evidence, load_evidence
from analysis.files import canonical_json, write_atomically
from analysis.paths import Project
from analysis.pipeline.execute import Outcome, execute
from analysis.pipeline.manifest import Job, code_digest, jobs_of, multiverse_jobs, notebook_digest
from analysis.pipeline.trade import TRADE_FILES, trade_texts
from analysis.study import FORECAST_FILES, TABLES

Say = Callable[[str], None]
LIBRARIES = ("altair", "nbclient", "numpy", "pandas", "papermill", "pyfixest", "scipy", "statsmodels")


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    codings: tuple[str, ...]
    regimes: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    jobs: int = 1
    force: bool = False
    timeout: int = 600


def run(project: Project, request: Request, say: Say) -> list[Job]:
    """Bring tables and executed notebooks of the codings up to date; returns the jobs that were executed.

    Raises
    ------
    InputError: bad data, parameters or arguments; found before anything is written.
    NotebookError: a notebook failed; the others were finished first.
    """
    chosen = {name: apply_settings(load_coding(project.params, name), request.settings) for name in request.codings}
    evidence = load_evidence(project.data, project.cache)
    regimes = _known(request.regimes, evidence) or evidence.focal
    code = code_digest()
    pending: list[tuple[Job, str]] = []
    for name, coding in chosen.items():
        label = name if not request.settings else f"{name}+{digest(coding)[:8]}"
        key = table_key(evidence, coding, code)
        if write_tables(project, evidence, coding, label, key, force=request.force):
            say(f"tables of {label}: written to results/{label}/")
        else:
            say(f"tables of {label}: up to date")
        for job in jobs_of(project, label, to_settings(coding), regimes):
            job_key = _hash(key, notebook_digest(job.source(project)), json.dumps(job.parameters, sort_keys=True))
            if request.force or _recorded(project, job) != job_key or not job.target(project).is_file():
                pending.append((job, job_key))
            else:
                say(f"{job.name}: up to date")
    for job in multiverse_jobs(project):
        told = (project.results / job.coding / "meta.json").read_text(encoding="utf-8")
        job_key = _hash(told, code, notebook_digest(job.source(project)))
        if request.force or _recorded(project, job) != job_key or not job.target(project).is_file():
            pending.append((job, job_key))
        else:
            say(f"{job.name}: up to date")
    failed = _execute_all(project, pending, request, say)
    if failed:
        raise NotebookError("\n".join(f"{f.job} failed: {f.error}" + _kept(f) for f in failed))
    return [job for job, _ in pending]


def _kept(outcome: Outcome) -> str:
    return f"; what ran of it is kept as {outcome.partial}" if outcome.partial else ""


def _known(regimes: Iterable[str], evidence: Evidence) -> tuple[str, ...]:
    for regime in (chosen := tuple(regimes)):
        if regime not in evidence.focal:
            raise InputError("unknown regime", where="--regime", found=regime, allowed=evidence.focal)
    return chosen


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def table_key(evidence: Evidence, coding: Coding, code: str) -> str:
    """What the tables of a coding depend on: data, settings, code."""
    return _hash(evidence.digest, digest(coding), code)


def output_states(project: Project) -> list[str]:
    """A line for each named coding that has results: do they fit the data, the parameters and the code as they are?

    Raises
    ------
    InputError: bad data or parameters.
    """
    evidence, code = load_evidence(project.data, project.cache), code_digest()
    lines = []
    for name in coding_names(project.params):
        stamp = project.cache / f"tables-{name}"
        if stamp.is_file():
            key = table_key(evidence, load_coding(project.params, name), code)
            current = stamp.read_text(encoding="utf-8").strip() == key
            lines.append(f"results/{name}: {'current' if current else 'stale: run `deadletter run ' + name + '`'}")
    return lines or ["results: none yet; run `deadletter run`"]


def write_tables(project: Project, evidence: Evidence, coding: Coding, label: str, key: str, *, force: bool) -> bool:
    """Compute and write the tables of one coding unless they stand for this very key; says whether it did."""
    from analysis import tables
    from analysis.argument.grounds import Grounds
    from analysis.argument.ledger import argument_graph, claims_table, decide
    from analysis.charts.overview import overview_chart
    from analysis.trade.results import judged_statements

    folder, stamp = project.results / label, project.cache / f"tables-{label}"
    names = (
        "indices.csv",
        "placement.csv",
        "claims.csv",
        "argument.json",
        "overview.svg",
        *FORECAST_FILES,
        *TRADE_FILES,
    )
    current = stamp.is_file() and stamp.read_text(encoding="utf-8").strip() == key
    if current and not force and all((folder / name).is_file() for name in names):
        return False
    indices = tables.indices_table(evidence, coding)
    placement = tables.placement_table(evidence, coding, indices)
    ledger = decide(Grounds(evidence, coding, indices, placement, judged_statements(evidence, coding)))
    later = tables.forecast_tables(evidence, coding, indices, placement)
    texts = {
        "indices.csv": tables.to_csv(indices),
        "placement.csv": tables.to_csv(placement),
        **{name: tables.to_csv(table) for name, table in later.items()},
        **trade_texts(project.cache, evidence, coding, code_digest(), force=force),
        "claims.csv": tables.to_csv(claims_table(ledger)),
        "argument.json": canonical_json(argument_graph(ledger)),
        "overview.svg": overview_chart(indices, placement, coding.calibration).svg() + "\n",
    }
    for name, text in texts.items():
        write_atomically(folder / name, text)
    write_atomically(stamp, key + "\n")
    return True


def _record_path(project: Project, job: Job) -> Path:
    return project.cache / "notebooks" / job.coding / job.regime / job.notebook


def _recorded(project: Project, job: Job) -> str:
    path = _record_path(project, job)
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def _execute_all(project: Project, pending: Sequence[tuple[Job, str]], request: Request, say: Say) -> list[Outcome]:
    """Execute jobs in a pool of processes, record each that succeeded, and write the record of the run."""
    if not pending:
        return []
    failed: list[Outcome] = []
    started, seconds = time.time(), {}
    with ProcessPoolExecutor(min(request.jobs, len(pending)), mp_context=get_context("spawn")) as pool:
        running = {}
        for job, key in pending:
            environment = {TABLES: str(project.results / job.coding)}
            arguments = (
                job.source(project),
                job.target(project),
                job.parameters,
                environment,
                request.timeout,
                job.name,
            )
            running[pool.submit(execute, *arguments)] = (job, key)
        while running:
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                job, key = running.pop(future)
                outcome = future.result()
                seconds[job.name] = round(time.time() - started, 2)
                if outcome.error:
                    failed.append(outcome)
                    say(f"{job.name}: failed: {outcome.error}")
                else:
                    write_atomically(_record_path(project, job), key + "\n")
                    say(f"{job.name}: done")
    for coding in sorted({job.coding for job, _ in pending}):
        record = _facts(request, started, {name: s for name, s in seconds.items() if name.startswith(f"{coding}/")})
        write_atomically(project.results / coding / "run.json", canonical_json(record))
    return sorted(failed, key=lambda outcome: outcome.job)


def _facts(request: Request, started: float, seconds: dict[str, float]) -> dict[str, Any]:
    """Facts about a run: never part of a result, never hashed."""
    return {
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        "seconds": round(time.time() - started, 2),
        "finished_after_seconds": seconds,
        "jobs": request.jobs,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "packages": {name: version(name) for name in LIBRARIES},
    }
