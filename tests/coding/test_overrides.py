"""A coding that rates a few cells otherwise: in force for it alone, refused when wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deadletter.coding import Coding, apply_settings, load_coding, to_settings
from deadletter.dataset.load import Dataset
from deadletter.errors import InputError
from deadletter.indices.agreement import values_by_coder
from deadletter.indices.recoded import recoded
from deadletter.indices.selection import check_coding

ROOT = Path(__file__).resolve().parents[2]
HEAD = "unit,variable,value,rationale\n"


@pytest.fixture
def params(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "params" / "baseline.yaml", tmp_path)
    (tmp_path / "mine.yaml").write_text("extends: baseline\ntitle: Mine\nwhy: Otherwise.\nratings: mine.csv\n")
    return tmp_path


def written(params: Path, *rows: str) -> Coding:
    (params / "mine.csv").write_text(HEAD + "".join(f"{row}\n" for row in rows))
    return load_coding(params, "mine")


@pytest.fixture(scope="module")
def event(dataset: Dataset) -> str:
    """An event that the first coder rates ambiguous."""
    ratings = dataset["ratings"]
    rated = (ratings["variable"] == "compliance") & (ratings["value"] == "ambiguous") & (ratings["coder"] == "coder-1")
    return str(ratings.loc[rated, "unit"].iloc[0])


def test_overrides_travel_as_settings(params: Path):
    coding = written(params, 'e044,compliance,violated,"Not held, plainly"')
    assert coding.overrides == ("e044 compliance=violated: Not held, plainly",)
    assert apply_settings(load_coding(params, "baseline"), to_settings(coding)) == coding


def test_they_count_for_every_coder_but_never_in_agreement(params: Path, dataset: Dataset, event: str):
    seen = recoded(dataset, written(params, f"{event},compliance,violated,Plainly."))
    assert set(values_by_coder(seen, "compliance").loc[event].dropna()) == {"violated"}
    assert "ambiguous" in set(values_by_coder(dataset, "compliance").loc[event])
    assert recoded(dataset, load_coding(params, "baseline")) is dataset


def test_a_status_and_a_date_can_be_decided_otherwise(params: Path, dataset: Dataset):
    seen = recoded(dataset, written(params, "n001,status,announced,A wish.", "n002,valid_from,1996,Later."))
    norms = seen["norms"].set_index("id")
    assert (norms.loc["n001", "status"], norms.loc["n002", "valid_from"]) == ("announced", "1996")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("e044,compliance,violated,", "params/mine.csv row 2 column rationale: is empty"),
        ("e044,compliance,violated", "row 2: has the wrong number of cells; found: '3 cells'"),
        ("E44,compliance,violated,why", "row 2: cannot be read"),
        (
            "e044,complaince,violated,why",
            "is not a variable of events; found: 'complaince'; did you mean",
        ),
        ("e044,compliance,violatd,why", "is not a value of compliance; found: 'violatd'; did you mean: violated"),
        ("e999,compliance,violated,why", "override 1 (e999): is not a unit that can be recoded"),
        ("n001,status,adoptd,why", "is not a value of status; found: 'adoptd'; did you mean: adopted"),
        ("n001,valid_from,soon,why", "is not a value of valid_from; found: 'soon'; allowed: a year"),
    ],
)
def test_each_refusal(params: Path, dataset: Dataset, row: str, told: str):
    with pytest.raises(InputError) as error:
        check_coding(dataset, written(params, row), "params/mine.yaml")
    assert told in str(error.value)


def test_a_file_that_is_not_there_or_rates_twice(params: Path):
    with pytest.raises(InputError, match=r"params/mine.yaml key ratings: cannot be read; found: 'mine.csv'"):
        load_coding(params, "mine")
    with pytest.raises(InputError, match=r"params/mine.csv row 3: rates this a second time; found: 'e044 compliance'"):
        written(params, "e044,compliance,violated,why", "e044,compliance,complied,why")
    (params / "mine.csv").write_text("unit;variable;value;rationale\n")
    with pytest.raises(InputError, match="has other columns"):
        load_coding(params, "mine")
