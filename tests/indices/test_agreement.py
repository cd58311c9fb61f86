"""What is told of the agreement of two coders."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from deadletter.errors import InputError
from deadletter.indices.agreement import (
    agreement_by_variable,
    agreement_table,
    confusion,
    confusions,
    disagreements,
)
from deadletter.indices.alpha import krippendorff_alpha
from deadletter.indices.recoded import reconciled
from tests.indices.made_up import ratings, units, world


@pytest.fixture
def two_coders():
    first = {f"n{i}": f"obligation={i % 4}, implementation=not" for i in range(1, 9)}
    second = {f"n{i}": f"obligation={i % 4 if i < 7 else 0}, implementation={told}" for i, told in enumerate(
        ["not", "not reported", "implemented", "not", "not", "not", "not", "partly"], start=1)}  # fmt: skip
    variables = pd.DataFrame({"variable": ["obligation", "implementation"], "level": "ordinal", "table": "norms"})
    told = pd.concat([ratings(first), ratings(second, "coder-2")])
    return world(norms=units("krasner", []), ratings=told, variables=variables)


def test_table_confusion_and_disagreements(two_coders):
    table = agreement_table(two_coders, seed=0, draws=99).set_index(["variable", "level"])
    assert set(table["coders"]) == {"coder-1, coder-2"}
    assert list(table.index) == [
        ("implementation", "nominal"),
        ("implementation", "ordinal"),
        ("obligation", "ordinal"),
    ]
    # n7 alone differs: 3 against 0 (n8 is 0 for both)
    assert table.loc[("obligation", "ordinal"), "equal"] == pytest.approx(7 / 8)
    assert table.loc[("obligation", "ordinal"), "alpha"] == krippendorff_alpha(
        [[1, 2, 3, 0, 1, 2, 3, 0], [1, 2, 3, 0, 1, 2, 0, 0]], draws=1
    ).alpha  # fmt: skip
    # "not reported" is missing by judgement: seven units on the ordinal level, eight on the nominal one
    assert table.loc[("implementation", "ordinal"), "units"] == 7
    assert table.loc[("implementation", "nominal"), "units"] == 8
    crossed = confusion(two_coders, "obligation", "coder-1", "coder-2")
    assert crossed.loc["3", "0"] == 1
    assert int(np.diag(crossed).sum()) == 7
    told = disagreements(two_coders)
    assert list(told["unit"]) == ["n2", "n3", "n8", "n7"]
    assert told.iloc[3][["coder-1", "coder-2", "reconciled", "by"]].tolist() == ["3", "0", "", "open"]
    assert confusions(two_coders)["units"].sum() == 16
    with pytest.raises(InputError, match="no ratings of this coder; found: 'coder-3'"):
        confusion(two_coders, "obligation", "coder-1", "coder-3")


def test_a_coder_without_the_codebook_is_told_apart(two_coders):
    third = ratings({f"n{i}": "obligation=0, implementation=not" for i in range(1, 9)}, "coder-3")
    tables = {name: two_coders[name] for name in two_coders.names}
    tables["ratings"] = pd.concat([tables["ratings"], third])
    tables["coders"] = pd.DataFrame({"id": ["coder-1", "coder-2", "coder-3"], "codebook": ["yes", "yes", "no"]})
    table = agreement_table(world(**tables), seed=0, draws=99)
    assert table.groupby("shared")["coders"].unique().map(set).to_dict() == {
        "yes": {"coder-1, coder-2"},
        "no": {"coder-1, coder-3", "coder-2, coder-3"},
    }
    told = agreement_by_variable(table).set_index(["variable", "level"]).loc[("obligation", "ordinal")]
    pairs = table[(table["variable"] == "obligation") & (table["shared"] == "no")]["alpha"]
    assert told["against"] == pytest.approx(pairs.mean())
    assert told["gap"] == pytest.approx(told["shared"] - told["against"])
    # what is reconciled, or averaged, is between those who had the codebook
    assert set(reconciled(world(**tables))["by"]) == set(reconciled(two_coders)["by"])


def test_one_coder_has_no_agreement():
    variables = pd.DataFrame({"variable": ["obligation"], "level": "ordinal", "table": "norms"})
    alone = world(ratings=ratings({"n1": "obligation=1"}), variables=variables)
    assert agreement_table(alone, seed=0, draws=9).empty
