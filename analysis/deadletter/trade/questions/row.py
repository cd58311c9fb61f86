"""Rows of the table of trade results, as every trade question writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypedDict, Unpack

from deadletter.errors import InputError
from deadletter.trade.gravity.effects import effect

NAN = float("nan")
ROLE = "estimate"
NOT_ESTIMATED = "not estimated"
Row = dict[str, object]


class Keys(TypedDict, total=False):
    """What a row is of, for programs; ``term`` says the same in words. Empty where it does not apply.

    year, and base_year where it is compared with another one; exporter, partner: codes of economies; factor: the part
    of a decomposition, index or test; lead_lag: years since the first treated one; convention: how mutual trade is
    counted (``twice``, ``once``), or the set of placebos that the bloc is compared with.
    """

    year: int | None
    base_year: int | None
    exporter: str | None
    partner: str | None
    factor: str | None
    lead_lag: int | None
    convention: str | None


KEYS = tuple(Keys.__annotations__)


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
    **keys: Unpack[Keys],
) -> Row:
    """One result: ``low``, ``high`` as ``method`` says; ``why`` holds named warnings, or why there is no estimate;
    ``keys`` say what the row is of."""
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
        **dict.fromkeys(KEYS),
        **keys,
    }


def estimated(
    question: str,
    term: str,
    estimate: float,
    se: float,
    *,
    level: float,
    n: int,
    method: str,
    why: Iterable[str] = (),
    **keys: Unpack[Keys],
) -> Row:
    """A coefficient in logs with its normal interval; ``keys`` as in ``row``."""
    found = effect(estimate, se, level)
    limits = {"se": se, "low": found.low, "high": found.high}
    return row(question, term, estimate, unit="log", n=n, method=method, why="; ".join(why), **limits, **keys)


def attempt(question: str, term: str, build: Callable[[], list[Row]]) -> list[Row]:
    """The rows of a question, or one row that says why it cannot be answered in this sample."""
    try:
        return build()
    except InputError as error:
        return [unanswered(question, term, error)]


def unanswered(question: str, term: str, error: InputError) -> Row:
    """The row of a question that cannot be answered in this sample, with the reason."""
    return row(question, term, NAN, unit="none", n=0, method=NOT_ESTIMATED, why=str(error))


def answered(questions: Mapping[str, tuple[str, Callable[..., list[Row]]]], *given: object) -> list[Row]:
    """The rows of several questions, each with a term for the case that it cannot be answered, asked of the same."""
    return [r for name, (term, ask) in questions.items() for r in attempt(name, term, lambda ask=ask: ask(*given))]
