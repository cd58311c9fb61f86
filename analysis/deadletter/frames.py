"""Rows of data frames as dictionaries whose keys are the names of columns."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd


def with_names(frame: pd.DataFrame, columns: list[str], names: pd.Series) -> pd.DataFrame:
    """The frame with names in place of codes, wherever codes occur as words in the text of these columns.

    Parameters
    ----------
    names: name by code.
    """
    codes = re.compile(rf"\b({'|'.join(map(re.escape, names.index))})\b")
    texts = {
        column: frame[column].map(lambda text: codes.sub(lambda found: names[found[0]], text), na_action="ignore")
        for column in columns
    }
    return frame.assign(**texts)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """One dictionary per row, in the order of the rows; every column of ours has a text for a name."""
    rows: list[Any] = frame.to_dict("records")
    return rows


def record(row: pd.Series) -> dict[str, Any]:
    """One row as a dictionary."""
    values: dict[Any, Any] = row.to_dict()
    return values


def split_ids(cell: str) -> list[str]:
    """The entries of a cell that lists several, separated by semicolons."""
    return [part.strip() for part in cell.split(";") if part.strip()]
