"""Kinds of test that read what is not in the text: independent figures, and facts that are later than it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from deadletter.argument.criterion import Criterion
from deadletter.argument.forecast_rules import declared_rules
from deadletter.argument.forecasts import FORECAST, score_forecasts
from deadletter.argument.found import NAN, Found
from deadletter.argument.grounds import Grounds
from deadletter.coding.model import Part
from deadletter.errors import InputError
from deadletter.frames import records, split_ids
from deadletter.labels import AFTER, NONE, RECORD

AGREES = {"agrees": 1.0, "differs": 0.0}


class Statements(Part):
    """Quantitative statements of the text agree with independent figures: all, some, or none.

    Where some of them cannot be tested, the others hold at most in part.
    """

    kind: Literal["statements"]
    ids: Annotated[list[str], Field(min_length=1)]

    def run(self, grounds: Grounds) -> Found:
        rows = _statements(grounds, self.ids)
        cells = tuple(f"trade.csv {row['id']}" for row in rows)
        tested = [row for row in rows if row["verdict"] in AGREES]
        left = "".join(f"; {row['term']}: {row['why']}" for row in rows if row["verdict"] not in AGREES)
        if not tested:
            return Found(NAN, left.removeprefix("; "), NONE, category="insufficient", cells=cells)
        holding = sum(AGREES[row["verdict"]] for row in tested)
        wording = "; ".join(f"{row['term']}: {row['why']}" for row in tested) + left
        single = tested[0] if len(rows) == 1 else None
        return Found(
            1.0 if holding == len(rows) else 0.5 if holding else 0.0,
            wording if single is not None else f"{holding:g} of {len(rows)} agree: {wording}",
            RECORD,
            computed=float(single["estimate"]) if single is not None else holding,
            article=float(single["article_value"]) if single is not None else f"all of {len(rows)}",
            unit=str(single["unit"]) if single is not None else "statements",
            tolerance=float(single["tolerance"]) if single is not None else NAN,
            cells=cells,
        )


class Estimates(Part):
    """Independent estimates each meet a criterion, such as being below zero: all, some, or none."""

    kind: Literal["estimates"]
    ids: Annotated[list[str], Field(min_length=1)]
    criterion: Criterion

    def run(self, grounds: Grounds) -> Found:
        rows = _statements(grounds, self.ids)
        cells = tuple(f"trade.csv {row['id']}" for row in rows)
        known = [row for row in rows if not math.isnan(row["estimate"])]
        if not known:
            return Found(NAN, "no estimate for any of them", NONE, category="insufficient", cells=cells)
        scores = [self.criterion.score(float(row["estimate"])) for row in known]
        wording = "; ".join(f"{row['term']} {row['estimate']:.2f}" for row in known)
        return Found(
            1.0 if min(scores) == 1 else 0.5 if max(scores) > 0 else 0.0,
            f"{scores.count(1.0)} of {len(rows)} estimates are {self.criterion.short}: {wording}",
            RECORD,
            computed=float(known[0]["estimate"]) if len(rows) == 1 else scores.count(1.0),
            article=self.criterion.short,
            unit=str(known[0]["unit"]) if len(rows) == 1 else "estimates",
            tolerance=self.criterion.tolerance,
            cells=cells,
        )


class LaterFacts(Part):
    """The declared rules on facts after the text decide a claim, from what is known on the coding's last day."""

    kind: Literal["later_facts"]
    claim: str

    def run(self, grounds: Grounds) -> Found:
        dataset = grounds.dataset
        claims = dataset["claims"][dataset["claims"]["id"] == self.claim]
        if claims.empty:
            raise InputError("no such claim", found=self.claim, allowed=list(dataset["claims"]["id"]))
        facts, figures, day = dataset["facts"], dataset["later_figures"], grounds.coding.as_of
        scored = score_forecasts(claims, facts, figures, declared_rules(dataset), day, claims["level"]).iloc[0]
        units = tuple(split_ids(scored["facts_for"])) + tuple(split_ids(scored["facts_against"]))
        cells = (f"forecasts.csv {self.claim}",) if scored["level"] == FORECAST else ()
        if math.isnan(scored["score"]):
            return Found(NAN, scored["reason"], NONE, category="later facts", units=units, cells=cells)
        return Found(
            float(scored["score"]),
            scored["reason"],
            AFTER,
            computed=scored["decided"],
            article="rules on later facts",
            unit="date",
            units=units,
            cells=cells,
        )


def _statements(grounds: Grounds, ids: Sequence[str]) -> list[dict[str, Any]]:
    known = {row["id"]: row for row in records(grounds.trade)}
    for name in ids:
        if name not in known:
            raise InputError("no such quantitative statement", found=name, allowed=list(known))
    return [known[name] for name in ids]
