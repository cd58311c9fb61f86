"""What a data editor would establish about a project: which outputs stand, are current and reproduced; the verdict."""

import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from deadletter.charts.bundle import TABLE
from deadletter.coding import REFERENCE, Coding, coding_names, load_coding
from deadletter.coding.parameter_files import RESERVED
from deadletter.dataset.load import Dataset, load_dataset
from deadletter.dataset.standard_tables import standard
from deadletter.dataset.tables import read_strings
from deadletter.errors import InputError
from deadletter.frames import records, with_names
from deadletter.labels import counted
from deadletter.notebook_files import read_notebook
from deadletter.pipeline.compute_tables import COSTLY
from deadletter.pipeline.plan import MULTIVERSE
from deadletter.pipeline.records import Present
from deadletter.pipeline.status import NO_RECORD, Plan, TablesStatus, plan
from deadletter.project import Project
from deadletter.report.exhibits import ERROR, Exhibit, copies, exhibits

FAIL, MISSING = "failed when last executed", "missing"
# the name of the one entry that replaces all outputs when data or parameters cannot be read
BROKEN = "every output"
# how the reason begins for an output whose bytes are not those that the run wrote
EDITED = "output "
# so many reasons are listed
LISTED = 3
FULL = "full reproduction"
MINOR = "full reproduction with minor issues"
PARTIAL = "partial reproduction"
FAILED = "not reproduced"
NOT_YET = "not reproduced yet"
GRADES = (FULL, MINOR, PARTIAL, FAILED, NOT_YET)

# with more than a quarter of the outputs wanting a reproduction is partial; with more than three quarters it failed
WANTING, FAILING = 0.25, 0.75


@dataclass(frozen=True)
class Output:
    """An executed notebook or the tables of a step; ``reasons`` say why it is not up to date: none where it is.

    ``files``: paths from the folder of outputs; ``there``: whether all of them exist.
    """

    name: str
    files: tuple[str, ...]
    there: bool
    reasons: tuple[str, ...]

    @property
    def state(self) -> str:
        """One line: up to date, or the first reasons why not."""
        more = f"; and {len(self.reasons) - LISTED} more" if len(self.reasons) > LISTED else ""
        return "; ".join(self.reasons[:LISTED]) + more if self.reasons else "up to date"


@dataclass(frozen=True)
class Facts:
    """Everything that the report shows and the verdict rests on.

    ``codings``: those that have results. ``recomputed``: tables computed once more, by path, and whether the bytes are
    the same. ``shown``: exhibits by executed notebook (``<coding>/<regime>/<notebook>``). ``claims`` and ``trade``:
    tables of results by coding. ``unplaced``: numbers of results whose cell is not there. ``runs``: records of runs.
    """

    project: Project
    problems: tuple[str, ...]
    codings: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()
    recomputed: Mapping[str, bool] = field(default_factory=dict)
    shown: Mapping[str, tuple[Exhibit, ...]] = field(default_factory=dict)
    claims: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    trade: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    unplaced: tuple[str, ...] = ()
    runs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def differing(self) -> list[str]:
        """Tables that are not reproduced."""
        return [name for name, same in self.recomputed.items() if not same]

    @property
    def errors(self) -> list[str]:
        """Errors in executed notebooks."""
        return [f"{job} cell {e.cell}: {e.title}" for job, all_ in self.shown.items() for e in all_ if e.kind == ERROR]

    @property
    def faults(self) -> list[str]:
        """What is wrong with the content of the package, and not merely out of date."""
        unequal = [f"{name} is not reproduced from the same data, parameters and code" for name in self.differing]
        edited = [f"{output.name}: {r}" for output in self.outputs for r in output.reasons if r.startswith(EDITED)]
        return [*self.problems, *self.unplaced, *self.errors, *edited, *unequal]


