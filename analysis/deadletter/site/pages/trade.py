"""Trade in one place: what the text says of it, what the statistics say, and how firm the estimates are."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from deadletter.charts.bundle import cell_text
from deadletter.charts.figure import Figure
from deadletter.charts.trade_effects import event_study_chart, gravity_reading, placebo_blocs_chart
from deadletter.charts.trade_series import decomposition_chart, intra_share_chart, stated, trade_reading
from deadletter.frames import records, with_names
from deadletter.labels import NOT_TESTED
from deadletter.report.exhibits import Exhibit
from deadletter.site.figures import exhibit_of
from deadletter.site.inputs import Material
from deadletter.templating import prose, render

FILES = ("trade.csv", "trade_curve.csv", "trade_placebo.csv")


def trade_figures(material: Material) -> list[Exhibit]:
    """The charts of the page, in its order; none where nothing of trade was computed."""
    trade, placebos = _trade(material), material.results[0].table("trade_placebo.csv")
    if trade.empty:
        return []
    drawn = (
        intra_share_chart(trade),
        decomposition_chart(trade),
        event_study_chart(trade),
        placebo_blocs_chart(trade, placebos),
    )
    figures = [one for one in drawn if isinstance(one, Figure)]
    return [exhibit_of(figure, f"T.{number}") for number, figure in enumerate(figures, start=1)]


def _trade(material: Material) -> pd.DataFrame:
    """Statements and answers of the first coding, with names of states."""
    trade, names = material.results[0].table("trade.csv"), material.dataset["states"].set_index("iso3")["name"]
    return trade if trade.empty else with_names(trade, ["term", "exporter", "why"], names)


def trade_page(material: Material, figures: Markup) -> str:
    """Source of the page.

    figures: the charts as they stand on the page.
    """
    results = material.results[0]
    trade = _trade(material)
    statements = trade[trade["role"] == "statement"]
    tested = statements[~statements["verdict"].isin(["not testable", NOT_TESTED])]
    return render(
        "site/templates/trade.md",
        study=material.study,
        stale=material.stale_reasons(results),
        regimes=" and ".join(dict.fromkeys(regime for regime in trade["regime"] if regime and pd.notna(regime))),
        reading=[prose(trade_reading(trade)), prose(gravity_reading(trade))],
        counts=", ".join(f"{verdict}: {count}" for verdict, count in tested["verdict"].value_counts().items()),
        statements=[_statement(row) for row in records(statements)],
        figures=figures,
        files=[f"downloads/results/{results.name}/{name}" for name in FILES if (results.folder / name).is_file()],
        name=results.name,
    )


def _statement(row: Mapping[str, Any]) -> tuple[str, ...]:
    unit = "" if row["unit"] == "none" or pd.isna(row["unit"]) else cell_text(row["unit"])
    span = "" if pd.isna(row["low"]) or row["low"] == row["high"] else f" [{row['low']:.2f}, {row['high']:.2f}]"
    return row["term"], stated(row) or "–", f"{cell_text(row['estimate'])}{span}", unit, row["verdict"], row["why"]
