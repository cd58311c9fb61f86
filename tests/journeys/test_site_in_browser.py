"""The site as readers use it in a browser: from a file and from a server, with scripts and without them."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import NEEDS
from tests.charts.hostile_charts import HOSTILE
from tests.journeys.conftest import DEAD_LETTER

AXE = "axe-core@4.11.0"
# one page of each type
TYPES = (
    "index.html",
    "summary/index.html",
    "theory.html",
    "trade.html",
    "explorer.html",
    "search.html",
    "notebooks/index.html",
    "notebooks/baseline/CSTO/04_prospects.html",
    "notebooks/baseline/EEU/03_expectations.html",
    "notebooks/baseline/05_argument.html",
    "claims/baseline/index.html",
    "claims/baseline/conclusions.html",
    "codings/index.html",
    "codings/baseline-strict.html",
    "codings/agreement.html",
    "rows/norms.html",
    "method/codebook.html",
    "method/codebook/record.html",
    "method/errata.html",
    "method/data.html",
    "method/cite.html",
    "method/rerun.html",
    "reference/trade.html",
)
# of these another page has all the parts
ALIKE = {"notebooks/baseline/EEU/03_expectations.html", "notebooks/baseline/05_argument.html", "method/rerun.html"}
# of these the colours in the dark are read, too
DARK = {
    "index.html",
    "summary/index.html",
    "explorer.html",
    "search.html",
    "notebooks/baseline/CSTO/04_prospects.html",
    "claims/baseline/conclusions.html",
    "codings/baseline-strict.html",
    "method/cite.html",
}
pytestmark = NEEDS
# the example has one coding and one regime, and none of the tables of the record
EXAMPLE_TYPES = (
    *("index.html", "explorer.html", "search.html", "notebooks/index.html", "codings/index.html"),
    *("notebooks/baseline/SAARC/03_expectations.html", "notebooks/baseline/SAARC/04_prospects.html"),
    *("notebooks/baseline/05_argument.html", "claims/baseline/index.html", "claims/baseline/practice.html"),
    *("rows/events.html", "method/data.html", "method/cite.html"),
)


def types_of(site: Path) -> tuple[str, ...]:
    """One page of each type that a site has."""
    return TYPES if (site / TYPES[7]).is_file() else EXAMPLE_TYPES


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    """The site behind a server on this machine."""
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class Watched:
    """A page that remembers every request to elsewhere and every complaint of the browser."""

    def __init__(self, browser: Any, home: str, **how: Any) -> None:
        self.context = browser.new_context(**how)
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.outside: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda r: r.url.startswith((home, "data:")) or self.outside.append(r.url))
        self.page.on("console", lambda m: m.type in ("error", "warning") and self.complaints.append(m.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


def test_from_the_finding_to_the_rows_and_to_the_other_coding(chromium: Any, address: str, site: Path):
    with Watched(chromium, address) as watched:
        page = watched.page
        page.goto(f"{address}/index.html")
        thesis = page.locator("#theses tr", has=page.get_by_role("link", name=DEAD_LETTER, exact=True))
        assert "dead letter" in thesis.inner_text()
        thesis.get_by_role("link", name=DEAD_LETTER, exact=True).click()
        claim = page.locator(f"#{DEAD_LETTER}")
        graph = json.loads((site.parent / "results/baseline/argument.json").read_text(encoding="utf-8"))
        node = next(node for node in graph["nodes"] if node["id"] == DEAD_LETTER)
        for source in ("account", "record"):
            told = claim.locator("dt", has_text=f"On the {source}").locator("xpath=following-sibling::dd[1]")
            assert told.inner_text().startswith(node[source]["verdict"])
        claim.evaluate("one => one.querySelectorAll('details').forEach(fold => { fold.open = true })")
        unit = claim.locator("a[href*='rows/norms.html#']").first
        name = unit.inner_text()
        unit.click()
        page.wait_for_url(f"**/rows/norms.html#{name}")
        page.locator(f"tr#{name}:target").wait_for()
        page.go_back()
        page.get_by_role("navigation", name="Coding", exact=True).get_by_role("link", name="strict").click()
        page.wait_for_url("**/claims/strict/conclusions.html")
        page.get_by_role("note").filter(has_text="Stale").wait_for()
        page.locator(f"#{DEAD_LETTER} summary").first.click()
        page.locator(f"#{DEAD_LETTER}").get_by_role("link", name="04 prospects, CSTO").click()
        page.wait_for_url("**/notebooks/strict/CSTO/04_prospects.html#cell-plane-expectation")
        page.locator("#cell-plane-expectation:target").wait_for(state="attached")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download this notebook").click()
        taken = Path(download.value.path())
        assert taken.read_bytes() == (site.parent / "executed/strict/CSTO/04_prospects.ipynb").read_bytes()
        assert (watched.outside, watched.complaints) == ([], [])


def test_pages_of_the_example_ask_for_nothing_and_fit_a_telephone(chromium: Any, example_site: Path):
    with Watched(chromium, example_site.as_uri(), viewport={"width": 360, "height": 800}) as watched:
        for name in types_of(example_site):
            watched.page.goto((example_site / name).as_uri())
            wide = watched.page.evaluate("document.documentElement.scrollWidth")
            assert (name, wide, watched.outside, watched.complaints) == (name, 360, [], [])


def test_pages_opened_from_a_file_ask_for_nothing_and_fit_a_telephone(chromium: Any, site: Path):
    with Watched(chromium, site.as_uri(), viewport={"width": 360, "height": 800}) as watched:
        for name in TYPES:
            watched.page.goto((site / name).as_uri())
            wide = watched.page.evaluate("document.documentElement.scrollWidth")
            assert (name, wide, watched.outside, watched.complaints) == (name, 360, [], [])
        watched.page.goto((site / "search.html").as_uri() + "?q=e008")
        watched.page.wait_for_selector("#search-results li a[href='rows/events.html#e008']")
        assert "CSTO: origins and norms" in watched.page.locator("#search-results li p").first.inner_text()
        watched.page.goto((site / "search.html").as_uri() + "?q=t036")
        watched.page.wait_for_selector("#search-results li a[href='method/errata.html#t036']")
        # drawn by the image within the page, then drawn anew by the shared bundle
        watched.page.goto((site / "notebooks/baseline/EEU/03_expectations.html").as_uri())
        painted = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        assert watched.page.evaluate(painted) < 2000
        chart = watched.page.locator("#figure-3-1")
        chart.scroll_into_view_if_needed()
        inner, room = (chart.locator(".wide").evaluate(f"one => one.{side}Width") for side in ("scroll", "client"))
        assert inner <= room  # nothing of a chart is beyond a telephone
        # charts live on wide screens, once they come into sight
        watched.page.set_viewport_size({"width": 1300, "height": 900})
        chart.scroll_into_view_if_needed()
        chart.locator("[data-live] svg").wait_for()
        # the policy stops what is not the site's own, even if it were there
        stopped = "(() => { const s = document.createElement('script'); s.textContent = 'window.slipped = 1';"
        watched.page.evaluate(f"{stopped} document.head.append(s); }})()")
        assert watched.page.evaluate("window.slipped") is None
        assert watched.outside == []
        assert [line for line in watched.complaints if "Content Security Policy" not in line] == []


def test_paper_cuts_nothing_off(chromium: Any, site: Path):
    # a part that scrolls is cut off where the sheet ends
    scrolls = """() => [...document.querySelectorAll('.bd-main *')].filter(one => one.getClientRects().length
        && /auto|scroll/.test(getComputedStyle(one).overflow) && one.scrollHeight > 100)
        .map(one => one.tagName + '.' + one.className)"""
    with Watched(chromium, site.as_uri(), viewport={"width": 700, "height": 990}) as watched:
        watched.page.emulate_media(media="print")
        for name in ("index.html", "summary/index.html", "notebooks/baseline/CSTO/04_prospects.html"):
            watched.page.goto((site / name).as_uri())
            assert (name, watched.page.evaluate(scrolls)) == (name, [])
            assert watched.page.locator("figure.chart .drawing:visible").count() or "summary" in name
            sign = "getComputedStyle(document.querySelector('.verdict'), '::before').content"
            assert "notebooks" in name or watched.page.evaluate(sign) in ('"●"', '"◆"', '"■"', '"○"')


def test_hostile_words_are_words(chromium: Any, site: Path):
    pages = {
        "notebooks/strict/CSTO/04_prospects.html": 3,
        "claims/strict/conclusions.html": 1,
        "codings/index.html": 1,
        "codings/baseline-strict.html": 1,
    }
    with Watched(chromium, site.as_uri()) as watched:
        for name, least in pages.items():
            watched.page.goto((site / name).as_uri())
            watched.page.wait_for_timeout(300)
            told = watched.page.locator("body").inner_text()
            assert (name, watched.page.evaluate("window.hacked")) == (name, None)
            assert told.count(HOSTILE) >= least, name
            assert watched.page.locator("a[href^='javascript:']").count() == 0
        live = watched.page
        live.goto((site / "notebooks/strict/CSTO/04_prospects.html").as_uri())
        frame = live.locator("figure", has_text="made up").locator("[data-chart]")
        frame.scroll_into_view_if_needed()
        live.wait_for_function("frame => frame.dataset.live", arg=frame.element_handle())
        assert HOSTILE in frame.inner_text()
        assert (live.evaluate("window.hacked"), watched.outside, watched.complaints) == (None, [], [])


def test_without_scripts_charts_and_the_ledger_stand(chromium: Any, site: Path):
    with Watched(chromium, site.as_uri(), java_script_enabled=False) as watched:
        watched.page.goto((site / "notebooks/baseline/CSTO/04_prospects.html").as_uri())
        assert watched.page.locator("#figure-4-1 .wide-only svg").is_visible()
        watched.page.goto((site / "claims/baseline/index.html").as_uri())
        assert watched.page.locator("#ledger tbody tr").count() > 300


def test_the_ledger_filters_and_sorts(chromium: Any, site: Path):
    with Watched(chromium, site.as_uri()) as watched:
        page = watched.page
        page.goto((site / "claims/baseline/index.html").as_uri())
        rows = page.locator("#ledger tbody tr:visible")
        every = page.locator("#ledger tbody tr").count()
        page.locator(".tools").get_by_label("kind").select_option("thesis")
        theses = rows.count()
        assert 0 < theses < every
        assert page.locator(".tools output").inner_text() == f"{theses} of {every} rows"
        page.locator(".tools").get_by_label("Search").fill("dead letter")
        assert 0 < rows.count() < theses
        page.locator("#ledger thead button").first.click()
        page.locator("#ledger thead button").first.click()
        shown = rows.locator("td:first-child").all_inner_texts()
        assert shown == sorted(shown, reverse=True)


def test_axe_finds_nothing_serious(chromium: Any, any_site: Path, tmp_path: Path):
    npm = shutil.which("npm")
    packed = npm and subprocess.run([npm, "pack", AXE], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    if not packed or packed.returncode:
        pytest.skip("npm or its registry cannot be reached: accessibility was not checked")
    shutil.unpack_archive(next(tmp_path.glob("*.tgz")), tmp_path)
    axe = (tmp_path / "package" / "axe.min.js").read_text(encoding="utf-8")
    # rows of a table are alike, and a drawing is an image: a few rows will do; colours are read when they have changed
    shorter = """() => {
        document.querySelectorAll('tbody').forEach(body => [...body.rows].slice(4).forEach(row => row.remove()));
        document.querySelectorAll('section.claim').forEach((one, n) => n > 4 && one.remove());
        document.querySelectorAll('.drawing svg').forEach(drawing => drawing.replaceChildren());
        document.head.insertAdjacentHTML('beforeend', '<style>* { transition: none !important }</style>');
    }"""
    found = []
    with Watched(chromium, any_site.as_uri(), bypass_csp=True) as watched:
        for name in sorted(set(types_of(any_site)) - ALIKE):
            watched.page.goto((any_site / name).as_uri())
            watched.page.evaluate(shorter)
            watched.page.evaluate(axe)
            themes = {"light": "{}", "dark": "{runOnly: ['color-contrast']}"}
            for theme, options in list(themes.items())[: 1 + (name in DARK or "SAARC" in name)]:
                watched.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
                for one in watched.page.evaluate(f"axe.run(document, {options})")["violations"]:
                    if one["impact"] in ("serious", "critical"):
                        found.append((name, theme, one["id"], one["nodes"][0]["html"][:120]))
    assert found == []
