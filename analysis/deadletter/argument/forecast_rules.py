"""Rules that decide forecasts: which observable acts, or which figure, speak for or against a claim."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field, ValidationError, model_validator

from deadletter.argument.criterion import Criterion
from deadletter.coding.model import Part
from deadletter.coding.settings import refusal
from deadletter.dataset.load import Dataset, derived
from deadletter.dataset.problems import place
from deadletter.errors import InputError
from deadletter.frames import records, split_ids
from deadletter.labels import day_in_words

PATH = "after_2019/forecast_rules.csv"
_LISTS, _COUNTS = ("acts", "actors"), ("at_least", "at_most")


class Rule(Part):
    """One row of the table of rules: a count of acts, the latest value of a measure, or why nothing can decide."""

    id: str
    claim: str
    effect: Literal["supports", "contradicts", "undecided"]
    acts: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    since: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""
    at_least: Annotated[int, Field(ge=1)] | None = None
    at_most: Annotated[int, Field(ge=0)] | None = None
    measure: str = ""
    relation: Literal["<", "<=", ">", ">="] | None = None
    value: float | None = None
    caveat: str = ""
    why: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> Rule:
        counts = [limit for limit in (self.at_least, self.at_most) if limit is not None]
        of_figure = [bool(self.measure), self.relation is not None, self.value is not None]
        if self.effect == "undecided":
            if self.acts or self.actors or counts or any(of_figure):
                raise ValueError("a rule that leaves its claim undecided asks for nothing")
            return self
        if bool(self.acts) == any(of_figure):
            raise ValueError("a rule asks either for acts or for a measure")
        if self.acts and len(counts) != 1:
            raise ValueError("a rule on acts needs one of at_least and at_most")
        if any(of_figure) and not all(of_figure):
            raise ValueError("a rule on a measure needs measure, relation and value")
        if any(of_figure) and (counts or self.actors):
            raise ValueError("a rule on a measure counts no acts and names no actors")
        if not self.since:
            raise ValueError("a rule needs the first day that counts (since)")
        return self


@dataclass(frozen=True)
class Met:
    """A rule that is met: the facts that meet it, when it was met, the fact that tipped it, and the sentence."""

    rule: Rule
    facts: tuple[str, ...]
    date: str
    tipping: str
    words: str


def read_rules(rules: pd.DataFrame, known: Mapping[str, Iterable[str]]) -> list[Rule]:
    """The rules of a table, in its order.

    rules: columns of :class:`Rule`, lists separated by semicolons, numbers as floats with NaN for empty cells.
    known: the names that exist, by column: ``claim``, ``acts``, ``actors``, ``measure``.

    Raises InputError: a row that is not a rule, a name that does not exist, or a duplicate id.
    """
    read: list[Rule] = []
    for row, record in enumerate(records(rules), start=2):
        where = place(PATH, row, record.get("id"))
        tree = {str(name): _plain(str(name), cell) for name, cell in record.items()}
        tree = {name: cell for name, cell in tree.items() if cell is not None}
        try:
            rule = Rule.model_validate(tree)
        except ValidationError as error:
            raise refusal(error, tree, where, Rule) from None
        named = {"claim": (rule.claim,), "acts": rule.acts, "actors": rule.actors, "measure": (rule.measure,)}
        for column, names in named.items():
            allowed = sorted(known[column])
            for name in names:
                if name and name not in allowed:
                    raise InputError("is not known", where=f"{where} column {column}", found=name, allowed=allowed)
        if rule.id in {earlier.id for earlier in read}:
            raise InputError("is a duplicate", where=f"{where} column id", found=rule.id)
        read.append(rule)
    return read


@derived
def declared_rules(dataset: Dataset) -> list[Rule]:
    """The declared rules, checked against the claims, acts, actors and measures that exist.

    Raises InputError: as :func:`read_rules` does.
    """
    known: dict[str, Iterable[str]] = {
        "claim": dataset["claims"]["id"],
        "acts": dataset["acts"]["id"],
        "actors": dataset["states"]["iso3"],
        "measure": dataset["later_figures"]["measure"].unique(),
    }
    return read_rules(_with_thresholds(dataset), known)


def _with_thresholds(dataset: Dataset) -> pd.DataFrame:
    """The table of rules, with the figures that the text states in place of their ids."""
    rules, figures = dataset["forecast_rules"], dataset["figures"].set_index("id")["value"]
    named = rules["figure"] != ""
    for bad, problem in (
        (named & rules["value"].notna(), "has a threshold and names a figure"),
        (named & ~rules["figure"].isin(figures.index), "no such figure of account/figures.csv"),
    ):
        for row in rules.index[bad][:1]:
            where = place(PATH, int(row) + 2, rules.at[row, "id"], "figure")
            raise InputError(problem, where=where, found=rules.at[row, "figure"], allowed=figures.index)
    return rules.assign(value=rules["value"].where(~named, rules["figure"].map(figures))).drop(columns="figure")


def _plain(column: str, cell: Any) -> Any:
    """A cell as the model takes it; None where it is empty."""
    if column in _LISTS:
        return tuple(split_ids(cell))
    if cell == "" or pd.isna(cell):
        return None
    return int(cell) if column in _COUNTS and cell == round(cell) else cell


def last_day(date: str) -> str:
    """The last day of a date that is known to the year, the month or the day, as ISO text."""
    if len(date) == 7:
        return f"{date}-{monthrange(int(date[:4]), int(date[5:]))[1]:02d}"
    return f"{date}-12-31" if len(date) == 4 else date


def known_by(facts: pd.DataFrame, as_of: str, since: str = "") -> pd.DataFrame:
    """Facts that are wholly in the past on a day and no older than ``since``, by date."""
    dated = facts.assign(day=facts["date"].map(last_day))
    return dated[(dated["day"] <= as_of) & (dated["day"] >= since)].sort_values(["day", "id"], ignore_index=True)


def meet(rule: Rule, facts: pd.DataFrame, figures: pd.DataFrame, as_of: str) -> Met | None:
    """Whether a rule is met by what is known on a day; None where it is not.

    facts: facts of the claim's regime, columns ``id``, ``date``, ``actors``, ``acts``.
    figures: columns ``fact``, ``measure``, ``period_end`` (YYYY-MM), ``value``, ``unit``.
    """
    if rule.effect == "undecided":
        return None
    return _meet_figure(rule, facts, figures, as_of) if rule.measure else _meet_acts(rule, facts, as_of)


def _meet_acts(rule: Rule, facts: pd.DataFrame, as_of: str) -> Met | None:
    record = known_by(facts, as_of, rule.since)
    if record.empty:
        return None
    shows = record["acts"].map(lambda cell: not set(rule.acts).isdisjoint(split_ids(cell))).astype(bool)
    by_whom = record["actors"].map(lambda cell: not rule.actors or split_ids(cell)[0] in rule.actors).astype(bool)
    found = record[shows & by_whom].reset_index(drop=True)
    kinds = " or ".join(rule.acts).replace("_", " ") + (f" by {', '.join(rule.actors)}" if rule.actors else "")
    ids = tuple(found["id"])
    if rule.at_most is not None:
        if len(found) > rule.at_most:
            return None
        words = f"{len(found)} of {len(record)} facts up to {day_in_words(as_of)} show {kinds}, and {rule.at_most} may"
        return Met(rule, ids, record["day"].iloc[0], "", words)
    wanted = rule.at_least or 1
    if len(found) < wanted:
        return None
    tipping = found.iloc[wanted - 1]
    needed = f"{wanted} needed, reached with {tipping['id']} ({day_in_words(tipping['date'])})"
    noun = "fact shows" if len(found) == 1 else "facts show"
    return Met(rule, ids, tipping["day"], tipping["id"], f"{len(found)} {noun} {kinds}, {needed}")


def _meet_figure(rule: Rule, facts: pd.DataFrame, figures: pd.DataFrame, as_of: str) -> Met | None:
    dated = figures.assign(day=figures["period_end"].map(last_day))
    dated = dated[(dated["measure"] == rule.measure) & (dated["day"] >= rule.since) & (dated["day"] <= as_of)]
    dated = dated[dated["fact"].isin(facts["id"])]
    if dated.empty:
        return None
    latest = dated.sort_values(["day", "fact"]).iloc[-1]
    # the model refuses a measure without relation and threshold
    if not Criterion(relation=rule.relation or "=", value=rule.value or 0.0).score(float(latest["value"])):
        return None
    what = f"{rule.measure.replace('_', ' ')} up to {day_in_words(latest['period_end'])}"
    words = f"{what} is {latest['value']:g} {latest['unit']}, {rule.relation} {rule.value:g}"
    return Met(rule, (latest["fact"],), latest["day"], latest["fact"], words)
