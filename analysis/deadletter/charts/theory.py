"""Tables of the theory in the terms of the rows: Krasner's components, Holsti's roles, and what each index measures."""

import pandas as pd

from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset
from deadletter.frames import records
from deadletter.indices.codification import COMPONENTS, adopted_norms
from deadletter.indices.functions import role_rows
from deadletter.indices.selection import Scope, periods_of

# index: what it measures, and what it cannot show
INDEX_MEANINGS = {
    "codification": (
        "how far adopted norms are written, binding and in force for all members",
        "whether their wording is precise, or whether anybody heeds them",
    ),
    "completeness": (
        "for how many substantive norms a rule and a procedure are in force",
        "whether rules and procedures are good ones",
    ),
    "legalisation": (
        "obligation, precision and delegation of norms as the account reports them",
        "norms that the account leaves out",
    ),
    "expectation": (
        "how far members act as though the norms will be kept, or say so",
        "what governments believe: it is inferred from conduct, in part the same that compliance counts",
    ),
    "compliance": (
        "the share of events testing a norm in which it was kept",
        "a rate for all occasions: the account reports breaches more readily than routine",
    ),
    "output": ("the share of norms and bodies carried out", "whether what was carried out had an effect"),
    "position": (
        "the weight of communicative among all functions at work",
        "how much the regime achieves: two weak regimes can share a position",
    ),
}


def index_meanings() -> pd.DataFrame:
    """What each index measures and what it cannot show: columns index, measures, cannot."""
    rows = [(name, *meaning) for name, meaning in INDEX_MEANINGS.items()]
    return pd.DataFrame(rows, columns=["index", "measures", "cannot"])


def component_examples(dataset: Dataset, coding: Coding) -> pd.DataFrame:
    """One norm of each focal regime for each Krasner component: the firmest in force in the regime's last period.

    Returns columns component and, named by their ids, the focal regimes; a cell holds the norm with its instrument in
    brackets.
    """
    names = dataset["instruments"].set_index("id")["name"].to_dict()
    table = pd.DataFrame({"component": COMPONENTS})
    for focal in dataset.focal:
        norms = adopted_norms(dataset, coding, Scope(focal, *periods_of(dataset, coding, focal)[-1]))
        best = norms.sort_values(["low", "id"], ascending=[False, True]).drop_duplicates("krasner")
        examples = {
            row["krasner"]: f"{row['label']} ({names.get(row['instrument'], 'unwritten')})" for row in records(best)
        }
        table[focal] = [examples.get(component, "none in force") for component in COMPONENTS]
    return table


def holsti_roles(dataset: Dataset, coding: Coding) -> pd.DataFrame:
    """Holsti's roles with the states that play each in the lineage of a focal regime.

    Returns columns role, meaning and, named by their ids, the focal regimes with the names of states; roles that nobody
    plays are left out.
    """
    scale, names = dataset["scale"], dataset["states"].set_index("iso3")["name"]
    roles = scale[scale["variable"] == "role"]
    table = pd.DataFrame({"role": roles["value"], "meaning": roles["example"]}).reset_index(drop=True)
    for focal in dataset.focal:
        played = role_rows(dataset, coding, focal)
        by_role = played.assign(name=played["state"].map(names)).groupby("role")["name"]
        table[focal] = table["role"].map(by_role.agg(lambda found: ", ".join(sorted(set(found))))).fillna("")
    return table[(table[list(dataset.focal)] != "").any(axis=1)].reset_index(drop=True)
