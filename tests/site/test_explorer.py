"""The coding explorer in a browser: what the page computes is what Python computes, and what it shows is that."""

from __future__ import annotations

import math
import random
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deadletter.charts.plane import CELL_NAMES
from deadletter.coding import Coding, apply_settings
from deadletter.dataset.load import Dataset
from deadletter.indices.compliance import compliance, output
from deadletter.indices.expectation import expectation
from deadletter.indices.intervals import IndexValue
from deadletter.indices.legalisation import formalisation
from deadletter.indices.placement import CELLS, LABELS, place
from deadletter.results import BASES, indices_table, placement_table, scopes
from deadletter.site.explorer.page import INDICES, MOVED, explorer_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ASSETS = Path(__file__).resolve().parents[2] / "analysis" / "publish" / "assets"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'"
# a browser's exp, log and pow may differ from C's in the last place; a handful of them follow one another
TOLERANCE = 1e-13
FUNCTIONS = {
    "formalisation": formalisation,
    "expectation": lambda *inputs: expectation(*inputs).index,
    "compliance": compliance,
    "output": output,
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: the browser tests are left out"),
]

# the page's values under each of some settings, with the command line that it gives for them
VALUES = """(many) => many.map((settings) => {
    deadletterExplorer.set(deadletterExplorer.start);
    const began = performance.now();
    const rows = deadletterExplorer.set(settings);
    return {rows, took: performance.now() - began, command: deadletterExplorer.command()};
})"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    quiet = ("quic", "background-networking", "component-update", "sync", "gpu")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in quiet)]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def written(dataset: Dataset, baseline: Coding, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(explorer_page(dataset, baseline), tmp_path_factory.mktemp("explorer"))


@pytest.fixture
def page(chromium: Any, written: Path) -> Iterator[Any]:
    yield from opened(chromium, written)


def write(fragment: str, folder: Path) -> Path:
    """A page of nothing but the fragment and its assets, under a policy that refuses scripts and styles in the page."""
    for name in ("explorer.js", "explorer.css"):
        shutil.copy(ASSETS / name, folder)
    head = (
        '<meta charset="utf-8"><title>Explorer</title><link rel="stylesheet" href="explorer.css">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><script src="explorer.js"></script>'
    )
    path = folder / "explorer.html"
    path.write_text(f'<!doctype html><html lang="en"><head>{head}</head><body>{fragment}</body></html>', "utf-8")
    return path


def opened(chromium: Any, path: Path) -> Iterator[Any]:
    """The page from its file; whatever the browser complains of, or fetches beside the two assets, fails the test."""
    page = chromium.new_page(viewport={"width": 1200, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: request.url.startswith(path.parent.as_uri()) or complaints.append(request.url))
    page.goto(path.as_uri())
    yield page
    page.close()
    assert complaints == []


def combinations() -> list[dict[str, float | str]]:
    """Settings to try: every option of every choice and a grid over each number, alone; then many at once, drawn."""
    choices: dict[str, list[float | str]] = {
        "coder": ["coder-2", "mean"],
        "formalisation.dimension_exponent": ["0", "-1", "-.inf"],
        "formalisation.component_exponent": ["0", "-1", "-.inf"],
        "formalisation.aspect": ["substance", "procedure"],
        "expectation.definition": ["met"],
        "expectation.aggregate": ["level"],
        "expectation.state_weights": ["gdp"],
        "expectation.overlap": ["drop"],
        "compliance.ambiguous": [0.0, 0.25, 1.0],
        "compliance.exits": ["ambiguous", "violated"],
        "compliance.aspect": ["substance", "procedure"],
        "output.partly": [0.0, 0.8, 1.0],
        "output.aspect": ["substance", "procedure"],
        "calibration.formalisation.crossover": [0.3, 0.375, 0.85],
    }
    found = [{}, *({key: value} for key, values in choices.items() for value in values)]
    draw = random.Random(20200225)
    for _ in range(32):
        drawn = {key: draw.choice(values) for key, values in choices.items() if draw.random() < 0.5}
        for kind, names in (
            ("dimension", ["obligation", "precision", "delegation"]),
            ("component", ["principle", "norm", "rule", "procedure"]),
        ):
            if draw.random() < 0.6:
                sizes = [draw.choice([0.0, draw.random(), 1.0]) for _ in names]
                sizes[0] += 0.1
                for name, size in zip(names, sizes, strict=True):
                    drawn[f"formalisation.{kind}_weights.{name}"] = round(size / sum(sizes), 6)
        for index in INDICES:
            if draw.random() < 0.6:
                anchors = sorted(draw.sample(range(101), 3))
                for name, value in zip(("exclusion", "crossover", "inclusion"), anchors, strict=True):
                    drawn[f"calibration.{index}.{name}"] = value / 100
        found.append(drawn)
    assert {key for settings in found for key in settings} == set(MOVED)
    return found


def settings_of(command: str) -> tuple[str, list[str]]:
    """The coding and the settings of a command line as a shell would read it."""
    # unlike a shell, shlex does not join continued lines
    words = shlex.split(command.replace("\\\n", ""))
    assert words[:2] == ["deadletter", "run"]
    assert set(words[3::2]) <= {"--set"}
    return words[2], words[4::2]


Found = dict[tuple[str, str, str], dict[str, tuple[float, int]]]
Placed = dict[tuple[str, str, str], dict[str, tuple[str, list[float]]]]


def by_tables(dataset: Dataset, coding: Coding) -> tuple[Found, Placed]:
    """Values with numbers of rows, and labels with memberships, of every scope: as the tables of results have them."""
    indices = indices_table(dataset, coding)
    placed: Placed = {}
    for row in placement_table(dataset, coding, indices).to_dict("records"):
        key = row["regime"], row["component"], row["period"]
        placed.setdefault(key, {})[row["basis"]] = row["label"], [row[cell] for cell in CELLS]
    found: Found = {key: dict.fromkeys(INDICES, (math.nan, 0)) for key in placed}
    for row in indices[(indices["krasner"] == "all") & indices["index"].isin(INDICES)].to_dict("records"):
        found[row["regime"], row["component"], row["period"]][row["index"]] = row["value"], row["n"]
    return found, placed


def by_functions(dataset: Dataset, coding: Coding, known: dict[Any, tuple[float, int]]) -> tuple[Found, Placed]:
    """The same for whole regimes, from the functions that the tables call; ``known`` spares what was asked before."""
    found, placed = {}, {}
    for scope in (scope for scope in scopes(dataset, coding) if scope.component == "all"):
        values = {}
        for index, of in FUNCTIONS.items():
            asked = (scope, coding.coder, getattr(coding, index))
            if asked not in known:
                value = of(dataset, coding, scope)
                known[asked] = value.value, value.n
            values[index] = known[asked]
        key = scope.focal, scope.component, scope.period
        found[key] = values
        formal = values["formalisation"][0]
        placements = {b: place(formal, values[b][0], getattr(coding.calibration, b), coding) for b in BASES}
        placed[key] = {b: (p.label, [p.memberships[cell] for cell in CELLS]) for b, p in placements.items()}
    return found, placed


def different(rows: list[dict[str, Any]], found: Found, placed: Placed) -> list[str]:
    """Everything in which the page's rows differ from Python's values."""
    wrong = []
    page = {(row["regime"], row["component"], row["period"]): row for row in rows}
    for key in found:
        row = page[key]
        for index, (value, n) in found[key].items():
            told = row["values"][index]
            if told["n"] != n or not close(told["value"], value):
                wrong.append(f"{key} {index}: {told}, Python {value} of {n}")
        for basis, (label, memberships) in placed[key].items():
            told = row["placement"][basis]
            same = all(close(told["memberships"][cell], m) for cell, m in zip(CELLS, memberships, strict=True))
            if told["label"] != label or not same:
                wrong.append(f"{key} by {basis}: {told}, Python {label} {memberships}")
    return wrong


def close(a: float, b: float) -> bool:
    return (math.isnan(a) and math.isnan(b)) or abs(a - b) <= TOLERANCE


@pytest.fixture
def no_bootstrap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page shows no intervals, and they take most of the time of a table."""
    monkeypatch.setattr("deadletter.indices.intervals.bootstrap", lambda *_: (math.nan, math.nan))


