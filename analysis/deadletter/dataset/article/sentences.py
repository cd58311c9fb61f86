"""The sentence of the text that contains each coded unit: numbers only, made from the user's copy.

They let a claim's test leave out the rows that were coded from the claim's own sentence, and the units that coders
found separately be matched, without the article's text.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from deadletter.dataset.article.anchors import anchored
from deadletter.dataset.article.text import Article
from deadletter.frames import records

TABLE, PATH = "places", "argument/places.csv"
COLUMNS = ("unit", "section", "sentence")


def places(tables: Mapping[str, pd.DataFrame], article: Article) -> pd.DataFrame:
    """Section and sentence (counted from 0 within the section) of every unit whose anchor is found just once.

    Parameters
    ----------
    tables: frames of strings by name; those with ``id``, ``section`` and ``anchor`` are placed.
    """
    found = {}
    for _, frame in anchored(tables):
        if "id" not in frame:
            continue
        for record in records(frame):
            section = article.sections.get(record["section"])
            spots = section.find(record["anchor"]) if section and record["anchor"] else []
            if len(spots) == 1:
                found[record["id"]] = (record["section"], str(spots[0].sentence))
    return pd.DataFrame([(unit, *spot) for unit, spot in sorted(found.items())], columns=list(COLUMNS), dtype=str)
