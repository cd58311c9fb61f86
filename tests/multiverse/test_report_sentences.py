"""What a multiverse says: every label that a universe can have has its words."""

import pandas as pd

from deadletter.indices.placement import LABELS
from deadletter.labels import CELL_NAMES
from deadletter.multiverse.evaluate import Multiverse
from deadletter.multiverse.placements import BASES
from deadletter.multiverse.report_sentences import what_is_firm
from deadletter.multiverse.tipping import COLUMNS


def test_every_label_is_named_with_its_share():
    shares = [("R", "all", basis, label, 10 + k, (10 + k) / 100) for basis in BASES for k, label in enumerate(LABELS)]
    columns = ["regime", "component", "basis", "label", "universes", "share"]
    flips = [
        ("R", BASES[0], "dead_letter", "not_identified", 1, "coder", "second", "", ""),
        ("R", BASES[0], "dead_letter", "tacit", 2, "coder", "third", "partly", "done"),
    ]
    made = Multiverse(
        {}, {"shares": pd.DataFrame(shares, columns=columns), "tipping": pd.DataFrame(flips, columns=COLUMNS)}
    )
    first, second, third = what_is_firm(made)
    for sentence in (first, second, third):
        for k, label in enumerate(LABELS):
            assert f"{CELL_NAMES[label]} in {10 + k}%" in sentence
    single = "One single change of the reference coding flips the placement"
    assert first.endswith(f"{single}; to or from a dead letter: coder = second.")
    assert second.endswith("No single change of the reference coding flips the placement.")
