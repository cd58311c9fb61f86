"""The tables: valid by their descriptors, and true to what is known of the figures."""

import json

import pandas as pd

from tests.trade.trade_tables import DATA, table

PACKAGE = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
RESOURCES = [resource for resource in PACKAGE["resources"] if resource["path"].startswith(("trade/", "macro/"))]


def test_every_directed_pair_and_year_has_a_row():
    # that all tables fit their schemas is tested with the evidence
    assert len(table("trade/bilateral.csv")) == 21 * 20 * 21


def test_every_table_is_described_and_every_description_has_a_table():
    files = {str(path.relative_to(DATA)) for folder in ("trade", "macro") for path in (DATA / folder).glob("*.csv")}
    assert {resource["path"] for resource in RESOURCES} == files
    for resource in RESOURCES:
        assert resource["provided"] == "yes"
        assert set(resource["rights"]) == {"use", "redistribute"}
        for key in ("title", "description", "unit", "caveats", "sources", "licenses"):
            assert resource[key], (resource["name"], key)
        for field in resource["schema"]["fields"]:
            assert field["description"]
            assert field.get("categories") == field.get("constraints", {}).get("enum"), field["name"]


def test_files_are_sorted_by_key_with_unix_line_ends():
    for resource in RESOURCES:
        raw = (DATA / resource["path"]).read_bytes()
        assert b"\r" not in raw
        assert raw.endswith(b"\n")
        key = resource["schema"]["primaryKey"]
        frame = pd.read_csv(DATA / resource["path"], keep_default_na=False)
        pd.testing.assert_frame_equal(frame, frame.sort_values(key).reset_index(drop=True))


def test_the_missing_cells_are_empty_and_no_others():
    bilateral = table("trade/bilateral.csv")
    empty = bilateral.loc[bilateral["exports_musd"].isna()]
    assert set(zip(empty["exporter"], empty["importer"], empty["year"], strict=True)) == {
        ("RUS", "KAZ", 2010),
        ("KAZ", "RUS", 2010),
    }
    assert set(empty["status"]) == {"under_recorded"}
    zero = bilateral["exports_musd"] == 0
    assert (zero == (bilateral["status"] == "no_recorded_flow")).all()
    assert zero.sum() == 173


def test_known_cells():
    bilateral = table("trade/bilateral.csv").set_index(["exporter", "importer", "year"])["exports_musd"]
    assert bilateral["RUS", "BLR", 2011] == 23060
    assert bilateral["KAZ", "RUS", 2009] == 3627.7
    treated = table("trade/treatments.csv")
    joined = treated.loc[treated["event"] == "single_customs_territory_code"].set_index("economy")["date"]
    assert dict(joined) == {"RUS": "2010-07-01", "KAZ": "2010-07-01", "BLR": "2010-07"}
