"""`deadletter run`: tables in steps, then the notebooks that are out of date, then the record of the run."""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import groupby, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from deadletter.coding import Coding, apply_settings, digest, load_coding
from deadletter.dataset.load import load_dataset
from deadletter.dataset.problems import raise_first
from deadletter.dataset.standard_tables import standard
from deadletter.environment import allow_addresses, allow_jobs
from deadletter.errors import InputError, NotebookError, WorkersError
from deadletter.files import write_atomically
from deadletter.indices.selection import check_coding, focal_of
from deadletter.notebook_files import moved
from deadletter.pipeline.compute_tables import compute_tables
from deadletter.pipeline.execution import Outcome, Task, execute, open_threads
from deadletter.pipeline.injected import not_as_asked
from deadletter.pipeline.kernels import CAN_FORK, PRELOAD, PRELOAD_TABLES, begin_work, start_server
from deadletter.pipeline.lock import only_one
from deadletter.pipeline.noop import leave_receipt, state
from deadletter.pipeline.notebook_imports import lost_imports
from deadletter.pipeline.plan import MULTIVERSE, Job, notebook_digest
from deadletter.pipeline.records import Present, keep, read_record
from deadletter.pipeline.run_facts import write_facts
from deadletter.pipeline.status import Plan, job_record, known_regimes, parameters_of, plan, tables_record
from deadletter.project import Project
from deadletter.study import FILE, read_study
from deadletter.workers.executor import Files, Say, finished, open_executor, placed, result_of, send

ASKED = "asked for"
# files, pipes and sockets that are open at a time: by the run itself, and for each kernel
FILES, FILES_EACH = 64, 32
# processes and threads, alike
PROCESSES, PROCESSES_EACH = 32, 16


@dataclass(frozen=True)
class Request:
    """What the user asked for; ``arguments`` are those of the command line, for the quick answer next time."""

    codings: tuple[str, ...]
    regimes: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    jobs: int = 1
    force: bool = False
    force_notebooks: bool = False
    explain: bool = False
    dry_run: bool = False
    plain_kernels: bool = False
    timeout: float = 600
    scheduler: str = ""
    arguments: tuple[str, ...] = ()

    @property
    def fork(self) -> bool:
        # a worker of a cluster is a daemon, which must not have children of multiprocessing
        return CAN_FORK and not self.plain_kernels and not self.scheduler


def run(project: Project, request: Request, say: Say) -> list[Job]:
    """Bring tables and executed notebooks of the codings up to date; returns the jobs that were executed.

    Raises
    ------
    InputError: bad data, parameters, arguments or cluster; found before anything is written.
    WorkersError: the workers that computed tables or executed notebooks are gone.
    NotebookError: a notebook failed, or an input changed meanwhile; the others were finished first.
    """
    allow_addresses()
    allow_jobs(FILES + FILES_EACH * request.jobs, PROCESSES + PROCESSES_EACH * request.jobs)
    forking = request.fork and not request.dry_run
    # a run with nothing to do seldom gets here: let the server import the libraries meanwhile
    ahead = (PRELOAD, PRELOAD_TABLES) if _has_flows(project) else (PRELOAD,)
    context = start_server(*ahead) if forking else get_context("spawn")
    codings = _codings(project, request)
    _check(project, codings, request.regimes)
    if request.dry_run:
        for line in _lines(_planned(Present(project), codings, request, say), explain=True):
            say(line)
        return []
    with only_one(project.cache / "lock", say):
        before, present = state(project), Present(project)
        present.look()
        planned = _planned(present, codings, request, say)
        for line in _lines(planned, explain=request.explain):
            say(line)
        if (project.results / MULTIVERSE / "meta.json").is_file():
            from deadletter.multiverse.evaluated import command_again, outdated  # loads slowly

            if reason := outdated(project, load_dataset(project.data)):
                say(f"results/{MULTIVERSE}: {reason}: run `{command_again(project)}`")
        due = [status.job for status in planned.notebooks if status.reasons]
        stale = [status for status in planned.tables if status.reasons]
        if due or stale:
            started = time.time()
            with open_executor(request.jobs, request.scheduler, say, context, begin_work) as pool:
                inputs = send(pool, project.root, ("data", "params", FILE))
                problems = compute_tables(present, codings, planned, pool, inputs, reuse=not request.force)
                for label in dict.fromkeys(status.label for status in stale):
                    say(f"tables of {label}: written to results/{label}/")
                with nullcontext(pool) if request.scheduler else open_threads(request.jobs) as kernels:
                    failed, seconds = _execute_all(present, planned, request, kernels, inputs, say)
            write_facts(project, started, request.jobs, seconds)
            if problems := problems + failed:
                raise NotebookError("\n".join(problems))
        if request.arguments and state(project) == before:
            lines = [f"tables of {label}: up to date" for label in codings]
            lines += [f"{status.job.name}: up to date" for status in planned.notebooks]
            leave_receipt(project, request.arguments, before, _outputs(project, planned), lines)
    return due


def _has_flows(project: Project) -> bool:
    """Whether there is trade to estimate, a row below the header: what estimates it loads slowly."""
    path = project.data / standard()["bilateral"]["path"]
    if not path.is_file():
        return False
    with path.open("rb") as table:
        return len(list(islice(table, 2))) == 2


def _codings(project: Project, request: Request) -> dict[str, Coding]:
    """The codings that are asked for, by the names of their folders: one with changed settings has its own."""
    chosen = {}
    for name in request.codings:
        coding = apply_settings(load_coding(project.params, name), request.settings)
        chosen[f"{name}+{digest(coding)[:8]}" if request.settings else name] = coding
    return chosen


