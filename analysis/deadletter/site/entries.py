"""What the search finds besides the sections of pages: every claim under the first coding, every row and record."""

from __future__ import annotations

import pandas as pd

from deadletter.site.inputs import Material
from deadletter.site.links import claim_address, row_address, rows_known

# columns that say what a row is, and those that its entry leaves out
NAMES = ("label", "what", "treaty", "place", "state")
LEFT_OUT = ("id", "page", "second_page", "licence")


def entries(material: Material) -> list[tuple[str, str, str]]:
    """Title, address from the site's root, and text of each, in the order of their ids."""
    first = material.results[0]
    found = [
        (
            f"{name} {node['claim']}",
            claim_address(first, name),
            f"Claim ({node['level']}), {node['verdict']}. {node['reason']}",
        )
        for name, node in first.nodes.items()
    ]
    for unit, (_, row) in rows_known(material.dataset).items():
        named = next((row[name] for name in NAMES if row.get(name)), "")
        rest = (f"{name.replace('_', ' ')}: {value}" for name, value in row.items() if name not in LEFT_OUT)
        text = "; ".join(one for one in rest if not one.endswith((": ", ": nan")))
        found.append((f"{unit} {'' if pd.isna(named) else named}", row_address(material.dataset, unit), text))
    return sorted(found)