def gather(project: Project, problems: Sequence[str] = (), *, again: bool = True) -> Facts:
    """Look at everything that was generated, and compute once more what can be computed quickly.

    problems: what the check of data, parameters and claims has found. again: whether tables are computed once more.
    """
    codings = _with_results(project)
    if not codings:
        return Facts(project, tuple(problems))
    folders = [name for name in (*codings, MULTIVERSE) if (project.executed / name).is_dir()]
    paths = sorted(path for name in folders for path in copies(project.executed / name))
    shown = {path.relative_to(project.executed).with_suffix("").as_posix(): _shown(path) for path in paths}
    claims, trade = ({name: _table(project, name, file) for name in codings} for file in ("claims.csv", "trade.csv"))
    # as notebooks show them
    trade = {name: with_names(t, ["term"], _state_names(project)) if len(t) else t for name, t in trade.items()}
    outputs, recomputed = _judged(project, codings, again)
    unplaced = tuple(_unplaced(claims, shown))
    runs = {name: record for name in (*codings, MULTIVERSE) if (record := run_record(project, name))}
    return Facts(project, tuple(problems), codings, outputs, recomputed, shown, claims, trade, unplaced, runs)


def _shown(path: Path) -> tuple[Exhibit, ...]:
    """The exhibits of an executed notebook; of a file that is none, the error."""
    try:
        return tuple(exhibits(read_notebook(path), path.stem))
    except InputError as error:
        return (Exhibit(ERROR, "", "", str(error), str(error)),)


def _with_results(project: Project) -> tuple[str, ...]:
    """The codings that have results: the reference first, and always where there are any."""
    found = {p.name for root in (project.results, project.executed) if root.is_dir() for p in root.iterdir()}
    named = [name for name in coding_names(project.params) if name in found and name not in RESERVED]
    return tuple(dict.fromkeys([REFERENCE, *named])) if named else ()


def _judged(project: Project, codings: Sequence[str], again: bool) -> tuple[tuple[Output, ...], dict[str, bool]]:
    """Outputs with what is wrong with them, and tables computed again; nothing where data or parameters are broken."""
    try:
        dataset = load_dataset(project.data)
        chosen = {name: load_coding(project.params, name) for name in codings}
        planned = plan(Present(project), dataset, chosen)
        recomputed: dict[str, bool] = {}
        for status in planned.tables if again else ():
            recomputed |= _again(project, dataset, chosen[status.label], status)
    except InputError as error:
        return (Output(BROKEN, (), True, (f"data or parameters cannot be used: {error}",)),), {}
    return tuple(_outputs(project, planned)), dict(sorted(recomputed.items()))


def _outputs(project: Project, planned: Plan) -> Iterator[Output]:
    for tables in planned.tables:
        folder = project.results / tables.label
        yield _output(project, f"tables {tables.name}", [folder / f for f in tables.step.files], tables.reasons)
    for status in planned.notebooks:
        yield _output(project, status.job.name, [status.job.target(project)], status.reasons)


def _output(project: Project, name: str, paths: Sequence[Path], given: tuple[str, ...]) -> Output:
    """An output by its files; a notebook that failed since it was executed keeps what ran of it next to it."""
    there = all(path.is_file() for path in paths)
    reasons = given if there else (MISSING,)
    if any(path.with_name(f"{path.stem}.failed.ipynb").is_file() for path in paths):
        reasons = (FAIL,)
    return Output(name, tuple(p.relative_to(project.output_root).as_posix() for p in paths), there, reasons)


def _again(project: Project, dataset: Dataset, coding: Coding, status: TablesStatus) -> dict[str, bool]:
    """Compute the tables of a step once more, and say of each by its path whether the bytes are the same.

    Nothing for the steps that take long, nor where the inputs are known to have changed, so that the bytes will differ.
    """
    known = all(reason == NO_RECORD or reason.startswith(EDITED) for reason in status.reasons)
    folder = f"{project.results.name}/{status.label}"
    if status.step.name in COSTLY or not known or not (project.output_root / folder / status.step.files[0]).is_file():
        return {}
    settings = sorted(status.step.parameters(coding).items())
    # codings with equal settings have equal tables
    texts = dataset.once(("texts", status.step.name, *settings), lambda: status.step.texts(dataset, coding))
    return {f"{folder}/{file}": _text(project, status.label, file) == text for file, text in texts.items()}


def _text(project: Project, coding: str, file: str) -> str:
    path = project.results / coding / file
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _table(project: Project, coding: str, file: str) -> pd.DataFrame:
    text = _text(project, coding, file)
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False) if text else pd.DataFrame()


