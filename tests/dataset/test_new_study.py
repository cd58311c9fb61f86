"""A new study: what is written, what may be missing, and what is refused before anything is touched."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from deadletter.chapter.opened import NODES, nodes_of
from deadletter.coding import load_coding
from deadletter.dataset.codebook import describe_data, stale_descriptions
from deadletter.dataset.load import load_dataset
from deadletter.dataset.new_study import CODED_UNITS, new_study
from deadletter.dataset.standard_tables import SERVES, standard
from deadletter.errors import InputError
from deadletter.pipeline.steps import STEPS, compute
from deadletter.project import Project
from deadletter.report.check import check_project
from tests.commands import called


@pytest.fixture
def study(tmp_path: Path) -> Path:
    new_study(tmp_path / "study")
    return tmp_path / "study"


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def refusal(data: Path) -> str:
    with pytest.raises(InputError) as error:
        load_dataset(data)
    return str(error.value)


def test_every_row_of_the_example_names_its_source(study: Path):
    dataset = load_dataset(study / "data")
    assert dataset.focal == ("SAARC",)
    for name in ("norms", "events", "outlook", "plans", "functions", "memberships"):
        assert 3 <= len(dataset[name]) <= 40
        assert dataset[name]["source"].str.contains("http").all()
    # 18 summits in the list from 1985 to 2014, of which the first adopts the charter
    assert (dataset["events"]["type"] == "summit").sum() == 17
    assert list(stale_descriptions(study / "data")) == []


def test_nothing_of_the_first_study_is_left(study: Path, tmp_path: Path):
    new_study(tmp_path / "mine", empty=True)
    for folder, regime in ((study, "SAARC"), (tmp_path / "mine", "MINE")):
        works = (folder / "data" / "sources.bib").read_text(encoding="utf-8")
        # one on the first case, one of the method, one of the example
        held = [f"{{{key}," in works for key in ("adarov2018", "troitskiy2020", "ragin2008", "saarc1985")]
        assert held == [False, False, True, regime == "SAARC"]
        notebook = (folder / "notebooks" / "01_emergence.ipynb").read_text(encoding="utf-8")
        assert (f'regime = \\"{regime}\\"' in notebook, "CSTO" in notebook) == (True, False)
        for path in (one for one in folder.rglob("*") if one.is_file()):
            assert "the article" not in path.read_text(encoding="utf-8").lower(), path


def test_notebooks_link_to_files_that_the_study_has(study: Path):
    links = [
        (path.name, target)
        for path in (study / "notebooks").iterdir()
        for target in re.findall(r"\]\((\.\./[^)]+)\)", path.read_text(encoding="utf-8"))
    ]
    assert links
    assert [(name, target) for name, target in links if not (study / "notebooks" / target).is_file()] == []


def test_tables_that_a_study_does_not_have_are_empty_with_their_columns(study: Path):
    dataset = load_dataset(study / "data")
    described = {one["name"] for one in json.loads((study / "data/datapackage.json").read_text())["resources"]}
    for name in set(standard()) - described:
        assert dataset[name].empty
        assert list(dataset[name].columns) == [field["name"] for field in standard()[name]["schema"]["fields"]]
    assert set(SERVES) <= set(standard())


@pytest.mark.filterwarnings("error")
def test_headers_alone_have_all_tables_of_results(tmp_path: Path):
    new_study(tmp_path / "mine", empty=True)
    coding = load_coding(tmp_path / "mine" / "params", "baseline")
    done = {one.step: one.texts for one in compute(tmp_path / "mine" / "data", coding, [step.name for step in STEPS])}
    assert set(done) == {step.name for step in STEPS}
    assert done["indices"]["indices.csv"].count("\n") == 1
    assert "Nothing can be placed by expectation yet" in done["overview"]["overview.svg"]
    assert list(nodes_of(json.loads(done["claims"]["argument.json"])).columns) == NODES


def test_headers_alone_are_a_study_as_soon_as_they_have_a_regime(tmp_path: Path):
    new_study(tmp_path / "mine", empty=True)
    dataset = load_dataset(tmp_path / "mine" / "data")
    assert dataset["norms"].empty
    assert not dataset["scale"].empty
    assert not (tmp_path / "mine" / "params" / "multiverse.yaml").exists()


def test_a_text_gives_sections_and_a_sheet_for_units(tmp_path: Path):
    text = tmp_path / "treaty.txt"
    text.write_text("Preamble\n\nArticle 1 Aims\nText.\n\nARTICLE II\nText of article 3.\n", encoding="utf-8")
    new_study(tmp_path / "mine", text=text)
    sections = load_dataset(tmp_path / "mine" / "data")["sections"]
    assert list(sections["heading"]) == ["Article 1 Aims", "ARTICLE II"]
    assert (tmp_path / "mine" / CODED_UNITS).read_text(encoding="utf-8") == "table,section,anchor,label\n"


@pytest.mark.parametrize("name", ["con", "a:b", "x.", "-x", "aux.txt", "a*"])
def test_a_name_that_cannot_be_a_folder_everywhere_is_refused(tmp_path: Path, name: str):
    with pytest.raises(InputError, match="cannot name a folder on every system; found"):
        new_study(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_in_use_is_left_alone(tmp_path: Path):
    (tmp_path / "thesis.tex").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="is not an empty folder"):
        new_study(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        new_study(tmp_path / "new", text=tmp_path / "treaty.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_all_needed_tables_that_are_missing_are_named_at_once(study: Path):
    path = study / "data" / "datapackage.json"
    package = json.loads(path.read_text())
    package["resources"] = [one for one in package["resources"] if one["name"] not in ("norms", "scale")]
    path.write_text(json.dumps(package))
    told = refusal(study / "data")
    assert "these tables are missing: account/scale.csv, account/norms.csv" in told
    assert "deadletter new DIR --empty" in told


def test_files_that_are_missing_are_named_at_once_and_may_be_left_out(study: Path):
    for name in ("plans", "links"):
        (study / "data" / "account" / f"{name}.csv").unlink()
    told = refusal(study / "data")
    assert "2 files are missing: account/plans.csv, account/links.csv" in told
    assert "copy what is missing from a folder of `deadletter new DIR --empty`" in told
    describe_data(study / "data")
    assert load_dataset(study / "data")["plans"].empty


def test_describe_takes_a_new_table_and_a_new_column(study: Path):
    (study / "data/account/roles.csv").write_text(
        "id,regime,section,source,label,state,arena,from,to\n"
        "r001,SAARC,practice,a page,Nepal goes between,NPL,regime,2014,2016\n",
        encoding="utf-8",
    )
    replace(study / "data/account/states.csv", "iso3,name\n", "iso3,name,note\n")
    lines = (study / "data/account/states.csv").read_text(encoding="utf-8").splitlines()
    (study / "data/account/states.csv").write_text(
        "\n".join([lines[0], *(f"{line},x" for line in lines[1:])]) + "\n", encoding="utf-8"
    )
    assert "unknown column (to keep it, run `deadletter data describe`); found: 'note'" in refusal(study / "data")
    with (study / "data/account/ratings.csv").open("a", encoding="utf-8") as ratings:
        ratings.write("r001,coder-1,role,mediator-integrator,x\nr001,coder-1,act,words,x\n")
    describe_data(study / "data")
    dataset = load_dataset(study / "data")
    assert list(dataset["roles"]["id"]) == ["r001"]
    assert set(dataset["states"]["note"]) == {"x"}


@pytest.mark.parametrize(
    ("table", "old", "new", "told"),
    [
        ("regimes", ",lineage\n", ",line\n", "account/regimes.csv: rename this column to lineage; found: 'line'"),
        ("regimes", "yes,yes,", "yes,no,", "account/regimes.csv: has no focal regime"),
        ("norms", ",krasner,", ",krasnr,", "account/norms.csv: rename this column to krasner; found: 'krasnr'"),
        ("norms", "1985-12-08", "8 Dec 1985", "a year, month or day: 1992, 1992-05 or 1992-05-15"),
    ],
)
def test_a_table_that_will_not_do_says_what_to_change(study: Path, table: str, old: str, new: str, told: str):
    replace(study / "data" / "account" / f"{table}.csv", old, new)
    assert told in refusal(study / "data")


def test_a_regime_that_cannot_name_a_folder_is_refused(study: Path):
    for path in (study / "data").rglob("*.csv"):
        path.write_text(path.read_text(encoding="utf-8").replace("SAARC,", "con,"), encoding="utf-8")
    assert "account/regimes.csv row 2 (con): cannot name a folder on every system" in refusal(study / "data")


@pytest.mark.parametrize(("kinds", "right"), [("human", "human"), ("machine\ncoder-2,human", "both")])
def test_a_study_says_of_its_coders_what_their_table_says(study: Path, kinds: str, right: str):
    replace(study / "data" / "account" / "coders.csv", "coder-1,machine", f"coder-1,{kinds}".replace("\n", ",x,,yes\n"))
    told = [str(problem) for problem in check_project(Project(study, study), None).problems]
    expected = "study.yaml key coders: is not what account/coders.csv says; found: 'machine'; allowed: " + right
    assert expected in told


def test_a_row_says_where_it_is_from(study: Path):
    path = study / "data" / "account" / "plans.csv"
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    last = [*rows[-1][:3], "", *rows[-1][-5:]]
    path.write_text("\n".join([*map(",".join, rows[:-1]), ",".join(last)]) + "\n", encoding="utf-8")
    assert "account/plans.csv row 4 (p003) column source: is empty; allowed: a place and page" in refusal(
        study / "data"
    )


def test_some_other_data_package_is_named_before_anything_is_touched(tmp_path: Path):
    (tmp_path / "data").mkdir()
    other = {"name": "prices", "resources": [{"name": "p", "path": "p.csv", "schema": {"fields": []}}]}
    (tmp_path / "data" / "datapackage.json").write_text(json.dumps(other), encoding="utf-8")
    assert "data/datapackage.json" in refusal(tmp_path / "data")


def test_describe_says_which_tables_and_columns_it_leaves_out(study: Path):
    (study / "data/account/plans.csv").unlink()
    path = study / "data/account/outlook.csv"
    pd.read_csv(path, dtype=str, keep_default_na=False).drop(columns="evidence").to_csv(path, index=False)
    told = "note: account/plans.csv is not there, and its description {} left out\n"
    told += "note: account/outlook.csv column evidence is not there, and its description {} left out\n"
    checked = called("data", "describe", "--check", cwd=study)
    assert (checked.returncode, checked.stderr.startswith(told.format("would be", "would be"))) == (1, True)
    done = called("data", "describe", cwd=study)
    assert (done.returncode, done.stderr) == (0, told.format("is", "is"))
    assert called("data", "describe", cwd=study).stderr == ""


def test_a_needed_column_under_another_name_is_asked_for_and_describe_asks_the_same(study: Path):
    path = study / "data/account/norms.csv"
    replace(path, ",krasner,", ",sort,")
    told = "account/norms.csv: column krasner is missing: rename the one that holds it; found: 'sort'"
    assert told in refusal(study / "data")
    with pytest.raises(InputError, match="column krasner is missing: rename the one that holds it; found: 'sort'"):
        describe_data(study / "data")


def test_columns_in_another_order_are_taken_when_described(study: Path):
    path = study / "data/account/states.csv"
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("".join(f"{name},{code}\n" for code, name in lines), encoding="utf-8")
    assert "columns are out of order: put them back, or run `deadletter data describe`" in refusal(study / "data")
    describe_data(study / "data")
    assert load_dataset(study / "data")["states"]["iso3"].str.len().eq(3).all()


def test_a_focal_regime_without_periods_is_named_by_check(study: Path):
    with (study / "data/account/regimes.csv").open("a", encoding="utf-8") as regimes:
        regimes.write("OTHER,Another,general,yes,yes,other_line\n")
    with (study / "data/account/lineage.csv").open("a", encoding="utf-8") as lineage:
        lineage.write("l02,OTHER,OTHER,1990,,1,origin,aims,a page\n")
    describe_data(study / "data")
    report = check_project(Project(study, study), None, decide=False)
    assert report.problems == ()
    told = "not computed: OTHER: no coding of params/ names periods for its lineage other_line"
    assert [line for line in report.counts if "OTHER" in line] == [told]


def test_the_readme_of_headers_alone_names_only_what_is_there(tmp_path: Path):
    new_study(tmp_path / "mine", empty=True)
    told = (tmp_path / "mine" / "README.md").read_text(encoding="utf-8")
    assert "strict" not in told
    assert "multiverse" not in told
