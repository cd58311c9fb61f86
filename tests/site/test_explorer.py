"""The coding explorer in a browser: under every shipped coding it shows what Python computes."""

from __future__ import annotations

import itertools
import math
import random
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from deadletter.coding import Coding, apply_settings, coding_names, load_coding
from deadletter.coding.settings import digest
from deadletter.dataset.load import Dataset
from deadletter.indices.placement import CELLS
from deadletter.labels import CELL_NAMES
from deadletter.results import BASES, by_measure, indices_table, placement_table
from deadletter.site.explorer import choices as explorer
from deadletter.site.explorer.data import INDICES, kept_data
from deadletter.site.explorer.page import explorer_page
from tests.browser import NEEDS
from tests.conftest import ROOT

ASSETS = ROOT / "analysis" / "deadletter" / "site" / "assets"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'"
CODINGS = coding_names(ROOT / "params")
# a browser's exp may differ from C's in the last place
TOLERANCE = 1e-13

pytestmark = NEEDS

# the page's values under each of some states, with the command line that it gives for them
VALUES = """(many) => many.map((state) => {
    deadletterExplorer.set(deadletterExplorer.fresh());
    return {rows: deadletterExplorer.set(state), command: deadletterExplorer.command()};
})"""


def few_settings(dataset: Dataset, coding: Coding) -> list[explorer.Setting]:
    """Of every setting its start and one option more (of coders two): the whole grid is computed no differently."""
    found = []
    for setting in explorer.settings(dataset, coding):
        options = list(setting.options.items())
        # the page knows the measures by their order
        if setting.keys != ("formalisation.measure",):
            more = [one for one in options if one != options[setting.start]]
            kept = [options[setting.start], *more[-2 if setting.label == "Coder" else -1 :]]
            setting = replace(setting, options=dict(kept), start=0)
        found.append(setting)
    return found


@pytest.fixture(autouse=True, scope="module")
def few_options() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in ("page", "data"):
            patch.setattr(f"deadletter.site.explorer.{module}.settings", few_settings)
        yield


def write(folder: Path, dataset: Dataset, coding: Coding, name: str) -> Path:
    """A page of nothing but the fragment and its assets, under a policy that refuses scripts and styles in the page."""
    fragment, script = explorer_page(dataset, coding, name, folder / "cache")
    for place, content in (
        ("downloads/explorer.js", script),
        *((f"_static/{file}", (ASSETS / file).read_text("utf-8")) for file in ("explorer.js", "explorer.css")),
    ):
        (folder / place).parent.mkdir(exist_ok=True)
        (folder / place).write_text(content, "utf-8")
    head = (
        f'<meta charset="utf-8"><title>Explorer</title><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    )
    path = folder / "explorer.html"
    path.write_text(f'<!doctype html><html lang="en"><head>{head}</head><body>{fragment}</body></html>', "utf-8")
    return path


def opened(chromium: Any, path: Path, **how: Any) -> Iterator[Any]:
    """The page from its file; whatever the browser complains of, or fetches from elsewhere, fails the test."""
    page = chromium.new_page(viewport={"width": 1200, "height": 900}, **how)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: request.url.startswith(path.parent.as_uri()) or complaints.append(request.url))
    page.goto(path.as_uri())
    yield page
    page.close()
    assert complaints == []


@pytest.fixture(scope="module")
def titled(baseline: Coding) -> Coding:
    """The baseline with a title that would be a script if it were not shown as text."""
    return apply_settings(baseline, ["title=</script><script>document.title = 'broken'</script>"])


@pytest.fixture(scope="module")
def written(dataset: Dataset, titled: Coding, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("explorer"), dataset, titled, "baseline")


@pytest.fixture
def page(chromium: Any, written: Path) -> Iterator[Any]:
    yield from opened(chromium, written)


def settings_of(command: str) -> tuple[str, list[str]]:
    """The coding and the settings of a command line as a shell would read it."""
    # unlike a shell, shlex does not join continued lines
    words = shlex.split(command.replace("\\\n", ""))
    assert words[:2] == ["deadletter", "run"]
    assert set(words[3::2]) <= {"--set"}
    return words[2], words[4::2]


