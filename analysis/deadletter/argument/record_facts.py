"""Kinds of test that read single facts outside the text: dated records, articles of treaties, ranks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd
from pydantic import Field, model_validator

from deadletter.argument.criterion import Criterion
from deadletter.argument.found import NAN, Found
from deadletter.argument.grounds import Grounds
from deadletter.coding.model import Part
from deadletter.dataset.load import Dataset
from deadletter.errors import InputError
from deadletter.frames import records
from deadletter.labels import NONE, RECORD

SEVERAL = 2
WORDS = {
    "supports": "For it",
    "supports a part": "For a part of it",
    "contradicts": "Against it",
    "contradicts a part": "Against a part of it",
}
WEIGHTS = ("no record", "one record", "several independent records")


class Records(Part):
    """Dated facts decide a claim as far as they were verified: several independent records outrank one, and where the
    two sides weigh the same nothing is decided. Facts that support a part of the claim decide in part at most."""

    kind: Literal["records"]
    claim: str = ""
    ids: list[str] = Field(default_factory=list)

    def run(self, grounds: Grounds) -> Found:
        claim = self.claim or grounds.claim
        facts, bearings = recorded(grounds.dataset), grounds.dataset["bearings"]
        _one_of("no such claim", claim, grounds.dataset["claims"]["id"])
        mine = bearings[bearings["claim"] == claim]
        for name in self.ids:
            _one_of(f"no such record on {claim}", name, mine["record"])
        mine = mine[mine["record"].isin(self.ids)] if self.ids else mine
        joined = mine.join(facts, on="record")
        seen = joined[joined["verified"] == "yes"]
        partly = seen[seen["bearing"] == "part"]
        sides = {
            "supports": seen[seen["bearing"] == "supports"],
            "supports a part": partly[partly["sign"] == "for"],
            "contradicts": seen[seen["bearing"] == "contradicts"],
            "contradicts a part": partly[partly["sign"] == "against"],
        }
        weights = {side: min(SEVERAL, frame["source"].nunique()) for side, frame in sides.items()}
        units = tuple(mine["record"])
        pro = min(SEVERAL, pd.concat([sides["supports"], sides["supports a part"]])["source"].nunique())
        con, against = weights["contradicts"], weights["contradicts a part"]
        words = "; ".join(_listed(name, frame) for name, frame in sides.items() if len(frame))
        if pro == con:
            silent = f". {words}" if words else _silent(len(seen), len(joined) - len(seen))
            equal = f"Equal weight on both sides ({WEIGHTS[con]} each): {words}"
            why = equal if con else f"No verified record decides it{silent}"
            return Found(NAN, why, NONE, category="insufficient" if con else "record", units=units)
        score = 0.0 if con > pro else 1.0 if weights["supports"] > con and not against else 0.5
        return Found(
            score, words, RECORD, computed=pro - con, article="more weight for it than against it",
            unit="weight of records", units=units,
        )  # fmt: skip


class Provision(Part):
    """What an article of a treaty says: the verified answers on a feature are among those wanted, or a value meets a
    criterion; all rows, some, or none."""

    kind: Literal["provision"]
    regime: str
    feature: str
    treaty: str = ""
    answers: list[str] = Field(default_factory=list)
    partly: list[str] = Field(default_factory=list)
    criterion: Criterion | None = None

    @model_validator(mode="after")
    def _one(self) -> Provision:
        if bool(self.answers) == (self.criterion is not None):
            raise ValueError("a provision needs either answers or a criterion")
        return self

    def run(self, grounds: Grounds) -> Found:
        table = grounds.dataset["provisions"]
        for column in ("regime", "feature", "treaty"):
            value = getattr(self, column)
            if value:
                _one_of(f"no such {column} among the provisions", value, table[column])
                table = table[table[column] == value]
        if table.empty:
            found = f"{self.feature} of {self.treaty or self.regime}"
            raise InputError("no such provision", found=found, allowed="a row of record/provisions.csv")
        units, seen = tuple(table["id"]), table[table["verified"] == "yes"]
        if seen.empty:
            return Found(NAN, "The text of the provision was not verified", NONE, category="record", units=units)
        scores = [self._score(row) for row in records(seen)]
        words = "; ".join(
            f"{', '.join(filter(None, (row['treaty'], row['article'])))}: "
            f"{self.feature}: {row['answer'] or row['value']}"
            for row in records(seen)
        )
        wanted = self.criterion.short if self.criterion else " or ".join(self.answers)
        return Found(
            1.0 if min(scores) == 1 else 0.5 if max(scores) > 0 else 0.0,
            f"{words}; the claim requires {wanted}", RECORD,
            computed=str(seen["answer"].iloc[0]), article=wanted, unit="provision", units=units,
        )  # fmt: skip

    def _score(self, row: dict[str, Any]) -> float:
        if self.criterion:
            return self.criterion.score(float(row["value"]))
        return 1.0 if row["answer"] in self.answers else 0.5 if row["answer"] in self.partly else 0.0


class Rank(Part):
    """The position of a regime in a population of like bodies: its percentile, the share of bodies at or above it,
    or its value meets a criterion, within the margin in part at most."""

    kind: Literal["rank"]
    regime: str
    measure: str
    group: str
    of: Literal["percentile", "share_at_or_above", "value"] = "percentile"
    criterion: Criterion

    def run(self, grounds: Grounds) -> Found:
        table = grounds.dataset["ranks"]
        for column in ("regime", "measure", "group"):
            value = getattr(self, column)
            _one_of(f"no such {column} among the ranks", value, table[column])
            table = table[table[column] == value]
        row = table.iloc[0]
        margin = 0.0 if self.of == "value" else grounds.coding.argument.margin
        found = float(row[self.of])
        cells = (f"ranks.csv {row['id']}: {self.regime}/{self.measure}/{self.group}",)
        if found != found or row["verified"] != "yes":
            why = f"No verified {self.of.replace('_', ' ')} is known for {self.measure} of {self.regime}"
            return Found(NAN, why, NONE, category="record", cells=cells)
        wording = {
            "percentile": f"is at percentile {found:.2f} of",
            "share_at_or_above": f"is matched or surpassed by a share of {found:.2f} of",
            "value": f"is {found:g}, among",
        }[self.of]
        return Found(
            self.criterion.score(found, margin),
            f"{self.measure.replace('_', ' ').capitalize()} of {self.regime} {wording} {self.group} "
            f"(n = {int(row['n'])}); the claim requires {self.criterion.short}",
            RECORD, computed=found, article=self.criterion.short, unit=self.of.replace("_", " "),
            cells=cells, margin=abs(found - self.criterion.value) if margin else NAN,
        )  # fmt: skip


def recorded(dataset: Dataset) -> pd.DataFrame:
    """Dated facts and crises by id: what, date, source, verified."""

    def read() -> pd.DataFrame:
        facts, crises = dataset["record_facts"], dataset["crises"]
        wording = crises.assign(
            what=crises["place"] + ": " + crises["answer"], date=crises["start"], source=crises["page"]
        )
        columns = ["id", "what", "date", "source", "verified"]
        return pd.concat([facts[columns], wording[columns]], ignore_index=True).set_index("id")

    return dataset.once("recorded", read)


def _silent(verified: int, others: int) -> str:
    """Why no record speaks: none was collected, or verified, or those that were say nothing on the claim."""
    if not verified:
        return f": records on it that were not verified: {others}" if others else ": none on it was collected"
    left = f"; not verified: {others}" if others else ""
    return f": verified records that speak neither for nor against it: {verified}{left}"


def _listed(side: str, frame: pd.DataFrame) -> str:
    facts = zip(frame["what"], frame["date"], frame["record"], strict=True)
    wording = (f"{what.rstrip('.')} ({date}; {record})" for what, date, record in facts)
    return f"{WORDS[side]}: {', '.join(wording)}"


def _one_of(problem: str, value: str, known: Sequence[str] | pd.Series) -> None:
    allowed = pd.Series(known).unique().tolist()
    if value not in allowed:
        raise InputError(problem, found=value, allowed=allowed)
