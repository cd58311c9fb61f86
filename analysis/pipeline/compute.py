"""Compute the tables that are out of date: once for equal settings, in parallel where they are independent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed

from analysis.coding import Coding
from analysis.files import write_atomically
from analysis.pipeline.records import Present, differences, keep, read_record
from analysis.pipeline.sources import closure
from analysis.pipeline.status import TablesStatus, tables_record
from analysis.pipeline.steps import Computed, compute

# this step costs most and shares nothing with the others, which share the indices
ALONE = "trade"
Say = Callable[[str], None]


def compute_tables(
    present: Present,
    codings: Mapping[str, Coding],
    stale: Sequence[TablesStatus],
    pool: Executor,
    say: Say,
    reuse: bool,
) -> list[str]:
    """Bring the tables of some steps up to date, and record each that is; returns what went wrong, a sentence each.

    Parameters
    ----------
    codings: by label. stale: the steps to compute. reuse: whether the tables of another coding may be taken where
        they were computed from the same settings, data and code.

    Raises
    ------
    InputError: a setting that the data cannot meet.
    """
    open_steps: dict[tuple[str, ...], list[TablesStatus]] = {}
    for status in stale:
        parameters = status.step.parameters(codings[status.label])
        if not (reuse and _taken_over(present, status, parameters)):
            open_steps.setdefault((status.step.name, *sorted(parameters.items())), []).append(status)
    batches: dict[tuple[str, bool], list[list[TablesStatus]]] = {}
    for alike in open_steps.values():
        batches.setdefault((alike[0].label, alike[0].step.name == ALONE), []).append(alike)
    problems = []
    running = {}
    for (label, _), batch in sorted(batches.items(), key=lambda item: not item[0][1]):
        names = [alike[0].step.name for alike in batch]
        future = pool.submit(compute, present.project.data, present.project.cache, codings[label], names)
        running[future] = {alike[0].step.name: alike for alike in batch}
    try:
        for future in as_completed(running):
            for computed in future.result():
                for status in running[future][computed.step]:
                    problems += _store(present, status, computed, codings[status.label])
    except BaseException:
        for future in running:
            future.cancel()
        raise
    for label in dict.fromkeys(status.label for status in stale):
        say(f"tables of {label}: written to results/{label}/")
    return problems


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
    reads = [*(("data", *pair) for pair in data.items()), *(("module", m, "") for m in closure(status.step.roots))]
    outputs = [project.results / status.label / name for name in status.step.files]
    record = present.record(parameters, reads, project.results / status.label, outputs)
    return keep(present, record, tables_record(project, status.label, status.step))