def _check(project: Project, codings: Mapping[str, Coding], regimes: Sequence[str]) -> None:
    """Find what would stop the run before anything is written, be it only the lock."""
    dataset = load_dataset(project.data)
    read_study(project.root)  # kernels read its words
    raise_first(lost_imports(project))
    known_regimes(regimes, dataset)
    for label, coding in codings.items():
        check_coding(dataset, coding, f"coding {label}")


def _planned(present: Present, codings: Mapping[str, Coding], request: Request, say: Say) -> Plan:
    dataset = load_dataset(present.project.data)
    for label, coding in codings.items():
        for regime in () if request.regimes else sorted(set(dataset.focal) - set(focal_of(dataset, coding))):
            say(f"{label}/{regime}: left out: the coding names no periods for its lineage")
    found = plan(present, dataset, codings, request.regimes)
    tables, notebooks = found.tables, found.notebooks
    if request.force:
        tables = tuple(replace(status, reasons=status.reasons or (ASKED,)) for status in tables)
    if request.force or request.force_notebooks:
        notebooks = tuple(replace(status, reasons=status.reasons or (ASKED,)) for status in notebooks)
    return replace(found, tables=tables, notebooks=notebooks)


def _lines(planned: Plan, *, explain: bool) -> list[str]:
    """What is up to date and, where that is asked for, why the rest is not."""
    lines = []
    for label in dict.fromkeys(status.label for status in planned.tables):
        here = [status for status in planned.tables if status.label == label]
        if not any(status.reasons for status in here):
            lines.append(f"tables of {label}: up to date")
        elif explain:
            lines += [f"tables {status.name}: {'; '.join(status.reasons) or 'up to date'}" for status in here]
    for status in planned.notebooks:
        if explain or not status.reasons:
            lines.append(f"{status.job.name}: {'; '.join(status.reasons) or 'up to date'}")
    return lines


def _outputs(project: Project, planned: Plan) -> list:
    """Every file that the jobs of a plan have written."""
    paths = [tables_record(project, status.label, status.step) for status in planned.tables]
    paths += [job_record(project, status.job) for status in planned.notebooks]
    records = [record for record in map(read_record, paths) if record is not None]
    return [project.output_root / name for record in records for name in record.outputs]


def _execute_all(
    present: Present, planned: Plan, request: Request, pool: Executor, inputs: Any, say: Say
) -> tuple[list[str], dict[str, float]]:
    """Execute the notebooks that are due, store and record each as it ends.

    Returns what went wrong, a sentence each, and for each job by name the seconds from here to its end.
    """
    started, problems, seconds = time.time(), [], {}
    for job, future in finished(pool, _execute_placed, _tasks(present.project, planned, request, pool, inputs)):
        try:
            outcome = result_of(future)
        except WorkersError as error:
            outcome = Outcome(job.name, str(error))
        except Exception as error:  # whatever it was, the other notebooks are finished first
            outcome = Outcome(job.name, f"it could not be executed: {type(error).__name__}: {error}")
        seconds[job.name] = round(time.time() - started, 2)
        try:
            problem = store(present, job, outcome)
        except InputError as error:  # an input was damaged meanwhile: the job is due again
            problem = f"{job.name}: {error}"
        reason = problem.removeprefix(job.name).lstrip(": ")
        say(f"{job.name}: {'failed: ' + outcome.error if outcome.error else reason or 'done'}")
        problems += [problem] if problem else []
    return sorted(problems), seconds


def _tasks(
    project: Project, planned: Plan, request: Request, pool: Executor, inputs: Any
) -> Iterator[tuple[Job, tuple[Any, ...]]]:
    """The jobs that are due with the arguments of :func:`_execute_placed`; tables are sent once for a coding.

    Those that belong to no regime take longest and come first: at the end they would run alone.
    """
    due = (status.job for status in planned.notebooks if status.reasons)
    for coding, jobs in groupby(due, key=lambda job: job.coding):
        results = send(pool, project.results, (coding, MULTIVERSE))
        for job in sorted(jobs, key=lambda job: job.regime != ""):
            text = moved(job.source(project).read_text(encoding="utf-8-sig"), job.name.count("/"))
            task = Task(job.name, text, job.parameters, request.timeout, request.fork, planned.data)
            yield job, (task, inputs, results, coding)


def _execute_placed(task: Task, inputs: Path | Files, results: Path | Files, coding: str) -> Outcome:
    return execute(task, placed(inputs), placed(results) / coding)


def store(present: Present, job: Job, outcome: Outcome) -> str:
    """Write what an execution gave, and record what it depended on; returns what went wrong in a sentence.

    A failed notebook leaves the earlier one untouched: what was executed of it is kept as ``<name>.failed.ipynb``.
    """
    project, target = present.project, job.target(present.project)
    partial = target.with_name(f"{target.stem}.failed.ipynb")
    if outcome.error:
        if outcome.text:
            write_atomically(partial, outcome.text)
        kept = f"; what ran of it is kept as {partial.name}" if outcome.text else ""
        return f"{job.name} failed: {outcome.error}{kept}"
    if job.coding != MULTIVERSE and (other := not_as_asked(job.parameters, outcome.reads)):
        return f"{job.name} failed: {other}"
    job_record(project, job).unlink(missing_ok=True)
    write_atomically(target, outcome.text)
    partial.unlink(missing_ok=True)
    tables, notebook = project.results / job.coding, notebook_digest(job.source(project))
    record = present.record(parameters_of(job), outcome.reads, tables, [target], notebook=notebook)
    changed = keep(present, record, job_record(project, job), job.source(project))
    return f"{job.name}: {', '.join(changed)} changed while it ran: run again" if changed else ""
