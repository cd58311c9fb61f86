"""Quantitative statements beside what the tables say: estimate, range, verdict, and the reason made from the values."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from deadletter.errors import InputError
from deadletter.trade.statements.measured import Measured, Sources, apply

COLUMNS = ("id", "role", "question", "term", "measure", "arguments", "relation", "article_value", "unit", "tolerance")
RELATIONS = ("=", "<", ">")
AGREES, DIFFERS, NOT_TESTABLE = "agrees", "differs", "not testable"
RESULT = (
    "id", "role", "question", "term", "estimate", "low", "high", "n", "method", "article_value", "unit", "relation",
    "tolerance", "source", "verdict", "why",
)  # fmt: skip


def judge(statements: pd.DataFrame, sources: Sources) -> pd.DataFrame:
    """One row of result for each statement, in the order of the statements.

    Parameters
    ----------
    statements: columns ``id`` (unique), ``role`` (handed on), ``question``, ``term``, ``measure`` (a registered kind),
        ``arguments`` (a JSON object), ``relation`` (``=`` within the tolerance; ``<``, ``>`` for every value that the
        statement covers), ``article_value``, ``unit``, ``tolerance`` (≥ 0, in that unit; both may be empty only where
        nothing can be tested).

    Returns
    -------
    columns of ``RESULT``; verdict is ``agrees``, ``differs`` or ``not testable``.

    Raises
    ------
    InputError: a column is missing, an id is there twice, or a row has an unknown measure, arguments that the measure
        does not take, no such relation, or no figure to compare with.
    """
    for column in COLUMNS:
        if column not in statements.columns:
            raise InputError("a column is missing from the statements", found=column, allowed=list(statements.columns))
    twice = statements["id"][statements["id"].duplicated()]
    if len(twice):
        raise InputError("a statement is there twice", where="id", found=twice.iloc[0])
    rows = [_judge_one(row, sources) for row in statements.to_dict("records")]
    return pd.DataFrame(rows, columns=list(RESULT))


def _judge_one(row: dict[str, object], sources: Sources) -> dict[str, object]:
    """Measure and judge one statement."""
    where = f"statement {row['id']}"
    if row["relation"] not in RELATIONS:
        raise InputError("no such relation", where=where, found=row["relation"], allowed=RELATIONS)
    measured = apply(str(row["measure"]), sources, _arguments(row["arguments"], where), where)
    stated, tolerance = float(row["article_value"]), float(row["tolerance"])
    if not measured.untestable and not (np.isfinite(stated) and tolerance >= 0):
        found = f"article_value {stated}, tolerance {tolerance}"
        raise InputError("nothing to compare the estimate with", where=where, found=found)
    verdict, why = compare(measured, str(row["relation"]), stated, tolerance)
    return {
        **{
            name: row[name]
            for name in ("id", "role", "question", "term", "article_value", "unit", "relation", "tolerance")
        },
        **{name: getattr(measured, name) for name in ("estimate", "low", "high", "n", "method", "source")},
        "verdict": verdict,
        "why": why,
    }


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
    which = f"the {'largest' if relation == '<' else 'smallest'} of {len(values)}, " if len(values) > 1 else ""
    return (AGREES if holds else DIFFERS), f"{which}{worst:.2f}, is {'' if holds else 'not '}{word} {stated:g}{detail}"


def _arguments(text: object, where: str) -> dict[str, object]:
    """The JSON object of a row's arguments."""
    try:
        arguments = json.loads(str(text))
    except json.JSONDecodeError as error:
        raise InputError(f"arguments are not JSON ({error.msg})", where=where, found=text) from None
    if not isinstance(arguments, dict):
        raise InputError("arguments are not a JSON object", where=where, found=text)
    return arguments