def states(dataset: Dataset, coding: Coding, name: str) -> list[dict[str, Any]]:
    """The start, and a state with options and anchors drawn at random, of its own for each coding."""
    draw = random.Random(name)
    names = ("codification", "legalisation", *BASES)
    anchors = {name: sorted(n / 100 for n in draw.sample(range(101), 3)) for name in names}
    return [
        {},
        {"options": [draw.randrange(len(one.options)) for one in few_settings(dataset, coding)], "anchors": anchors},
    ]


KNOWN: dict[str, tuple[pd.DataFrame, pd.DataFrame]] = {}


def results(dataset: Dataset, coding: Coding) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Indices, and placements by the coding's measure: computed once for each coding."""
    key = digest(coding)
    if key not in KNOWN:
        indices = indices_table(dataset, coding)
        KNOWN[key] = indices, by_measure(placement_table(dataset, coding, indices), coding)
    return KNOWN[key]


def different(rows: list[dict[str, Any]], dataset: Dataset, coding: Coding) -> list[str]:
    """Everything in which the page's rows differ from the tables of results."""
    indices, placed = results(dataset, coding)
    whole = indices[(indices["krasner"] == "all") & indices["index"].isin(INDICES)]
    values = whole.set_index(["regime", "component", "period", "index"])["value"].to_dict()
    placed = placed.set_index(["regime", "component", "period", "basis"])
    assert len(rows) * len(BASES) == len(placed)
    wrong = []
    for row in rows:
        key = row["regime"], row["component"], row["period"]
        for index, shown in row["values"].items():
            expected = values.get((*key, index), math.nan)
            if not (close(shown, expected) if isinstance(shown, float | int) else math.isnan(expected)):
                wrong.append(f"{key} {index}: {shown}, Python {expected}")
        for basis, shown in row["placement"].items():
            expected = placed.loc[(*key, basis)]
            if shown["label"] != expected["label"] or not all(map(close, shown["memberships"], expected[list(CELLS)])):
                wrong.append(f"{key} by {basis}: {shown}, Python {expected.to_dict()}")
    return wrong


def close(a: float, b: float) -> bool:
    return (math.isnan(a) and math.isnan(b)) or abs(a - b) <= TOLERANCE


@pytest.mark.parametrize("name", CODINGS)
def test_under_every_shipped_coding_all_values_are_those_of_python(
    chromium: Any, dataset: Dataset, name: str, tmp_path: Path
):
    coding = load_coding(ROOT / "params", name)
    path = write(tmp_path, dataset, coding, name)
    for page in opened(chromium, path):
        for answer in page.evaluate(VALUES, states(dataset, coding, name)):
            told, changes = settings_of(answer["command"])
            assert told == name
            assert different(answer["rows"], dataset, apply_settings(coding, changes)) == [], changes
        page.locator("#explorer-reset").click()
        assert shown(page) == expected_lines(dataset, coding)


def test_a_title_with_markup_is_text(page: Any, titled: Coding):
    assert page.title() == "Explorer"
    assert f"“{titled.title}”" in page.locator(".explorer-off").text_content()


def shown(page: Any) -> list[list[str]]:
    """The rows of the table of indices and labels, without what they were in the baseline."""
    lines = "rows => rows.map(r => [...r.cells].map(c => c.firstChild.textContent))"
    return [line for line in page.locator("#explorer-table tbody tr").evaluate_all(lines) if len(line) > 1]


def expected_lines(dataset: Dataset, coding: Coding) -> list[list[str]]:
    """The same from the tables of results; why an index has no value is told by its count of rows."""
    indices, placed = results(dataset, coding)
    whole = indices[(indices["krasner"] == "all")].set_index(["regime", "component", "period", "index"])["value"]
    labels = placed.set_index(["regime", "component", "period", "basis"])["label"]
    lines = []
    for regime, period in placed.loc[placed["component"] == "all", ["regime", "period"]].drop_duplicates().values:
        values = [whole.get((regime, "all", period, index)) for index in INDICES]
        cells = ["no rows" if v is None else "too few rows" if math.isnan(v) else f"{v:.2f}" for v in values]
        lines.append(
            [period.replace("/", "–"), *cells, *(CELL_NAMES[labels[regime, "all", period, basis]] for basis in BASES)]
        )
    return lines


