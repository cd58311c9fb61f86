"""How Sphinx builds a site: late pages are read last, and what stops them stops the site."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deadletter.errors import InputError
from deadletter.site.build import ENTRIES, build


@pytest.fixture
def source(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    for folder in ("_static", "_extra"):
        (source / folder).mkdir(parents=True)
    (source / "_static" / "icon.svg").touch()
    (source / ENTRIES).write_text(json.dumps([]))
    (source / "sources.bib").touch()
    (source / "index.md").write_text("# A site\n\n```{toctree}\na\nz\n```\n")
    (source / "a.md").touch()
    (source / "z.md").write_text("# Early\n")
    return source


def test_late_pages_are_written_while_others_are_read(source: Path, tmp_path: Path):
    calls = []

    def finish() -> None:
        calls.append("finish")
        (source / "z.md").write_text("# Too late\n")
        (source / "a.md").write_text("# Late\n")

    assert build(source, tmp_path / "site", tmp_path / "doctrees", "A site", {"a"}, finish) == []
    assert calls == ["finish"]
    assert "<h1>Late<" in (tmp_path / "site" / "a.html").read_text()
    assert "<h1>Early<" in (tmp_path / "site" / "z.html").read_text()


def test_what_stops_late_pages_stops_the_site(source: Path, tmp_path: Path):
    def finish() -> None:
        raise InputError("is spoiled", where="x.csv")

    with pytest.raises(InputError, match=r"x\.csv: is spoiled"):
        build(source, tmp_path / "site", tmp_path / "doctrees", "A site", {"a"}, finish)
