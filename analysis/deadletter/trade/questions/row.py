"""Rows of the table of trade results, as every trade question writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from deadletter.errors import InputError
from deadletter.trade.gravity.effects import effect

NAN = float("nan")
ROLE = "estimate"
NOT_ESTIMATED = "not estimated"
Row = dict[str, object]


def row(
    question: str,
    term: str,
    estimate: float,
    *,
    unit: str,
    n: int,
    method: str,
    se: float = NAN,
    low: float = NAN,
    high: float = NAN,
    source: str = "bilateral",
    why: str = "",
) -> Row:
    """One result: ``low``, ``high`` as ``method`` says; ``why`` holds named warnings, or why there is no estimate."""
    return {
        "id": f"{question}.{re.sub(r'[^a-z0-9]+', '_', term.lower()).strip('_')}",
        "role": ROLE,
        "question": question,
        "term": term,
        "estimate": float(estimate),
        "se": float(se),
        "low": float(low),
        "high": float(high),
        "n": n,
        "method": method,
        "unit": unit,
        "source": source,
        "why": why,
    }


def estimated(
    question: str, term: str, estimate: float, se: float, *, level: float, n: int, method: str, why: Iterable[str] = ()
) -> Row:
    """A coefficient in logs with its normal interval."""
    found = effect(estimate, se, level)
    limits = {"se": se, "low": found.low, "high": found.high}
    return row(question, term, estimate, unit="log", n=n, method=method, why="; ".join(why), **limits)


def attempt(question: str, term: str, build: Callable[[], list[Row]]) -> list[Row]:
    """The rows of a question, or one row that says why it cannot be answered in this sample."""
    try:
        return build()
    except InputError as error:
        return [row(question, term, NAN, unit="none", n=0, method=NOT_ESTIMATED, why=str(error))]
