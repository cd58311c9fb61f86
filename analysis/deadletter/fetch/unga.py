"""Roll-calls of the UN General Assembly: the official files, as one row a roll-call in the columns of data/votes.

Two layouts are read. The UN Digital Library's (record 4060887, one row for each state and resolution): ``undl_id``,
``ms_code`` (ISO 3166 alpha-3), ``ms_vote`` (Y, N, A, X or empty), ``date``, ``session``, ``resolution``; it holds whole
resolutions alone. Voeten, Strezhnev & Bailey's (doi:10.7910/DVN/LEJUQZ, one row for each state and roll-call):
``rcid``, ``Country``, ``vote`` (1 for, 2 abstaining, 3 against, 8 absent, 9 not a member), ``date``, ``session``,
``unres``, and flags for paragraphs, amendments, importance and topics.
"""

import csv
from pathlib import Path

import numpy as np
import pandas as pd

from deadletter.alignment.votes import ABSENCE, ROLLCALL_COLUMNS
from deadletter.errors import InputError
from deadletter.fetch.download import kept_if_read
from deadletter.fetch.query import HEADER, Query, dialect

DATAVERSE = "doi:"
LAYOUTS = (
    {"id": "undl_id", "state": "ms_code", "vote": "ms_vote", "date": "date", "session": "session",
     "resolution": "resolution"},
    {"id": "rcid", "state": "Country", "vote": "vote", "date": "date", "session": "session", "resolution": "unres"},
)  # fmt: skip
FLAGS = {"paragraph": "para", "amendment": "amend"}
TOPICS = {"colonialism": "co", "development": "ec", "disarmament": "di", "human_rights": "hr", "nuclear": "nu",
          "palestine": "me"}  # fmt: skip
IMPORTANT = "importantvote"
MARKS = {*FLAGS.values(), *TOPICS.values(), IMPORTANT}
SET = {"1": "1", "true": "1", "0": "0", "false": "0", "na": "", "": ""}
LONGEST_LINE = 1 << 16  # bytes
CODES = {
    **dict.fromkeys(("y", "yes", "1"), "Y"),
    **dict.fromkeys(("a", "abstain", "2"), "A"),
    **dict.fromkeys(("n", "no", "3"), "N"),
    **dict.fromkeys(("x", "", "absent", "8", "9"), ABSENCE),
}


def unga_paths(query: Query) -> list[str]:
    """The file of a version: a name of the UN Digital Library, or (from a Dataverse) the DOI of a file."""
    if query.version.startswith(DATAVERSE):
        return [f"/api/access/datafile/:persistentId?persistentId={query.version}&format=original"]
    return [f"/record/4060887/files/{query.version}.csv"]


def read_unga(files: list[Path], query: Query) -> pd.DataFrame:
    """Roll-calls of the years asked for, by date: the columns of data/votes/rollcalls.csv.

    The characters of ``votes`` are in the order of the economies asked for; where none are, of the sorted codes of
    all states in the file.

    States asked for that are not in the file are absent; they, and codes of the file that were not asked for and may
    be former ones of states that were, are named in ``attrs["notes"]``.

    Raises InputError: a column has another name, a vote has an unknown code, a state votes twice on a roll-call, a
    roll-call has no date or two, or more than one in ten of the states asked for are not in the file.
    """
    path = files[0]
    with kept_if_read(path):
        table = _votes(path, query.years)
    found = sorted(set(table["state"]))
    absent = sorted(set(query.economies) - set(found))
    if not found:
        asked = "{}/{}".format(*query.years)
        raise InputError("the release has no roll-call in these years", where=path.name, found=asked)
    # a state of the project's list may be no member; codes of another kind would leave out many
    if 10 * len(absent) > len(query.economies):
        problem = "the release has nothing on these states"
        raise InputError(problem, where=path.name, found=", ".join(absent), allowed=found)
    others = table[~table["state"].isin(query.economies)]
    notes = [f"no vote by {', '.join(absent)} in these years"] if absent else []
    if 0 < others["state"].nunique() < len(query.economies):  # not where a few of all states were asked for
        years = others["date"].str.slice(stop=4).groupby(others["state"]).agg(["min", "max"])
        codes = ", ".join(f"{code} ({first}/{last})" for code, first, last in years.itertuples())
        notes.append(f"votes under codes that were not asked for are left out: {codes}")
    wide = table.pivot(index="id", columns="state", values="vote")
    wide = wide.reindex(columns=list(query.economies) or found, fill_value=ABSENCE).fillna(ABSENCE).rename_axis(None)
    facts = table.drop_duplicates("id").set_index("id").loc[wide.index]
    rollcalls = pd.DataFrame(
        {
            "id": wide.index,
            "session": facts["session"].str.removesuffix(".0"),
            "resolution": facts["resolution"].str.replace(r"^R/", "A/RES/", regex=True),
            "date": facts["date"].str.slice(stop=10),
            "kind": _kinds(facts),
            "important": _flag(facts, IMPORTANT).map({"1": "yes", "0": "no"}).fillna(""),
            "topics": _topics(facts),
            "votes": wide.sum(axis=1),
        }
    )
    ordered = rollcalls[list(ROLLCALL_COLUMNS)].sort_values(["date", "id"], kind="stable", ignore_index=True)
    ordered.attrs["notes"] = tuple(notes)
    return ordered


