"""The citation file has what its format demands, and one that lacks something is refused."""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

import deadletter
from deadletter.errors import InputError
from deadletter.report.citation import read_citation
from tests.conftest import ROOT


def test_the_citation_file_has_what_its_format_demands():
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= told.keys()
    assert told["cff-version"] == "1.2.0"
    assert told["type"] in ("software", "dataset")
    assert datetime.date.fromisoformat(told["date-released"])
    people = [*told["authors"], *(author for work in told["references"] for author in work["authors"])]
    assert all(person.keys() & {"name", "family-names"} for person in people)
    assert all({"type", "title", "authors"} <= work.keys() for work in told["references"])
    assert all(re.fullmatch(r"10\.\d{4,9}/\S+", work["doi"]) for work in told["references"])
    assert len(set(told["keywords"])) == len(told["keywords"]) > 3
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert told["license"] == package["license"]
    described = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    assert told["version"] == package["version"] == deadletter.__version__ == described["version"]


@pytest.mark.parametrize("key", ["title", "abstract", "date-released", "authors"])
def test_a_citation_file_without_a_key_is_refused(tmp_path: Path, key: str):
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    del told[key]
    path = tmp_path / "CITATION.cff"
    path.write_text(yaml.safe_dump(told), encoding="utf-8")
    with pytest.raises(InputError, match=rf"CITATION\.cff key {key}: is missing"):
        read_citation(path)
