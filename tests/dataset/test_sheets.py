"""Coding sheets: a filled one is read back exactly; whatever is wrong with one is told, and nothing is taken."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from deadletter.coding import Coding, apply_settings
from deadletter.dataset.codebook import stale_descriptions
from deadletter.dataset.load import load_dataset
from deadletter.dataset.sheets import intake
from deadletter.dataset.sheets.intake import take_sheet, write_sheet
from deadletter.errors import InputError
from deadletter.indices.agreement import agreement_tables
from deadletter.results import indices_table

ROOT = Path(__file__).resolve().parents[2]
KEY = ["unit", "variable"]


def filled(data: Path, path: Path) -> Path:
    """A sheet as a careful coder returns it: with the values of the second coder, given in words of its own."""
    write_sheet(data, path, units=False)
    sheet = pd.read_csv(path, dtype=str, keep_default_na=False)
    ratings = pd.read_csv(data / "account/ratings.csv", dtype=str, keep_default_na=False)
    second = ratings[ratings["coder"] == "coder-2"].set_index(KEY)["value"]
    sheet["value"] = [second[tuple(key)] for key in sheet[KEY].to_numpy()]
    sheet["rationale"] = "by the rule"
    sheet.to_csv(path, index=False, lineterminator="\n")
    return path


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A copy of the data and a filled sheet, which tests only read."""
    folder = tmp_path_factory.mktemp("sheets")
    shutil.copytree(ROOT / "data", folder / "data")
    return folder / "data", filled(folder / "data", folder / "sheet.csv")


@pytest.fixture(scope="module")
def tables(ready: tuple[Path, Path]) -> dict[str, pd.DataFrame]:
    return intake._tables(ready[0])


@pytest.fixture
def read_once(tables: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch) -> None:
    """For refusals, which change nothing: all take the sheet against the same tables, read once."""
    monkeypatch.setattr(intake, "_tables", lambda _: tables)


def test_a_blank_sheet_shows_every_rating_to_be_made_and_no_judgement(ready: tuple[Path, Path], tmp_path: Path):
    data, _ = ready
    rows = write_sheet(data, tmp_path / "blank.csv", units=False)
    sheet = pd.read_csv(tmp_path / "blank.csv", dtype=str, keep_default_na=False)
    ratings = pd.read_csv(data / "account/ratings.csv", dtype=str, keep_default_na=False)
    first = ratings[ratings["coder"] == "coder-1"]
    assert rows == len(sheet) == len(first)
    assert set(map(tuple, sheet[KEY].to_numpy())) == set(map(tuple, first[KEY].to_numpy()))
    assert sheet[["value", "rationale"]].eq("").all(axis=None)
    assert set(first["rationale"]) & set(sheet.to_numpy().ravel()) == set()
    assert sheet.loc[sheet["variable"] == "met", "allowed"].unique().tolist() == ["0; 0.5; 1; unclear"]
    # no cell that a spreadsheet would run
    assert not sheet.map(lambda cell: cell.startswith(("=", "+", "-", "@"))).any(axis=None)
    with pytest.raises(InputError, match=r"blank\.csv: is there already"):
        write_sheet(data, tmp_path / "blank.csv", units=False)


