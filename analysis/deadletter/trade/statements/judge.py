"""Quantitative statements compared with the tables: estimate, range, verdict, and the reason made from the values."""

import json
import math
from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from deadletter.errors import InputError
from deadletter.frames import split_ids
from deadletter.trade.statements.measured import Measured, Sources, apply

SCALES = {("share", "percent"): 100.0, ("categories of goods", "goods"): 1.0}
"""Factor from the unit of a figure to that of a statement, where they differ."""
Figures = dict[str, tuple[float, str]]
AGREES, DIFFERS, NOT_TESTABLE = "agrees", "differs", "not testable"
RESULT = (
    "id", "role", "question", "term", "estimate", "low", "high", "n", "method", "article_value", "unit", "relation",
    "tolerance", "source", "verdict", "why", "year", "base_year", "convention",
)  # fmt: skip


def judge(statements: pd.DataFrame, figures: pd.DataFrame, sources: Sources) -> pd.DataFrame:
    """One row of result for each statement, in the order of the statements.

    statements: the checked table, with columns ``id``, ``role`` (handed on), ``question``, ``term``, ``measure`` (a
        registered kind), ``arguments`` (a JSON object), ``relation`` (``=`` within the tolerance; ``<``, ``>`` for
        every value that the statement covers), ``figure`` (ids of figures of the article; several are growth rates of
        successive years, compounded), else ``threshold`` (a value that the study sets), ``unit``, ``tolerance`` (≥ 0,
        in that unit; empty only where nothing can be tested).
    figures: columns ``id``, ``value``, ``unit``: the figures of the article.

    Returns columns of ``RESULT``, ``article_value`` in the statement's unit; verdict is ``agrees``, ``differs`` or
    ``not testable``; ``year``, ``base_year`` and ``convention`` are those of the arguments.

    Raises InputError: arguments that the measure does not take, no such figure, a figure in another unit, or nothing to
    compare with.
    """
    known = {str(f["id"]): (float(f["value"]), str(f["unit"])) for f in figures.to_dict("records")}
    rows = [_judge_one(row, known, sources) for row in statements.to_dict("records")]
    return pd.DataFrame(rows, columns=list(RESULT))


def _judge_one(row: dict[Hashable, Any], figures: Figures, sources: Sources) -> dict[str, object]:
    """Measure and judge one statement."""
    where = f"statement {row['id']}"
    arguments = json.loads(row["arguments"])
    measured = apply(str(row["measure"]), sources, arguments, where)
    stated, tolerance = _stated(row, figures, where), float(row["tolerance"])
    if not measured.untestable and not (np.isfinite(stated) and tolerance >= 0):
        found = f"value {stated}, tolerance {tolerance}"
        raise InputError("nothing to compare the estimate with", where=where, found=found)
    verdict, why = compare(measured, str(row["relation"]), stated, tolerance)
    return {
        **{name: row[name] for name in ("id", "role", "question", "term", "unit", "relation", "tolerance")},
        "article_value": stated,
        **{name: getattr(measured, name) for name in ("estimate", "low", "high", "n", "method", "source")},
        "verdict": verdict,
        "why": why,
        "year": arguments.get("year", arguments.get("last") if isinstance(arguments.get("last"), int) else None),
        "base_year": arguments.get("first") if isinstance(arguments.get("first"), int) else None,
        "convention": arguments.get("convention"),
    }


def _stated(row: dict[Hashable, Any], figures: Figures, where: str) -> float:
    """The value that a statement is compared with, in its unit: of the article's figures, else the threshold."""
    if pd.isna(row["figure"]) or not row["figure"]:
        return float(row["threshold"])
    if not pd.isna(row["threshold"]):
        raise InputError("has a stated figure and a threshold", where=where, found=row["threshold"])
    values = []
    for name in split_ids(row["figure"]):
        if name not in figures:
            raise InputError(
                "no such figure of account/figures.csv", where=f"{where}, figure", found=name, allowed=list(figures)
            )
        value, unit = figures[name]
        scale = 1.0 if unit == row["unit"] else SCALES.get((unit, row["unit"]))
        if scale is None:
            raise InputError(f"figure {name} has another unit", where=where, found=unit, allowed=row["unit"])
        values.append(scale * value)
    if len(values) == 1:
        return values[0]
    if row["unit"] != "percent":
        raise InputError("several figures that are not growth in percent", where=where, found=row["figure"])
    return 100 * (math.prod(1 + value / 100 for value in values) - 1)


def compare(measured: Measured, relation: str, stated: float, tolerance: float) -> tuple[str, str]:
    """Verdict and reason: ``=`` compares the estimate, an inequality must hold for every value it covers."""
    if measured.untestable:
        return NOT_TESTABLE, measured.untestable
    detail = f"; {measured.detail}" if measured.detail else ""
    if relation == "=":
        gap = abs(measured.estimate - stated)
        holds = gap <= tolerance + 1e-9
        signs = "" if measured.estimate * stated >= 0 else ", and the signs differ"
        bound = "within" if holds else "more than"
        text = f"{measured.estimate:.2f} against {stated:g}: {gap:.2f} apart, {bound} {tolerance:g}{signs}"
        return (AGREES if holds else DIFFERS), text + detail
    values = np.array(measured.each or (measured.estimate,))
    worst, word = (values.max(), "below") if relation == "<" else (values.min(), "above")
    holds = worst < stated + tolerance if relation == "<" else worst > stated - tolerance
    which = f"the {'largest' if relation == '<' else 'smallest'} of {len(values)} values, " if len(values) > 1 else ""
    text = f"{which}{worst:.2f}{',' if which else ''} is {'' if holds else 'not '}{word} {stated:g}"
    return (AGREES if holds else DIFFERS), text + detail
