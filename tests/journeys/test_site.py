"""The site as readers use it: from a file and from a server, with scripts and without, with hostile words in it."""

from __future__ import annotations

import fcntl
import filecmp
import functools
import html
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deadletter.charts.bundle import sentence_bundle
from deadletter.errors import InputError
from deadletter.project import find_project
from deadletter.site.csp import inline_scripts
from deadletter.site.publish import MARKER, Request, publish
from tests.charts.hostile_charts import HOSTILE, hostile_figure
from tests.journeys.conftest import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = "axe-core@4.11.0"
LARGEST = 400_000
DEAD_LETTER = "c287"
# one page of each type
TYPES = (
    "index.html",
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
    "method/errata.html",
    "method/data.html",
    "method/cite.html",
    "method/rerun.html",
)
# of these another page has all the parts
ALIKE = {"notebooks/baseline/EEU/03_expectations.html", "notebooks/baseline/05_argument.html", "method/rerun.html"}
# of these the colours in the dark are read, too
DARK = {
    "index.html",
    "explorer.html",
    "search.html",
    "notebooks/baseline/CSTO/04_prospects.html",
    "claims/baseline/conclusions.html",
    "codings/baseline-strict.html",
    "method/cite.html",
}
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed: the browser tests are left out"
)


def prepare(project: Path, baseline_run: Path) -> None:
    """A project with a current baseline, and a second coding with hostile words, never executed as it stands."""
    shutil.copytree(baseline_run, project)
    shutil.copytree(ROOT / "docs", project / "docs")
    for folder in ("results", "executed"):
        shutil.copytree(project / folder / "baseline", project / folder / "strict")
    coding = project / "params" / "strict.yaml"
    told = yaml.safe_load(coding.read_text(encoding="utf-8"))
    coding.write_text(yaml.safe_dump({**told, "title": f"Strict {HOSTILE}", "why": f"Why {HOSTILE}"}), encoding="utf-8")
    path = project / "executed" / "strict" / "CSTO" / "04_prospects.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["metadata"].get("tags") == ["plane_expectation"])
    for data in (
        hostile_figure().bundle,
        sentence_bundle(f"{HOSTILE} [way](javascript:alert(1))"),
    ):
        cell["outputs"].append({"output_type": "display_data", "data": data, "metadata": {}})
    path.write_text(json.dumps(notebook), encoding="utf-8")
    argument = project / "results" / "strict" / "argument.json"
    graph = json.loads(argument.read_text(encoding="utf-8"))
    next(node for node in graph["nodes"] if node["id"] == DEAD_LETTER)["claim"] = HOSTILE
    argument.write_text(json.dumps(graph), encoding="utf-8")


@pytest.fixture(scope="session")
def site(baseline_run: Path) -> Path:
    """One site of both codings, shared by all tests of this file, also where these run in parallel."""
    shared = baseline_run.parent.parent
    project = shared / "site" / "project"
    with (shared / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (project / "site" / MARKER).is_file():
            shutil.rmtree(project, ignore_errors=True)
            prepare(project, baseline_run)
            told: list[str] = []
            request = Request(("baseline", "strict"), project / "site", allow_stale=True)
            publish(find_project(start=project), request, told.append)
            assert [line for line in told if "warning" in line] == []
    return project / "site"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    quiet = ("quic", "background-networking", "component-update", "sync", "gpu")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in quiet)]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


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


