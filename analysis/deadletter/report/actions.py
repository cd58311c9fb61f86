"""What made the outputs of a crate: an action for the tables of each coding and one for each executed notebook."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from deadletter.coding import coding_names
from deadletter.coding.yaml_data import read_yaml
from deadletter.dataset.load import load_dataset
from deadletter.multiverse.evaluated import ELSEWHERE, outdated, used
from deadletter.pipeline.plan import MULTIVERSE, Job
from deadletter.pipeline.status import Plan, Status
from deadletter.pipeline.steps import BY_FILE
from deadletter.project import Project
from deadletter.report.audit import run_record


@dataclass(frozen=True)
class Action:
    """Something that was run: ``objects`` and ``results`` are names of files in the crate, ``settings`` values."""

    identifier: str
    name: str
    description: str
    instrument: str
    objects: tuple[str, ...]
    settings: Mapping[str, object]
    results: tuple[str, ...]
    ended: str


def actions_of(project: Project, codings: Sequence[str], files: Mapping[str, Path], planned: Plan) -> list[Action]:
    """What made the tables and the executed notebooks, and which of them are out of date."""
    inputs = [name for name in files if name.startswith("data/") and name.endswith((".csv", ".json"))]
    inputs += ["requirements.lock"] if "requirements.lock" in files else []
    actions = []
    for coding in codings:
        params = _layers(project.params, coding)
        record = run_record(project, coding)
        tables = _tables(files, coding)
        steps = {BY_FILE[file].name for name in tables if (file := name.rpartition("/")[2]) in BY_FILE}
        made = [one for one in planned.tables if one.label == coding and one.step.name in steps]
        stale = [reason for status in made for reason in status.reasons]
        about = f"The tables of the coding {coding}, computed from data and parameters{_but(stale)}"
        read = (*inputs, *params)
        actions.append(Action(f"#run/{coding}", f"Tables, {coding}", about, "#deadletter", read, {}, tables, ""))
        actions += [_action(one, (*read, *tables), record) for one in _executed(planned, coding, files)]
    if tables := _tables(files, MULTIVERSE):
        made_by = _multiverse(project, inputs, files, tables)
        read, record = (*made_by.objects, *tables), run_record(project, MULTIVERSE)
        actions += [made_by, *(_action(one, read, record) for one in _executed(planned, MULTIVERSE, files))]
    return actions


def _multiverse(project: Project, inputs: Iterable[str], files: Mapping[str, Path], tables: tuple[str, ...]) -> Action:
    meta, reason = used(project), outdated(project, load_dataset(project.data))
    declared, base = meta.get("file", ""), meta.get("base", "")
    read = (*inputs, *(_layers(project.params, base) if base in coding_names(project.params) else ()))
    read += (declared,) if declared in files else ()
    source = declared if declared in files else f"{declared or ELSEWHERE}, which is not in this crate"
    about = f"The tables of the multiverse that {source} declares{_but([reason] if reason else [])}"
    settings = {"universes": meta["universes"]} if "universes" in meta else {}
    return Action("#run/multiverse", "Tables, multiverse", about, "#deadletter", read, settings, tables, "")


def _executed(planned: Plan, coding: str, files: Iterable[str]) -> list[Status]:
    """The notebooks of a coding that were executed."""
    return [one for one in planned.notebooks if one.job.coding == coding and _copy(one.job) in files]


def _but(reasons: Iterable[str]) -> str:
    """What is to be added on outputs that are out of date."""
    why = "; ".join(dict.fromkeys(reasons))
    return f"; out of date when the crate was written: {why}" if why else ""


def _tables(files: Iterable[str], coding: str) -> tuple[str, ...]:
    """The tables of results of a coding, without the facts about its run."""
    return tuple(name for name in files if name.startswith(f"results/{coding}/") and not name.endswith("run.json"))


def _copy(job: Job) -> str:
    return f"executed/{job.name}.ipynb"


def _action(status: Status, objects: tuple[str, ...], record: Mapping[str, Any]) -> Action:
    job = status.job
    settings = {"coding": job.coding, **({"regime": job.regime} if job.regime else {})}
    given = ", ".join(f"{key} {value}" for key, value in settings.items())
    return Action(
        f"#run/{job.name}",
        f"Execution of {job.notebook} ({given})",
        f"The notebook {job.notebook}, executed with {given}{_but(status.reasons)}",
        f"notebooks/{job.notebook}.ipynb",
        objects,
        settings,
        (_copy(job),),
        _end(record, job.name),
    )


def _layers(params: Path, name: str) -> tuple[str, ...]:
    """The file of a coding and those that it extends; the chain was found sound when the coding was loaded."""
    found = [name]
    while parent := read_yaml((params / f"{found[-1]}.yaml").read_text(encoding="utf-8"), "").get("extends"):
        found.append(parent)
    return tuple(f"params/{one}.yaml" for one in found)


def _end(record: Mapping[str, Any], job: str) -> str:
    """When a notebook was done, where the record of the last run says so; empty where not."""
    if job not in record.get("finished_after_seconds", {}):
        return ""
    started = datetime.fromisoformat(record["started"].replace("Z", "+00:00"))
    return (started + timedelta(seconds=record["finished_after_seconds"][job])).isoformat(timespec="seconds")
