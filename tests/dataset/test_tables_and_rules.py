"""Bad tables: each kind gives one error that names file, row, column, what was found and what is allowed."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from deadletter.dataset.codebook import altered, describe_data, stale_descriptions
from deadletter.dataset.load import Dataset, find_problems, load_dataset
from deadletter.dataset.rules import check_rules
from deadletter.dataset.schema_check import by_the_standard, validate
from deadletter.dataset.tables import read_descriptor, read_strings
from deadletter.errors import InputError, nearest
from deadletter.project import CHECKED

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = read_descriptor(ROOT / "data" / "datapackage.json")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "study.yaml", tmp_path)  # the codebook names the study
    return shutil.copytree(ROOT / "data", tmp_path / "data")


@cache
def sound() -> dict[str, pd.DataFrame]:
    return {resource["name"]: read_strings(ROOT / "data", resource) for resource in PACKAGE["resources"]}


def strings() -> dict[str, pd.DataFrame]:
    return {name: frame.copy() for name, frame in sound().items()}


def line(path: Path, number: int, change: Callable[[str], str]) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[number - 1] = change(lines[number - 1])
    path.write_text("\n".join(lines), encoding="utf-8")


def test_the_real_data_pass():
    assert find_problems(PACKAGE, strings()) == []
    assert by_the_standard(PACKAGE, strings()) == []


FIELDS = [
    {"name": "id", "type": "string", "constraints": {"required": True, "unique": True, "pattern": "[a-z]|EU28"}},
    {"name": "share", "type": "number", "constraints": {"minimum": 0, "maximum": 1}},
    {"name": "count", "type": "integer"},
    {"name": "month", "type": "yearmonth"},
    {"name": "sure", "type": "boolean", "trueValues": ["yes"], "falseValues": ["no"]},
    {"name": "more", "type": "object"},
    {"name": "colour", "type": "string", "constraints": {"enum": ["red", "blue"]}},
    {"name": "parent", "type": "string"},
]
KEYS = [{"fields": ["parent"], "reference": {"resource": "", "fields": ["id"]}}]
SMALL = {
    "name": "small",
    "resources": [
        {
            "name": "small",
            "path": "small.csv",
            "schema": {"fields": FIELDS, "primaryKey": ["id"], "foreignKeys": KEYS, "missingValues": [""]},
        }
    ],
}


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("id", "", "small.csv row 3 column id: is empty"),
        ("id", "a", "small.csv row 3 (a) column id: occurs twice; found: 'a'"),
        ("id", "EU28x", "column id: is not allowed; found: 'EU28x'; allowed: text of the form [a-z]|EU28"),
        ("share", "1.5", "small.csv row 3 (b) column share: is not allowed; found: '1.5'; allowed: at most 1"),
        ("share", "-1e-9", "column share: is not allowed; found: '-1e-9'; allowed: at least 0"),
        ("share", "one", "column share: is not a number; found: 'one'"),
        ("count", "1.0", "column count: is not an integer; found: '1.0'"),
        ("month", "2019-13", "column month: is not a yearmonth; found: '2019-13'"),
        ("sure", "true", "column sure: is not a boolean; found: 'true'"),
        ("more", "[1]", "column more: is not an object; found: '[1]'"),
        ("colour", "rde", "column colour: is not allowed; found: 'rde'; did you mean: red; allowed: red, blue"),
        ("parent", "z", "small.csv row 3 (b) column parent: refers to no row of small; found: 'z'"),
    ],
)
def test_the_checker_and_the_standard_refuse_the_same_cells(column: str, cell: str, told: str):
    row = ("0.5", "7", "2019-12", "yes", '{"a": 1}', "red")
    frame = pd.DataFrame([("a", *row, ""), ("b", *row, "a")], columns=[field["name"] for field in FIELDS])
    assert validate(SMALL, {"small": frame}) == by_the_standard(SMALL, {"small": frame}) == []
    frame.loc[1, column] = cell
    problems = [str(problem) for problem in validate(SMALL, {"small": frame})]
    assert told in problems[0]
    assert by_the_standard(SMALL, {"small": frame})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"fields": [{**FIELDS[0], "type": "word"}]}, "schema fields 0 type: input should be 'string'"),
        ({"fields": [{**FIELDS[0], "constraints": {"maxLength": 3}}]}, "constraints maxLength: extra inputs are not"),
        ({"fields": [{**FIELDS[0], "constraints": {"pattern": "("}}]}, "is not a regular expression"),
        ({"fields": [FIELDS[0], FIELDS[0]]}, "describes two columns of the same name"),
        ({"fields": FIELDS, "primaryKey": "di"}, "names no column of small; found: 'di'; allowed: id, share"),
        ({"fields": FIELDS, "missingValues": ["NA"]}, "missingValues 0: input should be ''"),
    ],
)
def test_a_descriptor_that_nobody_could_check_is_refused(change: dict, told: str):
    package = {"name": "small", "resources": [{"name": "small", "path": "small.csv", "schema": change}]}
    assert told in str(validate(package, {})[0])


def test_a_key_that_stands_twice_names_its_row():
    table = {
        "name": "t",
        "path": "t.csv",
        "schema": {"fields": [FIELDS[1], FIELDS[2]], "primaryKey": ["share", "count"]},
    }
    frame = pd.DataFrame([("1", "2"), ("1", "3"), ("1", "2")], columns=["share", "count"])
    told = "t.csv row 4: has the key (share, count) of a row above it; found: '1, 2'"
    assert [str(problem) for problem in validate({"name": "t", "resources": [table]}, {"t": frame})] == [told]


def test_categories_and_enum_agree_in_every_field():
    for resource in PACKAGE["resources"]:
        for field in resource["schema"]["fields"]:
            categories = [c["value"] if isinstance(c, dict) else c for c in field.get("categories", [])]
            assert categories == field.get("constraints", {}).get("enum", []), (resource["name"], field["name"])
            assert field["description"].endswith((".", ")")) or resource["path"].startswith(("trade/", "macro/"))


def test_every_table_is_described():
    files = {path.relative_to(ROOT / "data").as_posix() for path in (ROOT / "data").rglob("*.csv")}
    assert files == {resource["path"] for resource in PACKAGE["resources"]}


def test_what_was_checked_is_read_alike_and_loaded_once(data: Path, monkeypatch: pytest.MonkeyPatch):
    first = load_dataset(data)
    assert load_dataset(data) is first
    path = data / "account" / "events.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("2014", "2013"), encoding="utf-8")
    second = load_dataset(data)
    assert not second["events"].equals(first["events"])
    load_dataset(ROOT / "data")  # a process keeps only the last
    monkeypatch.setenv(CHECKED, second.digest)
    quick = load_dataset(data)
    assert quick is not second
    for name in quick.names:
        pd.testing.assert_frame_equal(quick[name], second[name])


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_saved_by_a_spreadsheet_is_the_same_table(data: Path, mark: str):
    path = data / "account" / "roles.csv"
    plain, before = path.read_bytes(), load_dataset(data)
    saved = io.StringIO()
    csv.writer(saved, delimiter=mark, lineterminator="\r\n").writerows(csv.reader(io.StringIO(plain.decode())))
    path.write_bytes(b"\xef\xbb\xbf" + saved.getvalue().encode())
    after = load_dataset(data)
    assert (after.digest, altered(data)) == (before.digest, [])
    pd.testing.assert_frame_equal(after["roles"], before["roles"])
    assert list(stale_descriptions(data)) == ["account/roles.csv"]
    assert describe_data(data) == ["account/roles.csv"]
    assert path.read_bytes() == plain
    assert describe_data(data) == []


@pytest.mark.parametrize("mark", [",", ";"])
def test_figures_blanks_and_the_hint_of_a_spreadsheet(data: Path, mark: str):
    path = data / "macro" / "annual.csv"
    plain, before = path.read_bytes(), load_dataset(data)
    rows = list(csv.reader(io.StringIO(plain.decode())))
    if mark == ";":
        rows = [[re.sub(r"^(-?[0-9]+)[.]([0-9]+)$", r"\1,\2", cell) for cell in row] for row in rows]
        assert any("," in cell for row in rows for cell in row)
    saved = io.StringIO()
    blank = [[""] * (len(rows[0]) + 2)] * 3
    csv.writer(saved, delimiter=mark, lineterminator="\r\n").writerows([*(row + ["", ""] for row in rows), *blank])
    path.write_bytes(f"\ufeffsep={mark}\r\n{saved.getvalue()}".encode())
    after = load_dataset(data)
    assert after.digest == before.digest
    pd.testing.assert_frame_equal(after["annual"], before["annual"])


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda p: p.unlink(), ["account/roles.csv: file is missing"]),
        (
            lambda p: p.write_text(p.read_text().replace(" ", "\u00a0", 1)),
            ["holds a space that does not break", "found: 'U+00A0'; allowed: plain spaces"],
        ),
        (lambda p: p.write_bytes(b""), ["account/roles.csv: is empty"]),
        (lambda p: p.write_bytes(p.read_bytes().replace(b"words", b"w\xf6rds", 1) + b"\xff"), ["is not UTF-8"]),
        (lambda p: p.write_bytes(p.read_bytes().replace(b"\n", b"\r")), ["row 1", "carriage return or a NUL byte"]),
        (lambda p: p.write_bytes(b"\xef\xbb\xbf\xef\xbb\xbf" + p.read_bytes()), ["row 1", "found: 'U+FEFF'"]),
        (lambda p: p.write_bytes(p.read_bytes() + b"\0"), ["carriage return or a NUL byte"]),
        (lambda p: line(p, 1, lambda t: t.replace("arena", "arean")), ["rename this column to arena", "'arean'"]),
        (
            lambda p: line(p, 1, lambda t: t.replace(",arena", ",ground")),
            ["column arena is missing: rename the one that holds it", "found: 'ground'"],
        ),
        (
            lambda p: line(p, 1, lambda t: t.replace(",to", "")),
            ["row 2: has the wrong number of cells", "found: '10 cells'"],
        ),
        (lambda p: line(p, 3, lambda t: t + ",more"), ["row 3: has the wrong number of cells", "allowed: 10"]),
        (
            lambda p: line(p, 3, lambda t: t.replace(",regime,", ",regmie,")),
            ["row 3", "column arena", "did you mean: regime"],
        ),
        (lambda p: line(p, 3, lambda t: "r9" + t[4:]), ["row 3 (r9) column id: is not allowed", "r and 3 digits"]),
        (lambda p: line(p, 3, lambda t: "r001" + t[4:]), ["row 3 (r001) column id: occurs twice"]),
    ],
)
def test_a_damaged_table(data: Path, damage: Callable[[Path], object], told: list[str]):
    path = data / "account" / "roles.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    first = next(row for row in lines[1:] if ",regime," in row and '"' not in row)
    path.write_text("\n".join([lines[0], lines[1], "r002" + first[4:], ""]), encoding="utf-8")
    damage(path)
    with pytest.raises(InputError) as error:
        load_dataset(data)
    assert [part for part in told if part not in str(error.value)] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "cannot read the data package"),
        ("[]", "is not a data package"),
        ('{"resources": 3}', "is not a data package"),
    ],
)
def test_a_damaged_descriptor(data: Path, text: str, told: str):
    (data / "datapackage.json").write_text(text)
    with pytest.raises(InputError, match=told):
        load_dataset(data)


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "told"),
    [
        ("events", 0, "norm", "n999", "refers to a row that is not there; found: 'n999'"),
        ("outlook", 0, "evidence", "e001;q001", "refers to a row that is not there; found: 'q001'"),
        ("events", 0, "actors", "RUS;XXX", "is not an actor of account/states.csv; found: 'XXX'"),
        ("expectations", 0, "to", "1066", "column to: is earlier than from; found: '1066'"),
        ("lineage", 0, "focal", "CST", "is focal but has no lineage"),
        ("ratings", 0, "value", "9", "is not a value of obligation; found: '9'"),
        ("ratings", 0, "unit", "e001", "is not a unit of this table; found: 'e001'"),
        ("ratings", 0, "coder", "coder-3", "coder-1 gives no rating of obligation"),
        ("reconciliation", 0, "value", "9", "is not a value of obligation; found: '9'"),
        ("reconciliation", 0, "unit", "n002", "coders do not differ on obligation of this unit"),
        ("votes", 1, "quota", "1/2", "has more than one quota"),
        (
            "votes",
            6,
            "votes",
            "30",
            "column value: is not among the votes of account/votes.csv; found: '40'; allowed: 30, 1",
        ),
        ("functions", 0, "id", "e001", "is also an id in account/events.csv"),
    ],
)
def test_each_rule_across_tables(table: str, row: int, column: str, value: str, told: str):
    tables = strings()
    if table == "lineage":
        tables["lineage"] = tables["lineage"][tables["lineage"]["focal"] != "CSTO"]
    else:
        tables[table].loc[row, column] = value
    found = [str(problem) for problem in check_rules(tables)]
    assert any(told in problem for problem in found), found[:5]


def test_circular_support():
    tables = strings()
    claims = tables["claims"].set_index("id")
    top = next(i for i in claims.index if claims.loc[i, "supports"])
    below = claims.loc[top, "supports"].split(";")[0]
    claims.loc[below, "supports"] = top
    tables["claims"] = claims.reset_index()
    assert any("support runs in a circle" in str(problem) for problem in check_rules(tables))


def test_the_evidence_cannot_be_changed_by_those_who_read_it(dataset: Dataset):
    norms = dataset["norms"]
    norms["label"] = "changed"
    assert "changed" not in set(dataset["norms"]["label"])
    with pytest.raises(TypeError):
        dataset._tables["norms"] = pd.DataFrame()
    with pytest.raises(InputError, match="no such table; found: 'nroms'; did you mean: norms"):
        dataset["nroms"]


def test_the_nearest_name_is_offered_only_where_one_is_near():
    assert nearest("complianse", ["compliance", "output"]) == "compliance"
    assert nearest("zzz", ["compliance", "output"]) is None
    assert nearest("STRICT", ["baseline", "strict"]) == "strict"


@pytest.mark.parametrize(
    ("text", "flows"),
    [("id;flow\na;1.000\nb;20.500\n", None), ("id\tflow\na\t1.000\nb\t2,5\n", None),
     ("id;flow\na;1.000\nb;0.5\n", ["1.000", "0.5"]), ("id\tflow\na\t1.000\nb\t2.500\n", ["1.000", "2.500"])],
)  # fmt: skip
def test_points_between_thousands_are_not_decimal_points(tmp_path: Path, text: str, flows: list[str] | None):
    (tmp_path / "small.csv").write_text(text)
    resource = {"path": "small.csv", "schema": {"fields": [FIELDS[0], {"name": "flow", "type": "number"}]}}
    if flows is None:
        with pytest.raises(InputError, match="column flow: points may stand between thousands"):
            read_strings(tmp_path, resource)
    else:
        assert read_strings(tmp_path, resource)["flow"].tolist() == flows