@pytest.mark.browser
@needs_chromium
def test_from_the_finding_to_the_rows_and_to_the_other_coding(chromium: Any, address: str, site: Path):
    with Watched(chromium, address) as watched:
        page = watched.page
        page.goto(f"{address}/index.html")
        thesis = page.locator("#theses tr", has=page.get_by_role("link", name=DEAD_LETTER, exact=True))
        assert "dead letter" in thesis.inner_text()
        thesis.get_by_role("link", name=DEAD_LETTER, exact=True).click()
        claim = page.locator(f"#{DEAD_LETTER}")
        graph = json.loads((site.parent / "results/baseline/argument.json").read_text(encoding="utf-8"))
        verdict = next(node["verdict"] for node in graph["nodes"] if node["id"] == DEAD_LETTER)
        assert verdict in claim.locator("dd").first.inner_text()
        unit = claim.locator("a[href*='rows/norms.html#']").first
        name = unit.inner_text()
        unit.click()
        page.wait_for_url(f"**/rows/norms.html#{name}")
        page.locator(f"tr#{name}:target").wait_for()
        page.go_back()
        page.get_by_role("navigation", name="Coding", exact=True).get_by_role("link", name="strict").click()
        page.wait_for_url("**/claims/strict/conclusions.html")
        page.get_by_role("note").filter(has_text="Stale").wait_for()
        page.locator(f"#{DEAD_LETTER}").get_by_role("link", name="04 prospects, CSTO").click()
        page.wait_for_url("**/notebooks/strict/CSTO/04_prospects.html#cell-plane-expectation")
        page.locator("#cell-plane-expectation:target").wait_for(state="attached")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download this notebook").click()
        taken = Path(download.value.path())
        assert taken.read_bytes() == (site.parent / "executed/strict/CSTO/04_prospects.ipynb").read_bytes()
        assert (watched.outside, watched.complaints) == ([], [])


@pytest.mark.browser
@needs_chromium
def test_pages_opened_from_a_file_ask_for_nothing_and_fit_a_telephone(chromium: Any, site: Path):
    with Watched(chromium, site.as_uri(), viewport={"width": 360, "height": 800}) as watched:
        for name in TYPES:
            watched.page.goto((site / name).as_uri())
            wide = watched.page.evaluate("document.documentElement.scrollWidth")
            assert (name, wide, watched.outside, watched.complaints) == (name, 360, [], [])
        watched.page.goto((site / "search.html").as_uri() + "?q=Belarus")
        watched.page.wait_for_selector("#search-results li a")
        # drawn by the image within the page, then drawn anew by the shared bundle
        watched.page.goto((site / "notebooks/baseline/EEU/03_expectations.html").as_uri())
        painted = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        assert watched.page.evaluate(painted) < 2000
        chart = watched.page.locator("#figure-3-1")
        chart.scroll_into_view_if_needed()
        chart.locator("[data-live] svg").wait_for()
        # the policy stops what is not the site's own, even if it were there
        stopped = "(() => { const s = document.createElement('script'); s.textContent = 'window.slipped = 1';"
        watched.page.evaluate(f"{stopped} document.head.append(s); }})()")
        assert watched.page.evaluate("window.slipped") is None
        assert watched.outside == []
        assert [line for line in watched.complaints if "Content Security Policy" not in line] == []


@pytest.mark.browser
@needs_chromium
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


@pytest.mark.browser
@needs_chromium
def test_without_scripts_charts_and_the_ledger_stand(chromium: Any, site: Path):
    with Watched(chromium, site.as_uri(), java_script_enabled=False) as watched:
        watched.page.goto((site / "notebooks/baseline/CSTO/04_prospects.html").as_uri())
        assert watched.page.locator("#figure-4-1 svg").is_visible()
        watched.page.goto((site / "claims/baseline/index.html").as_uri())
        assert watched.page.locator("#ledger tbody tr").count() > 300


@pytest.mark.browser
@needs_chromium
def test_the_ledger_filters_and_sorts(chromium: Any, site: Path):
    with Watched(chromium, site.as_uri()) as watched:
        page = watched.page
        page.goto((site / "claims/baseline/index.html").as_uri())
        rows = page.locator("#ledger tbody tr:visible")
        every = rows.count()
        page.locator(".tools").get_by_label("level").select_option("thesis")
        theses = rows.count()
        assert 0 < theses < every
        assert page.locator(".tools output").inner_text() == f"{theses} of {every} rows"
        page.locator(".tools").get_by_label("Search").fill("dead letter")
        assert 0 < rows.count() < theses
        page.locator("#ledger thead button").first.click()
        page.locator("#ledger thead button").first.click()
        shown = rows.locator("td:first-child").all_inner_texts()
        assert shown == sorted(shown, reverse=True)


