"""What a multiverse says: every label that a universe can have has its words."""

import pandas as pd

from deadletter.indices.placement import LABELS
from deadletter.labels import CELL_NAMES
from deadletter.multiverse.evaluate import Multiverse
from deadletter.multiverse.placements import BASES
from deadletter.multiverse.report_sentences import branches_table, in_words, in_words_throughout, what_is_firm
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
    assert first.endswith(f"{single}; to or from a dead letter: coder (second).")
    assert second.endswith("No single change of the reference coding flips the placement.")


WORDS = {"states": {"": "members counted", "without_x": "without X", "all": ""}, "other_one": {"": ""}}


def test_decisions_and_options_have_their_words_else_their_names():
    options = {"without_x": "why", "all": "why"}
    ranged = {"why": "r", "key": "calibration.output.crossover", "range": [0.25, 0.5]}
    made = Multiverse({"words": WORDS, "branches": {"states": {"options": options}, "other_one": ranged}}, {})
    assert in_words(made, "states × other_one") == "members counted × other one"
    columns = ["first", "first_to", "second", "second_to", "options"]
    rows = [
        ("states", "without_x", "other_one", "0.3", "states=without_x; other_one=second_way"),
        ("other_one", "second_way", None, None, None),
    ]
    first, second = in_words_throughout(made, pd.DataFrame(rows, columns=columns)).to_numpy().tolist()
    listed = "members counted: without X; other one: second way"
    assert first == ["members counted", "without X", "other one", "0.3", listed]
    assert second[:2] == ["other one", "second way"]
    assert pd.isna(second[2:]).all()
    named = branches_table(made)[["branch", "option", "name"]].to_numpy().tolist()
    assert named[0] == ["members counted", "without X", "states.without_x"]
    assert named[2] == ["other one", "0.25 to 0.5", "calibration.output.crossover"]
