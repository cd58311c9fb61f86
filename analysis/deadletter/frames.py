"""Rows of data frames as dictionaries whose keys are the names of columns."""

from __future__ import annotations

from typing import Any

import pandas as pd


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """One dictionary per row, in the order of the rows; every column of ours has a text for a name."""
    rows: list[Any] = frame.to_dict("records")
    return rows


def record(row: pd.Series) -> dict[str, Any]:
    """One row as a dictionary."""
    values: dict[Any, Any] = row.to_dict()
    return values