def test_a_filled_sheet_becomes_a_coder_like_the_others(ready: tuple[Path, Path], tmp_path: Path, baseline: Coding):
    data = shutil.copytree(ready[0], tmp_path / "data")
    # as a spreadsheet saves it: byte-order mark, CRLF, rows in another order
    head, *lines = ready[1].read_text(encoding="utf-8").splitlines()
    sheet = tmp_path / "sheet.csv"
    sheet.write_bytes(("\ufeff" + "\r\n".join([head, *reversed(lines), ",,,,,,,,"]) + "\r\n").encode())
    before = (data / "account/ratings.csv").read_bytes()
    assert take_sheet(data, sheet, "coder-4", "human") == ["1836 ratings of coder-4 (human)"]
    assert (data / "account/ratings.csv").read_bytes().startswith(before)
    assert list(stale_descriptions(data)) == []
    dataset = load_dataset(data)
    assert dataset["coders"].iloc[-1][["id", "kind", "blind_to"]].tolist() == ["coder-4", "human", ""]
    third, second = (
        indices_table(dataset, apply_settings(baseline, [f"coder={coder}"])) for coder in ("coder-4", "coder-2")
    )
    # the second coder also named the norms that events test, which a sheet does not ask
    third, second = (
        table[~table["index"].isin(["compliance", "expectation_overlap"])].reset_index(drop=True)
        for table in (third, second)
    )
    pd.testing.assert_frame_equal(third, second)
    told = agreement_tables(dataset, apply_settings(baseline, ["intervals.draws=99"]))
    pairs = told["confusion"][["first", "second"]].drop_duplicates().apply(tuple, axis=1)
    assert set(pairs) == set(itertools.combinations(("coder-1", "coder-2", "coder-3", "coder-4"), 2))
    same = told["alpha"][told["alpha"]["coders"] == "coder-2, coder-4"]
    assert (same["equal"] == 1).all()
    assert same["alpha"].tolist() == pytest.approx([1] * len(same))
    with pytest.raises(InputError, match="--coder: has ratings already; found: 'coder-4'"):
        take_sheet(data, sheet, "coder-4", "human")


def swap(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def without(start: str) -> Callable[[str], str]:
    return lambda text: "".join(line for line in text.splitlines(keepends=True) if not line.startswith(start))


FIRST = "n001,norms,csto-emergence,established a classic military alliance"
ROW = ",obligation,0; 1; 2; 3,2,by the rule\n"


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (swap("n001,norms", "m001,norms"), "sheet.csv row 2 (m001) column unit: is not a unit; found: 'm001'"),
        (swap(",obligation,", ",obligatoin,"), "is not a variable; found: 'obligatoin'; did you mean: obligation"),
        (swap(",obligation,0; 1; 2; 3,", ",outlook,0; 1; 2; 3,"), "is not rated on this unit"),
        (
            swap(ROW, ",obligation,0; 1; 2; 3,7,by the rule\n"),
            "value: is not on the scale; found: '7'; allowed: 0",
        ),
        (swap(ROW, ",obligation,0; 1; 2; 3,=1+1,by the rule\n"), "is not on the scale; found: '=1+1'"),
        (swap(ROW, ",obligation,0; 1; 2; 3,,by the rule\n"), "column value: is empty; allowed: 0, 1, 2, 3"),
        (swap(ROW, ",obligation,0; 1; 2; 3,2,\n"), "column rationale: is empty"),
        (swap("by the rule", '=HYPERLINK("http")'.replace('"', "'")), "column rationale: begins like a formula"),
        (swap("by the rule", "#NAME?"), "column rationale: is an error of the spreadsheet; found: '#NAME?'"),
        (lambda text: "sep=,\n" + swap(",2,by", ",7,by")(text), "sheet.csv row 3 (n001) column value: is not on"),
        (swap("by the rule", '"two\nlines"'), "holds a line break or a control character"),
        (swap("\n" + FIRST, "\n" + FIRST + " indeed"), "column anchor: is not the unit's; was one column sorted"),
        (
            lambda text: text + text.splitlines()[1] + "\n",
            "row 1838 (n001): is rated already; found: 'obligation, in row 2'",
        ),
        (without("n002,"), "sheet.csv: gives no rating of 4 of 1836 rows, first; found: 'n002 on obligation'"),
        (lambda text: text.replace("unit,", "units,", 1), "columns are without unit; found: 'units, table"),
        (swap(ROW, ",obligation,0; 1; 2; 3,2\n"), "row 2: has the wrong number of cells; found: '8 cells'; allowed: 9"),
        (swap(ROW, ",obligation,0; 1; 2; 3,2,by the rule,x\n"), "found: '10 cells'; allowed: 9"),
        (lambda _: "", "columns are not those of a sheet"),
        (lambda text: text.replace("by the rule", "règle", 1).encode("cp1252"), "is not UTF-8"),
        (swap("by the rule", '"by the rule'), "cannot be read as CSV"),
        (lambda text: b"PK\3\4" + text.encode(), "cannot be read as a workbook"),
        (lambda text: b"\xd0\xcf\x11\xe0" + text.encode(), "is an old or an encrypted workbook"),
    ],
)
@pytest.mark.usefixtures("read_once")
def test_each_refusal_of_a_sheet(ready: tuple[Path, Path], tmp_path: Path, damage: Callable[[str], str], told: str):
    data, sheet = ready
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    damaged = damage(sheet.read_text(encoding="utf-8"))
    bad = tmp_path / "sheet.csv"
    bad.write_bytes(damaged if isinstance(damaged, bytes) else damaged.encode())
    with pytest.raises(InputError) as error:
        take_sheet(data, bad, "coder-4", "human")
    assert told in str(error.value)
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("coder", "kind", "told"),
    [
        ("coder-04", "human", "--coder: is not a name of a coder; found: 'coder-04'"),
        ("anna", "human", "--coder: is not a name of a coder; found: 'anna'"),
        ("coder-4", "humane", "--kind: is not a kind of coder; found: 'humane'; did you mean: human"),
        ("coder-1", "human", "--coder: has ratings already"),
    ],
)
@pytest.mark.usefixtures("read_once")
def test_each_refusal_of_a_coder(ready: tuple[Path, Path], coder: str, kind: str, told: str):
    with pytest.raises(InputError, match=told):
        take_sheet(*ready, coder, kind)


