"""Rows of data frames as dictionaries whose keys are the names of columns."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd


def with_names(frame: pd.DataFrame, columns: list[str], names: pd.Series) -> pd.DataFrame:
    """The frame with names in place of codes, wherever codes occur as words in the text of these columns.

    Parameters
    ----------
    names: name by code.
    """
    known = {str(code): str(name) for code, name in names.items()}
    texts = {column: frame[column].map(lambda text: named(text, known), na_action="ignore") for column in columns}
    return frame.assign(**texts)


def named(text: str, names: Mapping[str, str]) -> str:
    """A text with names in place of the codes that occur in it as words of capitals."""
    return re.sub(r"\b[A-Z]+\b", lambda found: names.get(found[0], found[0]), text)


def titled(text: str, titles: Mapping[str, str]) -> str:
    """A text with titles, in quotation marks, in place of the ids that occur in it, such as those of sections."""
    return re.sub(r"[\w-]+", lambda found: f"“{titles[found[0]]}”" if found[0] in titles else found[0], text)


def for_readers(text: str, names: Mapping[str, str]) -> str:
    """A sentence with names in place of codes, a dash in periods, and spaces in values such as ``treaty_signed``."""
    text = re.sub(r"\b(\d{4})[/-](\d{4})\b", r"\1–\2", named(text, names))
    return re.sub(r"(?<=[a-z0-9])_(?=[a-z0-9])", " ", text)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """One dictionary per row, in the order of the rows; the names of columns must be strings."""
    rows: list[Any] = frame.to_dict("records")
    return rows


def differing(frame: pd.DataFrame, one: int, other: int) -> str:
    """The names of the columns in which two rows differ, by position, in brackets; empty where there is none."""
    cells = zip(frame.columns, frame.iloc[one], frame.iloc[other], strict=True)
    names = [str(name) for name, first, second in cells if repr(first) != repr(second)]
    return f" (the two differ in {', '.join(names)})" if names else ""


def split_ids(cell: str) -> list[str]:
    """The entries of a cell that lists several, separated by semicolons."""
    return [part.strip() for part in cell.split(";") if part.strip()]
