"""What a multiverse says, in sentences and tables generated from its values."""

from collections.abc import Iterator

import pandas as pd

from deadletter.coding import REFERENCE, load_coding
from deadletter.dataset.load import load_dataset
from deadletter.frames import records
from deadletter.indices.agreement import agreement_tables
from deadletter.indices.placement import CELLS
from deadletter.indices.selection import ALL
from deadletter.labels import CELL_NAMES, WHOLE, share_in_words
from deadletter.multiverse.evaluate import Multiverse
from deadletter.multiverse.placements import BASES
from deadletter.project import find_project
from deadletter.study import CODER_WORDS, kind_of_coders


def regimes_of(multiverse: Multiverse) -> list[str]:
    """The focal regimes, in order."""
    return sorted(multiverse["shares"]["regime"].unique())


def how_evaluated(multiverse: Multiverse) -> str:
    """How many universes there are and how they were chosen."""
    meta = multiverse.meta
    count = f"**{meta['universes']:,}** universes over {len(meta['factors'])} independent decisions"
    if meta["sample_rows"]:
        rows = f"a Saltelli sample of {meta['sample_rows']:,} rows and {meta['further_points']:,} further points"
        return f"{count}: {rows} of scrambled Sobol sequences, seed {meta['seed']}; declaration `{meta['key'][:12]}`."
    return f"{count}: every one that the declaration allows; declaration `{meta['key'][:12]}`."


def in_words(multiverse: Multiverse, branch: str, option: str = "") -> str:
    """A decision, or an option of it, as readers see it; decisions that count as one are joined by ``×``."""
    words = multiverse.meta.get("words", {})
    if option:
        return words.get(branch, {}).get(option) or option.replace("_", " ")
    return " × ".join(words.get(one, {}).get("") or one.replace("_", " ") for one in branch.split(" × "))


def in_words_throughout(multiverse: Multiverse, table: pd.DataFrame) -> pd.DataFrame:
    """A table of a multiverse with its decisions, options, placements and parts as readers see them.

    What is missing stays so.
    """

    def listed(cell: str) -> str:
        pairs = (one.partition("=") for one in cell.split("; "))
        return "; ".join(f"{in_words(multiverse, a)}: {in_words(multiverse, a, b)}" for a, _, b in pairs)

    made = table.replace({one: {ALL: WHOLE} for one in ("component", "other_component") if one in table})
    if "becomes" in made:
        made = made.replace({"base": CELL_NAMES, "becomes": CELL_NAMES})
    for decision, option in {"first": "first_to", "second": "second_to"}.items():
        if decision in made:
            pairs = zip(table[decision].fillna(""), table[option].fillna("").astype(str), strict=True)
            words = pd.Series([in_words(multiverse, *pair) for pair in pairs], table.index)
            made[option] = words.where(table[option].notna())
            made[decision] = table[decision].map(lambda branch: in_words(multiverse, branch), na_action="ignore")
    if "options" in made:
        made["options"] = table["options"].map(listed, na_action="ignore")
    return made


def branches_table(multiverse: Multiverse) -> pd.DataFrame:
    """Every option of every branch in words, with its reason and its name in the file; ranges of a key as well."""
    rows = []
    for name, branch in multiverse.meta["branches"].items():
        decision = in_words(multiverse, name)
        if "range" in branch:
            low, high = branch["range"]
            rows.append((decision, f"{low:g} to {high:g}", branch["why"], branch["key"]))
        else:
            rows += [
                (decision, in_words(multiverse, name, option), why, f"{name}.{option}")
                for option, why in branch["options"].items()
            ]
    return pd.DataFrame(rows, columns=["branch", "option", "why", "name"])


def what_is_firm(multiverse: Multiverse) -> Iterator[str]:
    """One sentence for each whole regime and basis: the placements, and the single changes to or from a dead letter."""
    shares, tipping = multiverse["shares"], multiverse["tipping"]
    for regime in regimes_of(multiverse):
        for basis in BASES:
            chosen = (shares["regime"] == regime) & (shares["component"] == ALL) & (shares["basis"] == basis)
            found = shares[chosen & (shares["share"] > 0)].sort_values("share", ascending=False)
            placements = "; ".join(f"{CELL_NAMES[r['label']]} in {share_in_words(r['share'])}" for r in records(found))
            yield f"**{regime} by {basis}**: {placements}. {_tips(multiverse, tipping, regime, basis)}"


def _tips(multiverse: Multiverse, tipping: pd.DataFrame, regime: str, basis: str) -> str:
    here = tipping[(tipping["regime"] == regime) & (tipping["basis"] == basis)]
    alone = here[here["changes"] == 1]
    towards = alone[(alone["becomes"] == CELLS[0]) | (alone["base"] == CELLS[0])]
    if alone.empty:
        return "No single change of the reference coding flips the placement."
    subject = "One single change" if len(alone) == 1 else f"{len(alone)} single changes"
    count = f"{subject} of the reference coding flip{'s' * (len(alone) == 1)} the placement"
    if towards.empty:
        return f"{count}, but not to or from a dead letter."
    pairs = zip(towards["first"], towards["first_to"], strict=True)
    ways = "; ".join(f"{in_words(multiverse, branch)} ({in_words(multiverse, branch, to)})" for branch, to in pairs)
    return f"{count}; to or from a dead letter: {ways}."


def agreement() -> dict[str, pd.DataFrame]:
    """The agreement of all coders of the project, with seeds and draws as in the reference coding."""
    project = find_project()
    return agreement_tables(load_dataset(project.data), load_coding(project.params, REFERENCE))


def coders_in_words() -> str:
    """What it means for a reader that the coders of the project are people, machines, or both."""
    return CODER_WORDS[kind_of_coders(load_dataset(find_project().data)["coders"]["kind"])]
