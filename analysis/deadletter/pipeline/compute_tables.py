"""Compute the tables that are out of date: once for equal settings, in parallel where they are independent."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from deadletter.coding import Coding
from deadletter.files import write_atomically
from deadletter.pipeline import steps
from deadletter.pipeline.import_graph import closure
from deadletter.pipeline.records import Present, differences, keep, read_record
from deadletter.pipeline.status import Plan, TablesStatus, tables_record
from deadletter.pipeline.steps import Computed, compute
from deadletter.project import Project
from deadletter.workers.cluster import Cluster
from deadletter.workers.executor import Files, finished, placed, result_of

# steps that are computed in one process since they share the costliest parts, the longest first: a long one that began
# last would leave the other processors idle. What is named nowhere comes last, together
TOGETHER = (("placebo",), ("trade",), ("claims", "alignment"))
# these take long to compute once more
COSTLY = ("placebo", "trade")
# by label and place in the order: the statuses of each step, those with equal settings together
Batches = dict[tuple[str, int], list[list[TablesStatus]]]


def compute_tables(
    present: Present, codings: Mapping[str, Coding], planned: Plan, pool: Executor, inputs: Any, *, reuse: bool
) -> list[str]:
    """Bring the tables of a plan up to date, and record each step that is; returns what went wrong, a sentence each.

    Parameters
    ----------
    codings: by label. inputs: data and parameters as they were sent to the pool. reuse: whether the tables of another
        coding may be taken where they were computed from the same settings, data and code.

    Raises
    ------
    InputError: a setting that the data cannot meet.
    """
    open_steps: dict[tuple[object, ...], list[TablesStatus]] = {}
    for status in (status for status in planned.tables if status.reasons):
        parameters = status.step.parameters(codings[status.label])
        if not (reuse and _taken_over(present, status, parameters)):
            open_steps.setdefault((status.step.name, *sorted(parameters.items())), []).append(status)
    batches: Batches = {}
    for alike in open_steps.values():
        name = alike[0].step.name
        place = next((place for place, names in enumerate(TOGETHER) if name in names), len(TOGETHER))
        batches.setdefault((alike[0].label, place), []).append(alike)
    problems: list[str] = []
    for key, results in _computed(present.project, codings, batches, pool, inputs):
        statuses = {alike[0].step.name: alike for alike in batches[key]}
        for computed in results:
            for status in statuses[computed.step]:
                problems += _store(present, status, computed, codings[status.label])
    return problems


def _computed(
    project: Project, codings: Mapping[str, Coding], batches: Batches, pool: Executor, inputs: Any
) -> Iterator[tuple[tuple[str, int], list[Computed]]]:
    """What each batch gives, as it is done; those that cost most are begun first."""
    order = sorted(batches, key=lambda key: key[1])
    names = {key: [alike[0].step.name for alike in batch] for key, batch in batches.items()}
    # one costly step would keep one worker of a cluster busy and the others idle: its parts are sent out from here
    trade = [key for key in order if names[key] == ["trade"]]
    here = trade if isinstance(pool, Cluster) and len(trade) == 1 else []
    tasks = ((key, (inputs, codings[key[0]], names[key])) for key in order if key not in here)
    for key, future in finished(pool, _compute_placed, tasks):
        yield key, result_of(future)
    for key in here:
        yield key, compute(project.data, codings[key[0]], names[key], pool)


def _compute_placed(inputs: Path | Files, coding: Coding, names: Sequence[str]) -> list[Computed]:
    root = placed(inputs)
    return compute(root / "data", coding, names)


def _taken_over(present: Present, status: TablesStatus, parameters: Mapping[str, str]) -> bool:
    """Copy the step's tables from a coding for which they are current with the same settings, if there is one."""
    project = present.project
    for path in sorted((project.cache / "records" / "tables").glob(f"*/{status.step.name}.json")):
        label, record = path.parent.name, read_record(path)
        if record is None or label == status.label or any(differences(record, present, parameters)):
            continue
        for name in status.step.files:
            write_atomically(project.results / status.label / name, (project.results / label / name).read_bytes())
        _record(present, status, parameters, record.data)
        return True
    return False


def _store(present: Present, status: TablesStatus, computed: Computed, coding: Coding) -> Iterator[str]:
    folder = present.project.results / status.label
    tables_record(present.project, status.label, status.step).unlink(missing_ok=True)
    for name, text in computed.texts.items():
        write_atomically(folder / name, text)
    changed = _record(present, status, status.step.parameters(coding), computed.data)
    if changed:
        yield f"tables {status.name}: {', '.join(changed)} changed while they were computed: run again"


def _record(
    present: Present, status: TablesStatus, parameters: Mapping[str, str], data: Mapping[str, str]
) -> list[str]:
    """Record what was just computed, unless an input changed meanwhile: then say which."""
    project = present.project
    # the module of the steps by itself: it imports what every one of them calls
    modules = (*closure(status.step.roots), steps.__name__)
    reads = [*(("data", *pair) for pair in data.items()), *(("module", name, "") for name in modules)]
    outputs = [project.results / status.label / name for name in status.step.files]
    record = present.record(parameters, reads, project.results / status.label, outputs)
    return keep(present, record, tables_record(project, status.label, status.step))