def _votes(path: Path, years: tuple[int, int]) -> pd.DataFrame:
    """One row for each vote of these years: the keys of ``LAYOUTS`` and what the file has of flags and topics."""
    try:
        with path.open("rb") as file:
            options = dialect(file.read(HEADER), path.name)
        header = [str(name) for name in pd.read_csv(path, nrows=0, **options)]
        layout = next((names for names in LAYOUTS if set(names.values()) <= set(header)), None)
        if layout is None:
            known = " or ".join(", ".join(names.values()) for names in LAYOUTS)
            raise InputError("the columns are those of no known release", where=path.name, found=", ".join(header),
                             allowed=known)  # fmt: skip
        # long titles make up most of a file
        wanted = [name for name in header if name in MARKS.union(layout.values())]
        table = pd.read_csv(path, dtype=str, keep_default_na=False, usecols=wanted, **options)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError("not a CSV file", where=path.name, found=error) from None
    _refuse_cut(path, len(header), options["sep"])
    table = table[table.ne("").any(axis=1)]  # a spreadsheet saves empty rows
    date = pd.to_datetime(table[layout["date"]].str.slice(stop=10), format="%Y-%m-%d", errors="coerce")
    _refuse(path, table[layout["date"]], date.isna(), "a roll-call without a date", "YYYY-MM-DD")
    # seats without a code are left out
    table = table[date.dt.year.between(*years) & (table[layout["state"]] != "")].reset_index(drop=True)
    vote = table[layout["vote"]].str.strip().str.lower().str.removesuffix(".0")
    known = "Y, N, A, X, or 1, 2, 3, 8, 9"
    _refuse(path, table[layout["vote"]], ~vote.isin(list(CODES)), "unknown code of a vote", known)
    # a repeated row counts once, and two rows that differ are an error
    table = table.assign(**{layout["vote"]: vote.map(CODES), layout["id"]: table[layout["id"]].str.removesuffix(".0")})
    key = [layout["id"], layout["state"]]
    table = table[~table.duplicated([*key, layout["vote"]])]
    _refuse(path, table[layout["state"]], table.duplicated(key), "a state votes twice on a roll-call", "once")
    facts = table.drop_duplicates(layout["id"]).set_index(layout["id"])
    for name in (layout["session"], layout["resolution"], layout["date"]):
        other = table[name] != facts[name].loc[table[layout["id"]]].to_numpy()
        _refuse(path, table[name], other, "the rows of a roll-call differ", "the same for all states")
    for name in sorted(MARKS.intersection(table)):
        mark = table[name].str.strip().str.lower().str.removesuffix(".0")
        _refuse(path, table[name], ~mark.isin(list(SET)), "unknown mark", "1, 0, TRUE, FALSE, NA or nothing")
        table[name] = mark.map(SET)
    return table.rename(columns={theirs: ours for ours, theirs in layout.items()})


def _refuse_cut(path: Path, columns: int, mark: str) -> None:
    """InputError where the last line has no end and fewer cells than the header: where it is whole, nothing is lost."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LONGEST_LINE))
        tail = file.read().replace(b"\0", b"")  # every other byte of UTF-16
    if not tail.endswith((b"\n", b"\r")):
        last = tail.splitlines()[-1].decode("latin-1")
        if len(next(csv.reader([last], delimiter=mark))) < columns:
            raise InputError("ends within a row: it was cut off", where=path.name, found=last[-40:])


def _flag(facts: pd.DataFrame, column: str) -> pd.Series:
    """A flag as 1, 0 or empty; empty where the release does not have it."""
    return facts[column] if column in facts else pd.Series("", index=facts.index)


def _kinds(facts: pd.DataFrame) -> pd.Series:
    kinds = pd.Series("whole", index=facts.index)
    for kind, column in FLAGS.items():
        kinds = kinds.mask(_flag(facts, column) == "1", kind)
    return kinds


def _topics(facts: pd.DataFrame) -> list[str]:
    marked = np.column_stack([_flag(facts, column) == "1" for column in TOPICS.values()])
    return [";".join(name for name, has in zip(TOPICS, row, strict=True) if has) for row in marked]


def _refuse(path: Path, cells: pd.Series, bad: pd.Series, problem: str, allowed: str) -> None:
    for row in np.flatnonzero(bad.to_numpy())[:1]:
        raise InputError(problem, where=f"{path.name}, column {cells.name}", found=cells.iloc[row], allowed=allowed)
