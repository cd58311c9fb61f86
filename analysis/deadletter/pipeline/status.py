"""What a run would execute, and why: what `run`, `--explain`, `--dry-run`, `check` and the site's panel ask."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deadletter.coding import Coding, coding_names, load_coding, to_settings
from deadletter.dataset.load import Dataset, load_dataset
from deadletter.errors import InputError
from deadletter.indices.selection import check_coding, focal_of, periods_of
from deadletter.pipeline.plan import MULTIVERSE, Job, jobs_of, multiverse_jobs, notebook_digest
from deadletter.pipeline.records import Present, differences, read_record
from deadletter.pipeline.steps import BY_FILE, STEPS, Step
from deadletter.project import Project

# why an output without a record is due: there is none of it, or nothing says where what is there comes from
FIRST, NO_RECORD = "first run", "no run of it is on record"


@dataclass(frozen=True)
class Status:
    """A notebook's job with the reasons to execute it, one plain sentence each; none where its output is current."""

    job: Job
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class TablesStatus:
    """A step that computes tables of a coding, with the reasons to compute them."""

    label: str
    step: Step
    reasons: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.label}/{self.step.name}"


@dataclass(frozen=True)
class Plan:
    """Everything that some codings ask for: steps first, then notebooks, each in the order of execution.

    data: the digest of the tables for which it was made.
    """

    tables: tuple[TablesStatus, ...]
    notebooks: tuple[Status, ...]
    data: str


def plan(present: Present, dataset: Dataset, codings: Mapping[str, Coding], regimes: Iterable[str] = ()) -> Plan:
    """The status of every step and every job of some codings, by their labels, and of the multiverse's notebooks.

    Raises
    ------
    InputError: no such focal regime, a coding that names what the data do not, or a notebook that cannot be read.
    """
    project, tables, jobs = present.project, [], []
    for label, coding in codings.items():
        check_coding(dataset, coding, f"coding {label}")
    chosen = known_regimes(regimes, dataset)
    for label, coding in codings.items():
        steps = {step.name: tuple(_of_step(present, label, step, coding)) for step in STEPS}
        tables += [TablesStatus(label, step, steps[step.name]) for step in STEPS]
        for regime in chosen:
            periods_of(dataset, coding, regime)
        for job in jobs_of(project, label, to_settings(coding), chosen or focal_of(dataset, coding)):
            jobs.append(Status(job, tuple(dict.fromkeys(_of_job(present, job, steps)))))
    jobs += [Status(job, tuple(_of_job(present, job, {}))) for job in multiverse_jobs(project)]
    return Plan(tuple(tables), tuple(jobs), dataset.digest)


def statuses(project: Project, codings: Iterable[str], regimes: Iterable[str] = ()) -> list[Status]:
    """The status of every job of some codings of params/, and of the notebooks about the multiverse.

    Parameters
    ----------
    regimes: only these focal regimes; default: all.

    Raises
    ------
    InputError: bad data or parameters.
    """
    chosen = {name: load_coding(project.params, name) for name in codings}
    dataset = load_dataset(project.data)
    return list(plan(Present(project), dataset, chosen, regimes).notebooks)


def output_states(project: Project) -> list[str]:
    """A line for each named coding that has results: are they and its notebooks what a run would give now?

    Raises
    ------
    InputError: bad data or parameters.
    """
    names = [name for name in coding_names(project.params) if tables_record(project, name, STEPS[0]).is_file()]
    if not names:
        return ["results: none yet; run `deadletter run`"]
    chosen = {name: load_coding(project.params, name) for name in names}
    found = plan(Present(project), load_dataset(project.data), chosen)
    lines = []
    for name in names:
        reasons = [reason for status in found.tables if status.label == name for reason in status.reasons]
        # a notebook that was never executed for this coding makes no result stale
        for status in found.notebooks:
            reasons += status.reasons if status.job.coding == name and status.reasons != (FIRST,) else ()
        first = f"stale: run `deadletter run {name}` ({reasons[0]})" if reasons else "current"
        lines.append(f"results/{name}: {first}")
    return lines


def tables_record(project: Project, label: str, step: Step) -> Path:
    """The file with the record of a step."""
    return project.cache / "records" / "tables" / label / f"{step.name}.json"


def job_record(project: Project, job: Job) -> Path:
    """The file with the record of a job."""
    return project.cache / "records" / "notebooks" / f"{job.name}.json"


def parameters_of(job: Job) -> dict[str, str]:
    """A job's parameters as text by key, the settings of its coding each by itself."""
    pairs = (setting.partition("=") for setting in job.settings)
    return {key: value for key, _, value in pairs} | ({"regime": job.regime} if job.regime else {})


def _of_step(present: Present, label: str, step: Step, coding: Coding) -> Iterator[str]:
    record = read_record(tables_record(present.project, label, step))
    if record is None:
        folder = present.project.results / label
        yield _without_record(folder / file for file in step.files)
    else:
        yield from differences(record, present, step.parameters(coding))


def _of_job(present: Present, job: Job, steps: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    project = present.project
    notebook = notebook_digest(job.source(project))
    record = read_record(job_record(project, job))
    if record is None:
        yield _without_record([job.target(project)])
        return
    yield from differences(record, present, parameters_of(job), notebook)
    for name, was in record.tables.items():
        step = BY_FILE.get(name)
        if job.coding != MULTIVERSE and step is not None and steps[step.name]:
            # the table is going to be computed anew, and the notebook executed for the same reasons
            yield from steps[step.name]
        elif present.hash(project.results / job.coding / name) != was:
            yield f"table {name} changed"


def _without_record(outputs: Iterable[Path]) -> str:
    return NO_RECORD if any(path.is_file() for path in outputs) else FIRST


def known_regimes(regimes: Iterable[str], dataset: Dataset) -> tuple[str, ...]:
    """The regimes that are asked for. Raises InputError: one that is not focal."""
    for regime in (chosen := tuple(regimes)):
        if regime not in dataset.focal:
            raise InputError("unknown regime", where="--regime", found=regime, allowed=dataset.focal)
    return chosen
