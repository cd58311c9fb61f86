"""The site as readers read it: from a sentence to its rows and back, code on demand, addresses that keep settings."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from tests.browser import in_browser
from tests.journeys.conftest import DEAD_LETTER
from tests.journeys.test_site_in_browser import TYPES, Watched


@in_browser
def test_a_sentence_opens_to_its_claims_and_a_row_leads_to_its_claims(chromium: Any, site: Path):
    with Watched(chromium, site.as_uri()) as watched:
        page = watched.page
        page.goto((site / "summary/index.html").as_uri())
        marks = page.locator("details.marks", has=page.locator(f"a[href*='#{DEAD_LETTER}']"))
        assert not marks.locator(".behind").first.is_visible()
        marks.locator("summary").click()
        assert "On the account" in marks.locator(".behind").first.inner_text()
        unit = marks.locator("a[href*='rows/']").first
        name = unit.inner_text()
        unit.click()
        page.wait_for_url(f"**/rows/*.html#{name}")
        row = page.locator(f"tr#{name}")
        assert row.locator("details").first.get_attribute("open") is not None
        row.get_by_role("link", name=re.compile(r"^c\d+$")).first.click()
        page.wait_for_url("**/claims/baseline/*.html#c*")
        page.goto((site / "rows/events.html").as_uri() + "#only=e001+e008")
        assert page.locator("#rows tbody tr:visible").count() == 2
        page.get_by_role("button", name="Show all rows").click()
        assert page.locator("#rows tbody tr:visible").count() > 300
        assert (watched.outside, watched.complaints) == ([], [])


@in_browser
def test_code_is_hidden_until_asked_for_and_the_explorer_keeps_its_settings_in_the_address(chromium: Any, site: Path):
    with Watched(chromium, site.as_uri()) as watched:
        page = watched.page
        page.goto((site / "notebooks/baseline/CSTO/04_prospects.html").as_uri())
        code = page.locator("div.cell_input")
        assert not code.first.is_visible()
        page.get_by_label("Show code").check()
        assert code.first.is_visible()
        assert "injected" not in code.first.inner_text()
        page.goto((site / "explorer.html").as_uri() + "#calibration.expectation.crossover=0.2&basis=output")
        told = page.locator("#explorer-command").inner_text()
        assert told.endswith("--set calibration.expectation.crossover=0.2")
        assert page.get_by_label("Plane and memberships by").input_value() == "output"
        page.get_by_role("button", name="Reset all").click()
        assert page.evaluate("location.hash") == "#basis=output"


@in_browser
def test_what_is_folded_opens_for_links_and_on_paper(chromium: Any, site: Path):
    with Watched(chromium, site.as_uri()) as watched:
        page = watched.page
        page.goto((site / "claims/baseline/conclusions.html").as_uri() + f"#{DEAD_LETTER}")
        assert page.locator(f"#{DEAD_LETTER} dl").is_visible()
        other = page.locator(f"section.claim:not(#{DEAD_LETTER})").last
        assert not other.locator("dl").is_visible()
        page.evaluate("id => { location.hash = id }", other.get_attribute("id"))
        other.locator("dl").wait_for()
        # paper shows the reasons, not the lists of rows and cells
        page.emulate_media(media="print")
        last = page.locator("section.claim", has=page.locator("dd.on-screen")).last
        assert last.locator("dd").first.is_visible()
        assert not last.locator("dd.on-screen").first.is_visible()
        page.emulate_media(media="screen")
        page.goto((site / "notebooks/baseline/05_argument.html").as_uri())
        ledger = page.locator("details.fold", has_text="Every claim").last
        thesis = page.locator("details.fold", has=page.locator("ul > li > strong")).first
        assert not ledger.locator("table").is_visible()
        page.emulate_media(media="print")
        assert thesis.locator("li").first.is_visible()
        assert not ledger.locator("table").is_visible()
        assert "rows)" in ledger.locator("summary").inner_text()
        ledger.evaluate("one => { one.open = true }")
        assert ledger.locator("table").is_visible()


@in_browser
def test_a_long_list_begins_with_a_hundred_rows(chromium: Any, site: Path):
    with Watched(chromium, site.as_uri()) as watched:
        page = watched.page
        page.goto((site / "rows/events.html").as_uri())
        shown = page.locator("#rows tbody tr:visible")
        assert shown.count() == 100
        last = page.locator("#rows tbody tr").last
        page.evaluate("id => { location.hash = id }", last.get_attribute("id"))
        last.wait_for()
        page.emulate_media(media="print")
        assert shown.count() > 300
        page.emulate_media(media="screen")
        page.get_by_role("button", name="Show all rows").click()
        assert shown.count() > 300
        page.locator(".tools input").fill("boycott")
        assert 0 < shown.count() < 100


# at a width of 1300 px
TALL = 12_000


@in_browser
def test_no_page_is_endless(chromium: Any, site: Path):
    with Watched(chromium, site.as_uri(), viewport={"width": 1300, "height": 900}) as watched:
        heights = {}
        for name in (*TYPES, "reference/argument.html"):
            watched.page.goto((site / name).as_uri())
            heights[name] = watched.page.evaluate("document.documentElement.scrollHeight")
    assert {name: height for name, height in heights.items() if height > TALL} == {}


def test_the_home_page_has_its_title_once_and_its_lead_as_description(site: Path):
    home = (site / "index.html").read_text(encoding="utf-8")
    assert "<title>Dead-letter regimes, rebuilt</title>" in re.sub(r"\s*(</?title>)\s*", r"\1", home)
    assert '<meta property="og:description" content="Are regional regimes highly formalised' in home


def test_titles_differ_and_each_page_says_what_it_is(any_site: Path):
    titles: dict[str, str] = {}
    for path in sorted(set(any_site.rglob("*.html")) - set((any_site / "downloads").rglob("*.html"))):
        page = path.read_text(encoding="utf-8")
        name = path.relative_to(any_site).as_posix()
        title = re.search(r"<title>(.+?)</title>", page, re.DOTALL)[1].strip()
        assert titles.setdefault(title, name) == name
        assert '<html lang="en"' in page, name
        assert page.count("<h1") == 1, name
        for part in ("og:title", "og:description"):
            assert re.search(rf'<meta (?:property|name)="{part}" content="[^"]+"', page), (name, part)
        assert not re.search(r">[^<]*\b(?:19|20)\d\d/(?:19|20)\d\d\b[^<]*</(?:td|p|li|figcaption|h\d)>", page), name


# pages for those who read the argument; the codebook, the report and the reference of functions speak of keys
READ = ("index", "theory", "trade", "explorer", "summary/", "claims/", "codings/", "notebooks/", "rows/")
# a name of code or of a file: outside code, no reader should meet it
KEY = re.compile(r"(?<![\w./:?&=-])[A-Za-z][A-Za-z0-9]*_\w+|(?<![\w./-])[\w/.-]+\.(?:csv|yaml|ipynb|md)\b")


def test_no_key_of_code_and_no_file_stands_in_the_prose(any_site: Path):
    found = {}
    for path in sorted(any_site.rglob("*.html")):
        name = path.relative_to(any_site).as_posix()
        if name.startswith(READ):
            page = path.read_text(encoding="utf-8").partition("<article")[2].partition("</article>")[0]
            # how a page came about is for machines, and links that download a file name it
            page = re.sub(r'<dl class="panel">.*?</dl>|<a [^>]*download[^>]*>.*?</a>', "", page, flags=re.DOTALL)
            page = re.sub(r"<(script|style|code|pre)\b.*?</\1>", "", page, flags=re.DOTALL)
            words = html.unescape(re.sub(r'<(?:[^>"]|"[^"]*")*>', " ", page))
            found[name] = sorted(set(KEY.findall(words)))
    assert {name: keys for name, keys in found.items() if keys} == {}
