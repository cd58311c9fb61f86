"""Allowed calls of flows and their decomposition that are easy to answer wrongly."""

from __future__ import annotations

import pandas as pd
import pytest

from deadletter.errors import InputError
from deadletter.trade import (
    bloc_dummy,
    by_member,
    lmdi,
    mutual_exports,
    read_flows,
)
from tests.trade.gravity.gravity_panels import panel

__all__ = ["panel"]


@pytest.mark.parametrize("year", [2003.5, "2003", (2001, 2003), float("nan")])
def test_a_bloc_starts_in_a_whole_year(panel, year):
    with pytest.raises(InputError, match="whole numbers"):
        bloc_dummy(panel, {"C0": year, "C1": 2003})


@pytest.mark.parametrize("name", [None, "", " A", "A\N{NO-BREAK SPACE}"])
def test_a_flow_from_nobody_is_refused(name):
    flows = pd.DataFrame({"exporter": ["A", name], "importer": ["B", "A"], "year": 1, "exports_musd": 1.0})
    with pytest.raises(InputError, match=r"row 1, exporter.*no name"):
        read_flows(flows)


@pytest.mark.parametrize("what", ["duration", "duration[ns][pyarrow]", "period", "date"])
@pytest.mark.parametrize("column", ["year", "exports_musd"])
def test_what_pandas_counts_from_1970_is_not_a_number(column, what):
    """A period of the year 2001 would be the year 31."""
    made = {"period": pd.Period("2001", "Y"), "date": pd.Timestamp("2001")}.get(what, pd.Timedelta("2001s"))
    flows = pd.DataFrame({"exporter": ["A", "B"], "importer": ["B", "A"], "year": 2001, "exports_musd": 1.0})
    cells = pd.Series([made] * 2).astype(what) if "pyarrow" in what else pd.Series([made] * 2)
    with pytest.raises(InputError, match=f"row 0, {column}: .* not a"):
        read_flows(flows.assign(**{column: cells}))


def test_a_macro_figure_that_is_there_twice_is_refused():
    flows = read_flows(
        pd.DataFrame(
            [(a, b, t, 1.0 + t - 2000) for a, b in ("AB", "BA") for t in (2000, 2001)],
            columns=["exporter", "importer", "year", "exports_musd"],
        )
    )
    macro = pd.DataFrame(
        [(e, t, 1.0, 1.0, 1.0) for e in "AB" for t in (2000, 2001, 2001)],
        columns=["economy", "year", "real_gdp_growth_pct", "gdp_current_musd", "lcu_per_usd"],
    )
    with pytest.raises(InputError, match="A 2001: a macro figure occurs twice"):
        mutual_exports(flows, macro, ["A", "B"], 2000, 2001)


def test_members_whose_columns_would_replace_each_other_are_refused(panel):
    frame = panel.replace({"C0": "A B", "C1": "A_B"})
    with pytest.raises(InputError, match="same name as columns; found: 'A B, A_B'"):
        by_member(frame, {"A B": 2003, "A_B": 2003}, "exports")


def test_factors_whose_product_overflows_are_refused():
    table = pd.DataFrame({"p": [1e200], "q": [1.0]}, index=["A"])
    with pytest.raises(InputError, match=r"lmdi: the product of the factors .*; found: 'A'"):
        lmdi(table, table.assign(q=1e200))