def _state_names(project: Project) -> pd.Series:
    """Names of states by code; none where their table cannot be read, which is a problem told elsewhere."""
    try:
        return read_strings(project.data, standard()["states"]).set_index("iso3")["name"]
    except InputError:
        return pd.Series(dtype=str)


def run_record(project: Project, coding: str) -> dict[str, Any]:
    """The facts about the last run of a coding; none where no run is on record."""
    try:
        record = json.loads(_text(project, coding, "run.json") or "{}")
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def places_of(shown: Mapping[str, Sequence[Exhibit]], coding: str) -> dict[str, tuple[str, str]]:
    """The place of a text in a table: executed notebook and cell by the text of the table's cell, the first found."""
    found: dict[str, tuple[str, str]] = {}
    for job, all_ in shown.items():
        for exhibit in all_ if job.startswith(f"{coding}/") else ():
            if exhibit.kind == TABLE:
                for entry in (cell for row in exhibit.rows for cell in row):
                    found.setdefault(entry, (job, exhibit.cell))
    return found


def _unplaced(claims: Mapping[str, pd.DataFrame], shown: Mapping[str, Sequence[Exhibit]]) -> Iterator[str]:
    """Claims whose cell shows nothing in any executed notebook of their coding."""
    for coding, table in claims.items():
        jobs = {job: all_ for job, all_ in shown.items() if job.startswith(f"{coding}/")}
        there = {(job.rpartition("/")[2], e.cell) for job, all_ in jobs.items() for e in all_}
        executed = {notebook for notebook, _ in there}
        for row in records(table):
            place = (row["notebook"], row["cell"])
            if row["notebook"] in executed and place not in there:
                where = f"results/{coding}/claims.csv ({row['id']})"
                yield f"{where}: cell {row['cell']} of {row['notebook']} shows nothing"


@dataclass(frozen=True)
class Verdict:
    """``grade`` is one of :data:`GRADES`; ``reasons`` what it was computed from, a sentence each."""

    grade: str
    reasons: tuple[str, ...]


def verdict_of(facts: Facts) -> Verdict:
    """The verdict on the facts."""
    if not any(output.there for output in facts.outputs):
        return Verdict(NOT_YET, ("there are no results; `deadletter run` computes them",))
    differing = set(facts.differing)
    wanting = sum(bool(output.reasons or differing & set(output.files)) for output in facts.outputs)
    share = wanting / len(facts.outputs)
    ended = any(FAIL in output.reasons or output.name == BROKEN for output in facts.outputs)
    if share == 1 and not ended and not facts.faults:
        grade = NOT_YET
    elif share > FAILING:
        grade = FAILED
    elif share > WANTING or facts.faults:
        # what is wrong with the content is not a minor issue, however few outputs it touches
        grade = PARTIAL
    else:
        grade = MINOR if share else FULL
    return Verdict(grade, tuple(_reasons(facts)))


def _reasons(facts: Facts) -> Iterator[str]:
    current = sum(not output.reasons for output in facts.outputs)
    yield f"{current} of {len(facts.outputs)} outputs are up to date with data, parameters and code"
    first = Counter(output.reasons[0] for output in facts.outputs if output.reasons)
    for reason, count in first.most_common(LISTED):
        yield f"{count} {'is' if count == 1 else 'are'} not: {reason}"
    if len(first) > LISTED:
        others = sum(count for _, count in first.most_common()[LISTED:])
        yield f"{others} more {'is' if others == 1 else 'are'} not, for reasons that the findings list"
    if facts.recomputed:
        same = len(facts.recomputed) - len(facts.differing)
        yield f"{same} of {len(facts.recomputed)} tables, computed once more for this report, have the same bytes"
    else:
        yield "no table was computed once more for this report"
    if facts.errors:
        yield f"{counted(len(facts.errors), 'error')} in executed notebooks"
    if facts.unplaced:
        yield f"{counted(len(facts.unplaced), 'claim')} without a cell that shows anything"
    if facts.problems:
        yield f"{counted(len(facts.problems), 'problem')} in data, parameters or claims"
