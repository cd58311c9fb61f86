"""The tables of trade results of a coding: statements judged, questions answered, placebos, specifications."""

from concurrent.futures import Executor

import pandas as pd

from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset
from deadletter.trade.bloc.treated import trade_bloc
from deadletter.trade.questions.gravity_rows import gravity_rows
from deadletter.trade.questions.robustness_rows import (
    CURVE_COLUMNS,
    PLACEBO_COLUMNS,
    curve_questions,
    placebo_questions,
    variant_rows,
)
from deadletter.trade.questions.row import KEYS
from deadletter.trade.statements.judge import RESULT, judge
from deadletter.trade.statements.measured import Sources

FIRST = ("question", "term", "estimate", "se", "low", "high", "n", "method", "regime")
COLUMNS = (*FIRST, *(name for name in RESULT if name not in (*FIRST, *KEYS)), *KEYS)


def judged_statements(dataset: Dataset, coding: Coding) -> pd.DataFrame:
    """Every quantitative statement judged under the tolerances of a coding: columns of ``RESULT`` and ``regime``."""
    statements = dataset["statements"]
    tolerance = statements["tolerance"] * coding.trade.tolerance_factor
    judged = judge(statements.assign(tolerance=tolerance), dataset["figures"], Sources.of(dataset))
    return judged.assign(regime=statements["regime"].to_numpy())


def trade_tables(dataset: Dataset, coding: Coding, executor: Executor | None = None) -> dict[str, pd.DataFrame]:
    """Judge the statements and answer the trade questions of every focal regime that has steps of integration.

    Returns tables by file name: every statement and every answer, columns of ``COLUMNS``; the placebos and the
    specifications that the answers on them sum up. An ``executor`` shares out what is computed for many placebo blocs;
    the tables are the same.

    Raises InputError: a choice of the coding that no sample can meet.
    """
    choices, level, sources = coding.trade, coding.intervals.level, Sources.of(dataset)
    trade = [judged_statements(dataset, coding)]
    placebos, curves = [], []
    for focal in dataset.focal:
        bloc = trade_bloc(dataset, choices, focal)
        if bloc is None:
            continue
        from deadletter.trade.questions.series_rows import series_rows  # its tests load slowly

        random, placebo_table = placebo_questions(bloc, choices, executor)
        summed, curve = curve_questions(dataset, choices, bloc)
        rows = [
            *series_rows(bloc, sources, choices),
            *gravity_rows(bloc, choices, level),
            *variant_rows(dataset, choices, bloc, level),
            *random,
            *summed,
        ]
        trade.append(pd.DataFrame(rows).assign(regime=focal))
        placebos.append(placebo_table)
        curves.append(curve)
    return {
        "trade.csv": _table(trade, COLUMNS, ["question", "id"]),
        "trade_placebo.csv": _table(placebos, PLACEBO_COLUMNS, ["regime", "test", "start", "bloc"]),
        "trade_curve.csv": _table(curves, CURVE_COLUMNS, ["regime", "model", "sample", "treatment", "controls"]),
    }


def _table(parts: list[pd.DataFrame], columns: tuple[str, ...], by: list[str]) -> pd.DataFrame:
    """One table of the parts; text that a part does not have is empty."""
    if not parts:
        return pd.DataFrame(columns=list(columns))
    table = pd.concat(parts, ignore_index=True).reindex(columns=list(columns))
    return table.sort_values(by, kind="stable").reset_index(drop=True)
