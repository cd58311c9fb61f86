"""Charts and tables of legal status: which instruments carry the norms, and where each measure places a regime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from deadletter.chapter import ArgumentView
from deadletter.charts.channels import hues, rows_of, whole
from deadletter.charts.figure import Figure
from deadletter.charts.theme import WIDTH
from deadletter.frames import records
from deadletter.labels import BASIS_NAMES, CELL_NAMES, MEASURE_NAMES
from deadletter.results import by_measure

LEVELS = ("not written or ended", "written, not binding", "binding, not for all members", "in force for all members")
TWO_COLUMNS = alt.Legend(title=None, orient="bottom", columns=2)
SHADES = ["#f2f0f7", "#cbc9e2", "#9e9ac8", "#54278f"]


def codification_chart(norms: pd.DataFrame, instruments: pd.DataFrame) -> Figure | str:
    """Adopted norms by the instrument that carries them and its level on the last day of the period.

    Parameters
    ----------
    norms: of :func:`deadletter.indices.codification.adopted_norms`. instruments: the table of instruments.
    """
    if norms.empty:
        return "No adopted norm is in force in this period."
    names = instruments.set_index("id")["name"]
    level = (norms["low"] * 3).round().astype(int)
    data = norms.assign(
        instrument=norms["instrument"].map(names).fillna("no instrument").str.slice(0, 60),
        level=level.map(dict(enumerate(LEVELS))),
        rank=level,
    )
    counts = data.groupby(["instrument", "level", "rank"], as_index=False).size()
    firm = int((level == len(LEVELS) - 1).sum())
    unseen = int((norms["high"] > norms["low"]).sum())
    title = f"{firm} of {len(norms)} adopted norms rest on an instrument in force for all members"
    if unseen:
        title += f"; for {unseen} the day of entry into force was not found"
    order = counts.groupby("instrument")["size"].sum().sort_values(ascending=False, kind="stable").index.tolist()
    chart = alt.Chart(counts).mark_bar(stroke="#444444", strokeWidth=0.5)
    x, colour = whole("size", "adopted norms"), hues("level", LEVELS, SHADES, sort=list(LEVELS), legend=TWO_COLUMNS)
    facts = ["instrument", "level", "size"]
    chart = chart.encode(x, rows_of("instrument", order, 360), colour, order="rank:Q", tooltip=facts)
    chart = chart.properties(width=WIDTH - 270, height=alt.Step(20))
    wording = "; ".join(f"{row.instrument}: {row.size} ({row.level})" for row in counts.itertuples(index=False))
    subtitle = "Adopted norms by instrument and its status on the last day of the period"
    return Figure(chart, title, subtitle, f"{title}. {wording}.")


def last_placements(argued: ArgumentView) -> pd.DataFrame:
    """Every regime and part in its last period, under the coding's measure: label by name, spans and flip anchors.

    Returns
    -------
    columns regime, part, basis, label, formalisation and expected (with bounds), flips, flips_basis.
    """
    placed = by_measure(argued.placement, argued.coding)
    placed = placed[placed.groupby("regime")["period"].transform("max") == placed["period"]]
    return placed.assign(
        part=placed["component"].replace("all", "whole"),
        basis=placed["basis"].map(BASIS_NAMES),
        label=placed["label"].map(CELL_NAMES),
        formalisation=[_span(row, "formalisation") for row in records(placed)],
        expected=[_span(row, "basis") for row in records(placed)],
        flips=placed["flips_formalisation"],
    )


def _span(row: Mapping[str, Any], axis: str) -> str:
    """The bounds of an axis, or its value where they coincide."""
    low, high = row[f"{axis}_low"], row[f"{axis}_high"]
    if pd.isna(low):
        return "no value"
    return f"{low:.2f}" if round(low, 2) == round(high, 2) else f"{low:.2f}–{high:.2f}"


def placements_table(placements: pd.DataFrame, period: str) -> pd.DataFrame:
    """Where each measure and basis places a regime in a period: label, bounds and what would flip it.

    Returns
    -------
    columns measure, basis, label, formalisation (its bounds), expected (bounds of the basis), crossover, flips.
    """
    chosen = placements[(placements["component"] == "all") & (placements["period"] == period)]

    return pd.DataFrame(
        {
            "measure": chosen["measure"].map(MEASURE_NAMES),
            "basis": chosen["basis"].map(BASIS_NAMES),
            "label": chosen["label"].map(CELL_NAMES),
            "formalisation": [_span(row, "formalisation") for row in records(chosen)],
            "expected": [_span(row, "basis") for row in records(chosen)],
            "crossover": chosen["formalisation_crossover"],
            "flips": chosen["flips_formalisation"],
            "flips_basis": chosen["flips_basis"],
        }
    ).reset_index(drop=True)
