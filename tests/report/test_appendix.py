"""A single file shows all that a notebook shows, runs nothing, loads nothing, and prints on A4."""

from __future__ import annotations

import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from deadletter.charts.bundle import MIME
from deadletter.errors import InputError
from deadletter.report.exhibits import single_file
from tests.browser import CHROMIUM, QUIET, in_browser

# as docs/replication.md gives it
TO_PDF = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"]


class Page(HTMLParser):
    """Tags with their attributes, identifiers, and the text of titles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_hostile_text_stays_text(by_hand: Path):
    page = Page(single_file(by_hand))
    assert {"script", "iframe", "object", "link", "i"} & {tag for tag, _ in page.tags} == set()
    assert not [a for _, a in page.tags if str(a.get("href", "")).startswith("javascript")]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    (policy,) = [a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_figures_and_tables_bear_numbers_and_their_cells(by_hand: Path):
    text = single_file(by_hand)
    assert re.findall(r"<figcaption><b>(Figure [\d.]+)\.</b> ([^<]+)", text) == [
        ("Figure 7.1", "One of 2"),
        ("Figure 7.2", "The second"),
    ]
    captions = re.findall(r'<caption><a class="number" href="#table-7-\d">(Table [\d.]+)\.</a>', text)
    assert captions == ["Table 7.1", "Table 7.2"]
    assert [a["id"] for a in Page(text).all("div") if "id" in a] == [
        "figure-7-1",
        "figure-7-2",
        "table-7-1",
        "table-7-2",
    ]
    assert text.count("Cell charts of 07_by_hand") == 2
    # drawings scroll by themselves on a telephone, and can be reached by keyboard to do so
    regions = [a for a in Page(text).all("div") if a.get("role") == "region"]
    assert [a["aria-label"] for a in regions[:2]] == ["Figure 7.1", "Figure 7.2"]
    assert {a["tabindex"] for a in regions} == {"0"}
    assert "u003c" not in text
    assert "Of 12 claims −3.5 hold since 2014-05-29." in text
    assert "<title>By hand (coding baseline, regime &lt;i&gt;R&lt;/i&gt;)</title>" in text
    assert single_file(by_hand) == text


def test_a_failed_cell_is_told(by_hand: Path):
    notebook = json.loads(by_hand.read_text(encoding="utf-8"))
    error = {"output_type": "error", "ename": "ValueError", "evalue": "<no>", "traceback": []}
    notebook["cells"][-1]["outputs"] = [error]
    by_hand.write_text(json.dumps(notebook), encoding="utf-8")
    assert '<p class="error">ValueError: &lt;no&gt;</p>' in single_file(by_hand)


def test_what_is_no_notebook_is_refused(tmp_path: Path):
    path = tmp_path / "x.ipynb"
    path.write_text('{"cells": 3}', encoding="utf-8")
    with pytest.raises(InputError, match=r"x\.ipynb: is not a notebook"):
        single_file(path)


def test_a_real_notebook_is_whole_and_loads_nothing(baseline_run: Path):
    for path in sorted((baseline_run / "executed" / "baseline").rglob("*.ipynb")):
        text, page = single_file(path), None
        page = Page(text)
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        parts = [output["data"][MIME] for cell in cells for output in cell.get("outputs", []) if "data" in output]
        kinds = [part["kind"] for part in parts]
        assert len(page.all("figure")) == kinds.count("figure")
        assert len(page.all("caption")) == kinds.count("table") == len(page.all("table"))
        assert all(attributes.get("aria-label") for attributes in page.all("figure"))
        assert {attributes.get("scope") for attributes in page.all("th")} <= {"col"}
        assert [attributes["lang"] for attributes in page.all("html")] == ["en"]
        assert len(page.all("h1")) == len(page.all("main")) == 1
        found = [a["id"] for _, a in page.tags if a.get("id")]
        assert len(found) == len(set(found))
        assert not page.all("script")
        loaded = [str(a.get(name, "")) for tag, a in page.tags if tag != "a" for name in ("src", "href", "xlink:href")]
        assert [address for address in loaded if address and not address.startswith("#")] == []
        assert "@import" not in text
        assert re.findall(r"url\((?!#|&quot;#|'#)", text) == []


@in_browser
def test_chromium_prints_it_on_a4(baseline_run: Path, tmp_path: Path):
    page, pdf = tmp_path / "page.html", tmp_path / "page.pdf"
    notebook = baseline_run / "executed" / "baseline" / "CSTO" / "01_emergence.ipynb"
    page.write_text(single_file(notebook), encoding="utf-8")
    own = [f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={pdf}"]
    subprocess.run([CHROMIUM, *TO_PDF, *QUIET, *own, page.as_uri()], check=True, capture_output=True, timeout=120)
    told = pdf.read_bytes()
    assert told.startswith(b"%PDF")
    boxes = {tuple(round(float(x)) for x in box.split()) for box in re.findall(rb"/MediaBox \[([^\]]+)\]", told)}
    assert boxes == {(0, 0, 595, 842)}
    assert len(re.findall(rb"/Type /Page\b", told)) > 2


@in_browser
def test_a_browser_asks_for_nothing_and_runs_nothing(chromium: Any, by_hand: Path, tmp_path: Path):
    notebook = json.loads(by_hand.read_text(encoding="utf-8"))
    drawing = notebook["cells"][2]["outputs"][0]["data"]
    drawing["image/svg+xml"] = "<svg><image href='https://example.org/x.png' onerror='document.title=1'/></svg>"
    by_hand.write_text(json.dumps(notebook), encoding="utf-8")
    page, asked, refused = tmp_path / "page.html", [], []
    page.write_text(single_file(by_hand), encoding="utf-8")
    tab = chromium.new_page(viewport={"width": 360, "height": 700})
    tab.on("response", lambda response: asked.append(response.url))
    tab.on("console", lambda message: refused.append(message.text))
    tab.goto(page.as_uri())
    title, wide = tab.title(), tab.evaluate("document.documentElement.scrollWidth")
    tab.close()
    assert asked == [page.as_uri()]
    assert title.startswith("By hand")
    assert any("example.org" in told and "Content Security Policy" in told for told in refused)
    assert wide <= 360