@pytest.mark.browser
@needs_chromium
def test_axe_finds_nothing_serious(chromium: Any, site: Path, tmp_path: Path):
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
    with Watched(chromium, site.as_uri(), bypass_csp=True) as watched:
        for name in sorted(set(TYPES) - ALIKE):
            watched.page.goto((site / name).as_uri())
            watched.page.evaluate(shorter)
            watched.page.evaluate(axe)
            themes = {"light": "{}", "dark": "{runOnly: ['color-contrast']}"}
            for theme, options in list(themes.items())[: 1 + (name in DARK)]:
                watched.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
                for one in watched.page.evaluate(f"axe.run(document, {options})")["violations"]:
                    if one["impact"] in ("serious", "critical"):
                        found.append((name, theme, one["id"], one["nodes"][0]["html"][:120]))
    assert found == []


def test_every_page_has_its_policy_and_is_light(site: Path):
    # single files to take away bring their own policy
    for path in set(site.rglob("*.html")) - set((site / "downloads").rglob("*.html")):
        page = path.read_text(encoding="utf-8")
        assert path.stat().st_size <= LARGEST, path
        policy = html.unescape(re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', page)[1])
        assert not re.search(r"https?:|\*|unsafe-eval|'unsafe-inline'(?!; img)", policy), path
        # every inline script of every page is the theme's, and allowed by its hash
        assert len(set(inline_scripts(page))) == policy.count("'sha256-"), path


def test_every_way_within_the_site_leads_somewhere(site: Path):
    pages = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    ids = {path: set(re.findall(r'\bid="([^"]+)"', page)) for path, page in pages.items()}
    broken = set()
    for path, page in pages.items():
        for target in set(re.findall(r'\b(?:href|src|data-charts)="([^"]+)"', page)):
            if re.match(r"(https?|mailto|data):", target):
                continue
            file, _, fragment = html.unescape(target).partition("#")
            file = urllib.parse.unquote(file.partition("?")[0])
            there = (path.parent / file).resolve() if file else path
            if not there.is_file() or (fragment and there in ids and fragment not in ids[there]):
                broken.add((path.relative_to(site).as_posix(), target))
    assert broken == set()


def test_the_panel_tells_current_from_stale(site: Path):
    current = (site / "notebooks/baseline/CSTO/04_prospects.html").read_text(encoding="utf-8")
    stale = (site / "notebooks/strict/CSTO/04_prospects.html").read_text(encoding="utf-8")
    assert "<dd>current: data, parameters, code and notebook</dd>" in current
    assert 'class="stale"' not in current
    assert 'class="stale"' in stale
    assert "<dd>stale: " in stale


def test_two_builds_are_equal(site: Path):
    again = site.parent / "again"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "analysis"), "PYTHONHASHSEED": "7"}
    command = [
        sys.executable,
        "-m",
        "deadletter",
        "publish",
        "baseline",
        "strict",
        "--allow-stale",
        "--out",
        str(again),
    ]
    done = subprocess.run(command, cwd=site.parent, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    files = [sorted(p.relative_to(one) for p in one.rglob("*") if p.is_file()) for one in (site, again)]
    assert files[0] == files[1]
    _, differ, unreadable = filecmp.cmpfiles(site, again, [str(name) for name in files[0]], shallow=False)
    assert (differ, unreadable) == ([], [])


def test_stale_results_are_refused_and_named(site: Path, tmp_path: Path):
    with pytest.raises(
        InputError, match=r"strict/CSTO/01_emergence: is stale .*deadletter run baseline strict.*--allow"
    ):
        publish(find_project(start=site.parent), Request((), tmp_path / "site"), print)
    assert list(tmp_path.iterdir()) == []


def test_publishing_nothing_says_what_to_run(project: Path, tmp_path: Path):
    here = find_project(start=project)
    with pytest.raises(InputError, match="run `deadletter run` first"):
        publish(here, Request((), tmp_path / "site"), print)
    with pytest.raises(InputError, match=r"results/lenient/indices\.csv.*run `deadletter run lenient` first"):
        publish(here, Request(("lenient",), tmp_path / "site"), print)
    with pytest.raises(InputError, match="did you mean: strict"):
        publish(here, Request(("strickt",), tmp_path / "site"), print)


def test_a_folder_that_is_no_site_is_left_alone(site: Path, tmp_path: Path):
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(InputError, match="was not written by this command"):
        publish(find_project(start=site.parent), Request(("baseline",), tmp_path), print)
    assert (tmp_path / "mine.txt").read_text() == "keep me"