def test_controls_move_the_table_the_words_and_the_command(page: Any, dataset: Dataset, baseline: Coding):
    before = shown(page)
    assert before == expected_lines(dataset, baseline)
    while page.locator("details:not([open]) summary").count():
        page.locator("details:not([open]) summary").first.press("Enter")
    page.get_by_label("Partly").select_option(index=1)
    crossover = page.get_by_role("group", name="Anchors of expectation").get_by_label("Crossover")
    crossover.fill("0.25")
    crossover.press("Tab")
    _, told = settings_of(page.locator("#explorer-command").inner_text())
    assert told == ["output.partly=1.0", "calibration.expectation.crossover=0.25"]
    after = shown(page)
    assert after == expected_lines(dataset, apply_settings(baseline, told))
    turned = sum(x != y for b, a in zip(before, after, strict=True) for x, y in zip(b[5:], a[5:], strict=True))
    assert turned
    status = page.locator("#explorer-status").inner_text()
    assert status.startswith(f"2 settings differ from “baseline”, {turned} label{'s' * (turned > 1)} change")
    spoken = page.locator("#explorer-plane svg").get_attribute("aria-label")
    last = after[-1]
    assert f"{last[0]}: formalisation {last[1]}, expectation {last[2]}, {last[5]}." in spoken
    page.locator("#explorer-reset").click()
    assert shown(page) == before


def test_anchors_stay_in_an_order_that_the_model_takes(page: Any, baseline: Coding):
    draw = random.Random(7)
    typed = "(e, v) => { e.value = v; e.dispatchEvent(new Event('change')); }"
    entries = page.locator("[data-anchors] input")
    for _ in range(40):
        entry = entries.nth(draw.randrange(entries.count()))
        entry.evaluate(typed, draw.choice(["-1", "0", "0.0000001", "0.5", "1", "7", "", str(draw.random())]))
        apply_settings(baseline, settings_of(page.evaluate("deadletterExplorer.command()"))[1])


def test_parts_of_a_regime_have_a_table_of_their_own(page: Any, dataset: Dataset, baseline: Coding):
    part = page.locator("#explorer-part option").nth(1).get_attribute("value")
    page.locator("#explorer-part").select_option(part)
    page.locator("#explorer-basis").select_option("output")
    _, placed = results(dataset, baseline)
    mine = placed[(placed["component"] == part) & (placed["basis"] == "output")]
    assert [(row[0], row[-1]) for row in shown(page)] == [
        (r.period.replace("/", "–"), CELL_NAMES[r.label]) for r in mine.itertuples()
    ]
    assert "formalisation and output" in page.locator("#explorer-memberships caption").inner_text()


def test_an_address_that_was_cut_off_is_read_as_far_as_it_goes(page: Any, written: Path):
    page.goto(f"{written.as_uri()}#basis=output&title=%E2%9")
    page.reload()
    assert page.locator("#explorer-basis").input_value() == "output"


def test_without_scripts_the_coding_is_there_with_a_message(
    chromium: Any, written: Path, dataset: Dataset, baseline: Coding
):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(written.as_uri())
    assert page.locator(".explorer-off").is_visible()
    assert page.locator("select:enabled").count() == 0
    text = page.locator("#explorer-table").inner_text()
    rows = [line.split("\t") for line in text.splitlines() if re.match(r"\d{4}–\d{4}\t", line)]
    assert rows == expected_lines(dataset, baseline)
    context.close()


def test_every_combination_of_an_index_has_a_place_in_its_values(
    dataset: Dataset, titled: Coding, written: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delattr("deadletter.site.explorer.data.explorer_data")  # computed for the page, and kept since
    found = kept_data(dataset, titled, "baseline", written.parent / "cache")
    for part, (index, table) in itertools.product(found["scopes"], found["tables"].items()):
        assert len(part[index]["at"]) == math.prod(table["shape"])
        assert {ord(one) - found["first"] for one in part[index]["at"]} == set(range(len(part[index]["of"])))