@pytest.mark.usefixtures("no_bootstrap")
def test_values_equal_those_of_python_under_many_settings(page: Any, dataset: Dataset, baseline: Coding):
    many = combinations()
    assert len(many) >= 60
    known: dict[Any, tuple[float, int]] = {}
    labels = set()
    answers = page.evaluate(VALUES, many)
    for settings, answer in zip(many, answers, strict=True):
        name, told = settings_of(answer["command"])
        coding = apply_settings(baseline, told)
        assert name == "baseline"
        assert different(answer["rows"], *by_functions(dataset, coding, known)) == [], settings
        labels |= {row["placement"][basis]["label"] for row in answer["rows"] for basis in BASES}
    assert labels == set(LABELS), "the settings should lead to every label"
    assert sorted(answer["took"] for answer in answers)[len(answers) // 2] < 50


@pytest.mark.usefixtures("no_bootstrap")
def test_a_page_of_another_coding_equals_the_tables_for_every_part(
    chromium: Any, dataset: Dataset, baseline: Coding, tmp_path: Path
):
    state = dataset["outlook"]["state"].mode()[0]
    other = [f"drop_states=[{state}]", "as_of=2016-06-30", "coder=mean", "expectation.state_weights=gdp"]
    other += ["calibration.log_odds=3", "intervals.minimum_rows=2", "formalisation.dimension_exponent=0.5"]
    other += ["compliance.exits=violated", "title=</script><script>document.title = 'broken'</script>"]
    coding = apply_settings(baseline, other)
    path = write(explorer_page(dataset, coding, "other"), tmp_path)
    many: list[dict[str, float | str]] = [{}, {"coder": "coder-2", "expectation.definition": "met"}]
    for page in opened(chromium, path):
        assert page.title() == "Explorer"
        for answer in page.evaluate(VALUES, many):
            name, told = settings_of(answer["command"])
            assert name == "other"
            assert different(answer["rows"], *by_tables(dataset, apply_settings(coding, told))) == [], told


def shown(page: Any) -> list[list[str]]:
    """The rows of the table of indices and labels, without what they were in the baseline."""
    lines = "rows => rows.map(r => [...r.cells].map(c => c.firstChild.textContent))"
    return [line for line in page.locator("#explorer-table tbody tr").evaluate_all(lines) if len(line) > 1]


def expected_lines(dataset: Dataset, coding: Coding) -> list[list[str]]:
    found, placed = by_functions(dataset, coding, {})
    lines = []
    for key, values in found.items():
        told = [
            f"{v:.2f}" if not math.isnan(v) else f"too few rows ({n})" if n else "no rows" for v, n in values.values()
        ]
        lines.append([key[2], *told, *(CELL_NAMES[placed[key][basis][0]] for basis in BASES)])
    return lines


def control(page: Any, key: str, entry: str) -> Any:
    return page.locator(f'[data-key="{key}"] {entry}')


def test_controls_move_the_table_the_words_and_the_command(page: Any, dataset: Dataset, baseline: Coding):
    before = shown(page)
    assert before == expected_lines(dataset, baseline)
    while page.locator("details:not([open]) summary").count():
        page.locator("details:not([open]) summary").first.press("Enter")
    control(page, "compliance.ambiguous", "[type=range]").press("Home")
    control(page, "calibration.formalisation.crossover", "[type=number]").fill("0.35")
    control(page, "calibration.formalisation.crossover", "[type=number]").press("Tab")
    control(page, "formalisation.dimension_weights.delegation", "[type=range]").press("Home")
    control(page, "formalisation.component_exponent", "select").select_option("-.inf")
    _, told = settings_of(page.locator("#explorer-command").inner_text())
    assert set(told) == {
        "compliance.ambiguous=0",
        "calibration.formalisation.crossover=0.35",
        *(f"formalisation.dimension_weights.{d}" for d in ("obligation=0.5", "precision=0.5", "delegation=0")),
        "formalisation.component_exponent=-.inf",
    }
    after = shown(page)
    assert after == expected_lines(dataset, apply_settings(baseline, told))
    moved = [
        (b[0], x, y) for b, a in zip(before, after, strict=True) for x, y in zip(b[5:], a[5:], strict=True) if x != y
    ]
    changes = page.locator("#explorer-changes li").all_inner_texts()
    assert moved
    assert [(re.search(r"\d{4}/\d{4}", c)[0], *c.split(": ")[1].split(" → ")) for c in changes] == moved
    status = page.locator("#explorer-status").inner_text()
    assert status.startswith(f"6 settings differ from “baseline”, {len(moved)} labels change.")
    last = {row[0]: row for row in after}
    spoken = page.locator("#explorer-plane desc").text_content()
    for period in {max(key[2] for key in scope) for scope in [by_functions(dataset, baseline, {})[0]]}:
        row = last[period]
        assert f"{period}: formalisation {row[1]}, expectation {row[2]}, {row[5]}." in spoken
    # what was changed is shown with its baseline and goes back alone; weights, together
    ambiguous = control(page, "compliance.ambiguous", ".explorer-moved")
    assert "baseline: 0.5" in ambiguous.inner_text()
    ambiguous.locator("button").press("Enter")
    assert not ambiguous.is_visible()
    control(page, "formalisation.dimension_weights.obligation", ".explorer-moved button").click()
    assert settings_of(page.locator("#explorer-command").inner_text())[1] == [
        "formalisation.component_exponent=-.inf",
        "calibration.formalisation.crossover=0.35",
    ]
    page.locator("#explorer-reset").click()
    assert shown(page) == before


def test_no_control_can_leave_what_the_model_refuses(page: Any, baseline: Coding):
    """Anchors pushed past one another, weights to the ends: every state is a coding that Python accepts."""
    draw = random.Random(7)
    numbers = [key for key in MOVED if page.locator(f'[data-key="{key}"] [type=number]').count()]
    typed = "(e, v) => { e.value = v; e.dispatchEvent(new Event('change')); }"
    for _ in range(60):
        entry = page.locator(f'[data-key="{draw.choice(numbers)}"] [type=number]')
        entry.evaluate(typed, draw.choice(["-1", "0", "0.0000001", "0.5", "1", "7", "", str(draw.random())]))
        apply_settings(baseline, settings_of(page.evaluate("deadletterExplorer.command()"))[1])


def test_parts_of_a_regime_have_a_table_of_their_own(page: Any, dataset: Dataset, baseline: Coding):
    part = page.locator("#explorer-part option").nth(1).get_attribute("value")
    page.locator("#explorer-part").select_option(part)
    page.locator("#explorer-basis").select_option("output")
    expected = [s for s in scopes(dataset, baseline) if s.component == part]
    assert [row[:2] for row in shown(page)] == [
        [s.period, told_value(formalisation(dataset, baseline, s))] for s in expected
    ]
    assert "formalisation and output" in page.locator("#explorer-memberships caption").inner_text()


def told_value(index: IndexValue) -> str:
    return f"{index.value:.2f}" if not math.isnan(index.value) else f"too few rows ({index.n})"


def test_nothing_stands_out_of_a_narrow_window(page: Any):
    page.set_viewport_size({"width": 360, "height": 740})
    page.evaluate("deadletterExplorer.set({'compliance.ambiguous': 0, 'output.partly': 0})")
    page.evaluate("document.querySelectorAll('details').forEach(group => { group.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    # the status stays in sight wherever the reader is
    for height in (0, 600):
        page.evaluate("y => window.scrollTo(0, y)", height)
        box = page.locator("#explorer-status").bounding_box()
        assert 0 <= box["y"] <= 740 - box["height"]


def test_without_scripts_the_baseline_stands_with_a_message(
    chromium: Any, written: Path, dataset: Dataset, baseline: Coding
):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(written.as_uri())
    assert page.locator(".explorer-off").is_visible()
    assert page.locator("fieldset:not([disabled])").count() == 0
    text = page.locator("#explorer-table").inner_text()
    rows = [line.split("\t") for line in text.splitlines() if re.match(r"\d{4}/\d{4}\t", line)]
    assert rows == expected_lines(dataset, baseline)
    context.close()


def test_the_fragment_is_small_inert_and_labelled(written: Path):
    text = written.read_text(encoding="utf-8")
    assert len(text.encode()) < 400_000
    assert re.findall(r"<[^>]* (?:on\w+|style)=", text) == []
    data = re.search(r'<script type="application/json" id="explorer-data">(.*?)</script>', text, flags=re.S)[1]
    assert not set("<>&") & set(data)
    labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', text))
    entries = set(re.findall(r'<(?:input type="number"|select) id="([^"]+)"', text))
    assert {entry for entry in entries if entry not in labelled} == {"explorer-part", "explorer-basis"}
