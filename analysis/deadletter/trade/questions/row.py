"""Rows of the table of trade results, as every trade question writes them."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import SupportsFloat

from deadletter.errors import InputError
from deadletter.trade.gravity.effects import effect

NAN = float("nan")
ROLE = "estimate"
NOT_ESTIMATED = "not estimated"
Row = dict[str, object]
KEYS = ("year", "base_year", "exporter", "partner", "factor", "lead_lag", "convention")
"""What a row is of, for programs; ``term`` says the same in words."""


def row(
    question: str,
    term: str,
    estimate: SupportsFloat,
    *,
    n: int,
    method: str,
    unit: str = "log",
    se: SupportsFloat = NAN,
    low: SupportsFloat = NAN,
    high: SupportsFloat = NAN,
    level: float | None = None,
    source: str = "bilateral",
    why: str | Sequence[str] = "",
    year: int | None = None,
    base_year: int | None = None,
    exporter: str | None = None,
    partner: str | None = None,
    factor: str | None = None,
    lead_lag: int | None = None,
    convention: str | None = None,
) -> Row:
    """One result.

    low, high: as ``method`` says; with a ``level`` they are the normal interval of ``estimate`` and ``se`` instead.
    why: named warnings, or why there is no estimate.
    year, base_year: the year, and the one it is compared with. exporter, partner: codes of economies. factor: the part
        of a decomposition, index or test. lead_lag: years since the first treated one. convention: how mutual trade is
        counted (``twice``, ``once``), or the set of placebos that the bloc is compared with.
    """
    if level is not None:
        found = effect(float(estimate), float(se), level)
        low, high = found.low, found.high
    return {
        "id": f"{question}.{re.sub(r'[^a-z0-9]+', '_', term.lower()).strip('_')}",
        "role": ROLE,
        "question": question,
        "term": term.replace("_", " "),
        "estimate": float(estimate),
        "se": float(se),
        "low": float(low),
        "high": float(high),
        "n": n,
        "method": method,
        "unit": unit,
        "source": source,
        "why": why if isinstance(why, str) else "; ".join(why),
        **dict(zip(KEYS, (year, base_year, exporter, partner, factor, lead_lag, convention), strict=True)),
    }


def attempt(question: str, term: str, build: Callable[..., list[Row]], *given: object) -> list[Row]:
    """The rows of a question asked of ``given``, or one row that says why it cannot be answered in this sample."""
    try:
        return build(*given)
    except InputError as error:
        return [row(question, term, NAN, unit="none", n=0, method=NOT_ESTIMATED, why=str(error))]


def answered(questions: Mapping[str, tuple[str, Callable[..., list[Row]]]], *given: object) -> list[Row]:
    """The rows of several questions, each with a term for the case that it cannot be answered, asked of the same."""
    return [r for name, (term, ask) in questions.items() for r in attempt(name, term, ask, *given)]
