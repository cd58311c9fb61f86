"""The bundled tables, read once for the tests of this folder, and a small world whose sums are done by hand."""

from functools import cache
from pathlib import Path

import pandas as pd

from deadletter.trade.bloc.flows import Flows, read_flows
from deadletter.trade.statements.measured import Sources

DATA = Path(__file__).parents[2] / "data"
CODE = Path(__file__).parents[2] / "analysis" / "deadletter"
TRIO = ["RUS", "BLR", "KAZ"]
FIVE = [*TRIO, "ARM", "KGZ"]

# members A and B, outsiders C and D. Year 1: I = 40, X = 200, O = 150. Year 2: I = 60, X = 100, O = 150
SMALL = {
    ("A", "B"): (10, 20), ("B", "A"): (30, 40),
    ("A", "C"): (40, 20), ("C", "A"): (20, 10), ("B", "C"): (60, 30), ("C", "B"): (40, 20),
    ("A", "D"): (5, 5), ("D", "A"): (5, 5), ("B", "D"): (10, 5), ("D", "B"): (20, 5),
    ("C", "D"): (100, 100), ("D", "C"): (50, 50),
}  # fmt: skip


def small_frame() -> pd.DataFrame:
    rows = [(i, j, year, values[year - 1]) for (i, j), values in SMALL.items() for year in (1, 2)]
    return pd.DataFrame(rows, columns=["exporter", "importer", "year", "exports_musd"])


def small_flows() -> Flows:
    return read_flows(small_frame())


@cache
def table(path: str) -> pd.DataFrame:
    return pd.read_csv(DATA / path)


@cache
def flows() -> Flows:
    return read_flows(table("trade/bilateral.csv"))


@cache
def sources() -> Sources:
    return Sources(
        flows(),
        table("macro/annual.csv"),
        table("macro/growth_vintages.csv"),
        table("macro/brent.csv"),
        table("trade/tariffs.csv"),
        table("trade/reported_totals.csv"),
    )