def test_a_sheet_is_taken_whole_or_not_at_all(ready: tuple[Path, Path], tmp_path: Path, monkeypatch):
    """The last file cannot be written, as on a disk that is full by then."""
    data = shutil.copytree(ready[0], tmp_path / "data")
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    monkeypatch.setattr(intake, "described", lambda _: {"LICENSE.md/within": "a file is no folder"})
    with pytest.raises(OSError, match=r"LICENSE\.md/within"):
        take_sheet(data, ready[1], "coder-4", "human")
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


def test_units_found_freely_come_first_and_are_numbered_on(ready: tuple[Path, Path], tmp_path: Path):
    data, sheet = shutil.copytree(ready[0], tmp_path / "data"), tmp_path / "units.csv"
    assert write_sheet(data, sheet, units=True) == 0
    with pytest.raises(InputError, match=r"units.csv: does not hold a unit"):
        take_sheet(data, sheet, "coder-4", "human")
    head = sheet.read_text()
    for row, told in [
        ("norm,intro,three words here,a unit", "is not a table of units; found: 'norm'; did you mean: norms"),
        ("norms,keywords,three words here,a unit", "is not a coded section; found: 'keywords'"),
        ("norms,intro,two words,a unit", "column anchor: has the wrong length"),
        ("norms,intro,three words here,", "column label: is empty"),
        (
            "norms,intro,three words here,one\nnorms,intro,three words here,two",
            "row 3: is a unit already; found: 'three words here, in row 2'",
        ),
    ]:
        sheet.write_text(head + row + "\n")
        with pytest.raises(InputError) as error:
            take_sheet(data, sheet, "coder-4", "human")
        assert told in str(error.value)
    sheet.write_text(head + "norms,intro,three words here,one\nevents,intro,three words here,two\n")
    assert take_sheet(data, sheet, "coder-4", "human") == ["2 units of coder-4 (human)"]
    with pytest.raises(InputError, match="coder-4 is of another kind; found: 'machine'"):
        take_sheet(data, ready[1], "coder-4", "machine")
    take_sheet(data, ready[1], "coder-4", "human")
    dataset = load_dataset(data)
    assert dataset["free_units"].tail(2)["id"].tolist() == ["z625", "z626"]
    assert dataset["coders"]["task"].iloc[-1].count(".") == 2
