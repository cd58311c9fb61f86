"""One value where coders differ: computed from ratings and third judgements by stated rules, stored nowhere."""

from __future__ import annotations

import pandas as pd

from deadletter.dataset.load import Dataset

AGREED, JUDGED, MAJORITY, OPEN = "agreement", "third judgement", "majority", "open"
_KEY = ["unit", "variable"]


def codebook_coders(dataset: Dataset) -> tuple[str, ...]:
    """Coders who had the codebook: only they can be reconciled by its rules, or averaged."""
    coders = dataset["coders"]
    return tuple(coders.loc[coders["codebook"] == "yes", "id"])


def reconciled(dataset: Dataset) -> pd.DataFrame:
    """A value for every unit and variable that coders with the codebook have rated.

    In this order: what all coders who rated it agree on; the third judgement of ``reconciliation``; what more than
    half of three coders or more gave. What none of these decides stays open: its value is missing, never one coder's.

    Returns
    -------
    columns unit, variable, value (empty where open), by (which rule decided), reason (of a third judgement).
    """
    ratings = dataset["ratings"]
    ratings = ratings.loc[ratings["coder"].isin(codebook_coders(dataset)), [*_KEY, "value"]]
    votes = ratings.groupby([*_KEY, "value"]).size().rename("votes").reset_index()
    coders = votes.groupby(_KEY)["votes"].sum().rename("coders").reset_index()
    first = votes.sort_values([*_KEY, "votes", "value"], ascending=[True, True, False, True]).drop_duplicates(_KEY)
    table = first.rename(columns={"value": "most"}).merge(coders, on=_KEY)
    table = table.merge(dataset["reconciliation"], on=_KEY, how="left").fillna({"value": "", "reason": ""})
    table["by"] = OPEN
    table.loc[table["votes"] * 2 > table["coders"], "by"] = MAJORITY
    table.loc[table["value"] != "", "by"] = JUDGED
    table.loc[table["votes"] == table["coders"], "by"] = AGREED
    table["value"] = table["value"].where(table["by"].isin([JUDGED, OPEN]), table["most"])
    return table[[*_KEY, "value", "by", "reason"]].sort_values(_KEY, ignore_index=True)
