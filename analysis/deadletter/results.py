"""The tables of results/: one function each, from evidence and coding to a frame of fixed columns and order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from deadletter.argument.forecast_rules import declared_rules
from deadletter.argument.forecasts import FORECAST, by_year, out_of_sample, score_forecasts
from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset
from deadletter.indices.compliance import compliance, output
from deadletter.indices.expectation import expectation
from deadletter.indices.functions import functions
from deadletter.indices.intervals import IndexValue
from deadletter.indices.legalisation import COMPONENTS, formalisation
from deadletter.indices.placement import CELLS, place
from deadletter.indices.selection import ALL, Scope, check_coding, lineage_of, periods_of

INDEX_COLUMNS = [
    "regime",
    "krasner",
    "component",
    "period",
    "index",
    "value",
    "low",
    "high",
    "n",
    "bound_low",
    "bound_high",
    "note",
]
BASES = ("expectation", "compliance", "output")


def scopes(dataset: Dataset, coding: Coding) -> Iterator[Scope]:
    """Every focal regime, period and component that the norms or the outlook of its lineage know."""
    for focal in dataset.focal:
        lineage = lineage_of(dataset, focal)
        known = [dataset[name] for name in ("norms", "outlook", "functions")]
        found = {c for frame in known for c in frame.loc[frame["regime"].isin(lineage), "component"]}
        for first, last in periods_of(dataset, coding, focal):
            for component in [ALL, *sorted(found - {ALL})]:
                yield Scope(focal, first, last, component)


def indices_table(dataset: Dataset, coding: Coding) -> pd.DataFrame:
    """Every index of every scope: columns of :data:`INDEX_COLUMNS`; scopes without a row are left out.

    Raises
    ------
    InputError: the coding names a coder, a state or a lineage that the data do not know.
    """
    check_coding(dataset, coding)
    rows = []
    for scope in scopes(dataset, coding):
        for krasner in (ALL, *COMPONENTS):
            rows.append(_row(scope, "formalisation", formalisation(dataset, coding, scope, krasner), krasner))
        expected = expectation(dataset, coding, scope)
        sums = functions(dataset, coding, scope)
        values = {
            "expectation": expected.index,
            "expectation_level": expected.level,
            "expectation_convergence": expected.convergence,
            "compliance": compliance(dataset, coding, scope),
            "output": output(dataset, coding, scope),
            "output_substance": output(dataset, coding, scope, "substance"),
            "output_procedure": output(dataset, coding, scope, "procedure"),
            "functions_strategic": sums.strategic,
            "functions_communicative": sums.communicative,
            "functions_position": sums.position,
        }
        rows += [_row(scope, name, value) for name, value in values.items()]
        rows.append(_row(scope, "expectation_overlap", expected.overlap))
    table = pd.DataFrame(rows, columns=INDEX_COLUMNS)
    return _sorted(table[table["n"] > 0], ["regime", "component", "period", "index", "krasner"])


def _row(scope: Scope, name: str, v: IndexValue, krasner: str = ALL) -> tuple[Any, ...]:
    where = (scope.focal, krasner, scope.component, scope.period, name)
    return (*where, v.value, v.low, v.high, v.n, v.bound_low, v.bound_high, v.note)


def placement_table(dataset: Dataset, coding: Coding, indices: pd.DataFrame) -> pd.DataFrame:
    """Fuzzy placement of every scope by each basis, from the values of the table of indices.

    ``flips_formalisation`` and ``flips_basis`` are the crossover anchors at which the label would change.
    """
    whole = indices[indices["krasner"] == ALL].set_index(["regime", "component", "period", "index"])["value"]
    rows = []
    for scope in scopes(dataset, coding):
        key = (scope.focal, scope.component, scope.period)
        formal = whole.get((*key, "formalisation"), float("nan"))
        for basis in BASES:
            placed = place(formal, whole.get((*key, basis), float("nan")), getattr(coding.calibration, basis), coding)
            flips = (placed.flips_at_formalisation, placed.flips_at_basis)
            rows.append((*key, basis, *(placed.memberships[cell] for cell in CELLS), placed.label, *flips))
    columns = ["regime", "component", "period", "basis", *CELLS, "label", "flips_formalisation", "flips_basis"]
    return _sorted(pd.DataFrame(rows, columns=columns), ["regime", "component", "period", "basis"])


def stated_percentages(figures: pd.DataFrame) -> pd.DataFrame:
    """Dated percentages among the figures that the article states, with ``year``; ranges go by their first year."""
    stated = figures[(figures["unit"] == "percent") & (figures["period"] != "")].reset_index(drop=True)
    return stated.assign(year=pd.to_numeric(stated["period"].str[:4]))


def forecast_tables(
    dataset: Dataset, coding: Coding, indices: pd.DataFrame, placement: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The article against later facts, by file name: forecasts on the coding's last known day and as they stood at the
    end of each year; findings that have a rule, and the model of the last coded period, out of sample."""
    rules, claims, facts, figures = (
        declared_rules(dataset), dataset["claims"], dataset["facts"], dataset["later_figures"]
    )  # fmt: skip
    ruled = claims[claims["id"].isin({rule.claim for rule in rules}) & (claims["level"] != FORECAST)]
    findings = score_forecasts(ruled, facts, figures, rules, coding.as_of, ruled["level"].unique())
    return {
        "forecasts.csv": score_forecasts(claims, facts, figures, rules, coding.as_of),
        "forecasts_by_year.csv": by_year(claims, facts, figures, rules, coding.as_of),
        "out_of_sample.csv": out_of_sample(findings, indices, placement, facts, dataset["norm_tests"], coding),
    }


def _sorted(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    return table.sort_values(by, kind="stable").reset_index(drop=True)


def to_csv(table: pd.DataFrame) -> str:
    """CSV text of a table of results: LF, ten significant digits, missing cells empty; negative zero is zero."""
    numbers = table.select_dtypes("float")
    return table.assign(**(numbers + 0.0)).to_csv(index=False, lineterminator="\n", float_format="%.10g")
