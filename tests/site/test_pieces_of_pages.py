"""Pieces of pages: words stay words, policies allow the theme's scripts alone, citations find their works."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import altair as alt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from myst_parser.config.main import MdParserConfig
from myst_parser.mdit_to_docutils.base import DocutilsRenderer
from myst_parser.parsers.mdit import create_md_parser
from pybtex.database import parse_string

from deadletter.charts.bundle import sentence_bundle
from deadletter.charts.figure import Figure
from deadletter.errors import InputError
from deadletter.frames import titled, with_names
from deadletter.report.citation import citer, entry_text, known_works, read_citation, software_entry
from deadletter.report.exhibits import Exhibit, exhibits_of, with_images
from deadletter.site.build import policy, settings
from deadletter.site.figures import (
    LARGEST_NARROW,
    charts_script,
    downloads,
    drawing,
    exhibit_of,
    figure_block,
    files_of,
    image_of,
    sentence_block,
    table_block,
    tables_of,
)
from deadletter.templating import html_block, link, plain, prose, relinked, render
from tests.charts.hostile_charts import HOSTILE, hostile_figure

ROOT = Path(__file__).resolve().parents[2]
THEME = '\n    document.documentElement.dataset.mode = localStorage.getItem("mode") || "auto";\n  '


def allowed(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@pytest.mark.parametrize("script", [THEME, "DOCUMENTATION_OPTIONS.pagename = 'claims/baseline/index';"])
def test_the_theme_s_inline_scripts_may_run(script: str):
    assert f"'sha256-{allowed(script)}'" in policy(f"<head></head><script>{script}</script>")


@pytest.mark.parametrize(
    "script",
    [
        "alert(1)",
        "DOCUMENTATION_OPTIONS.pagename = alert(1);",
        "DOCUMENTATION_OPTIONS.pagename = 'x'; alert(1);",
        "DOCUMENTATION_OPTIONS.pagename = 'x' + alert(1);'",
        THEME + "alert(1)",
        'document.documentElement.dataset.mode = localStorage.getItem("mode") || "a"+alert(1)+"b";',
    ],
)
def test_a_script_from_elsewhere_may_not_even_if_it_looks_alike(script: str):
    assert "sha256-" not in policy(f"<head></head><script>{script}</script>")


def test_inert_data_and_scripts_with_an_address_need_no_hash():
    page = f'<script type="application/json">{THEME}</script><script src="x.js">{THEME}</script>'
    assert "sha256-" not in policy(page)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x"])
def test_links_lead_to_pages_and_run_nothing(address: str):
    assert link(address, "words") == "words"
    assert "href" not in prose(f"[words]({address})")
    assert link("a.html#b", "<i>") == '<a href="a.html#b">&lt;i&gt;</a>'


def test_sentences_keep_raw_html_as_words():
    assert "&lt;script&gt;" in prose("**so** <script>alert(1)</script>")
    assert "<strong>so</strong>" in prose("**so** <script>alert(1)</script>")


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1))
def test_plain_words_are_read_back_as_they_are(words: str):
    config = MdParserConfig(
        enable_extensions=set(settings("")["myst_enable_extensions"]),
        disable_syntax=settings("")["myst_disable_syntax"],
    )
    for line, told in ((f"a {plain(words)} b", f"a {words} b"), (plain(words), words)):
        tokens = create_md_parser(config, DocutilsRenderer).parse(line)
        (inline,) = [token for token in tokens if token.type == "inline"]
        assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
        assert {child.type for child in inline.children} <= {"text", "text_special"}
        assert "".join(child.content for child in inline.children) == told


@pytest.mark.parametrize(
    ("words", "line"), [("3.11.7", "3.11.7"), ("1. x", "1\\. x"), ("- x", "\\- x"), ("a_b", "a_b")]
)
def test_plain_words_are_escaped_only_where_they_mean_something(words: str, line: str):
    assert plain(words) == line


@given(st.text(alphabet="`~{}<>a\n", max_size=40))
def test_no_fragment_ends_its_own_block(fragment: str):
    block = html_block(fragment)
    fence = re.match(r"\n(`+)\{raw\} html\n", block)[1]
    assert fence not in fragment
    assert block.endswith(f"\n{fragment}\n{fence}\n")


def test_ids_and_choices_of_a_table():
    page = render("site/templates/errata.md", called="x", rows=[("u1", "<i>", *"abcde")], ids=["u1"])
    assert '<tr id="u1"><td>u1</td><td>&lt;i&gt;</td>' in page
    assert '<th scope="col" data-choice>section</th>' in page


def test_a_figure_is_read_back_from_a_notebook_s_output(tmp_path: Path):
    figure = hostile_figure()
    output = json.loads(json.dumps({"output_type": "display_data", "data": figure.bundle(folded=True)}))
    ((_, read),) = exhibits_of({"outputs": [output]}, "03_x", Counter())
    assert (read.spec, read.svg) == (json.loads(json.dumps(figure.spec)), figure.svg())
    assert (read.title, read.label, read.name) == (f"Title {HOSTILE}", "Figure 3.1", "figure-3-1")
    assert read.folded
    (values,) = tables_of(read.spec)
    assert values.splitlines()[0] == "name,value"
    assert HOSTILE in values
    drawn = drawing(read, tmp_path)
    block = figure_block(drawn, "../")
    assert "<script" not in block
    assert "<strong>Title &lt;/script&gt;" in block
    # the title is the page's: neither the drawing nor what readers take away repeats it
    assert "title" not in drawn.spec
    assert "Title" not in drawn.svg
    assert image_of(drawn.path).startswith(b"\x89PNG")
    assert "<script" not in charts_script({"figure-3-1": read.spec}, {})


def test_a_drawing_for_a_telephone_stands_in_the_page_or_beside_it(tmp_path: Path):
    points = alt.Chart(pd.DataFrame({"a": [1, 2]})).mark_point().encode(x="a:Q").properties(width=240)
    exhibit = exhibit_of(Figure(points, "Title", "Subtitle", "Words"), "1")
    as_it_is = drawing(exhibit, tmp_path)
    assert as_it_is.narrow == ""  # as narrow as a telephone already
    assert "wide-only" not in figure_block(as_it_is, "")
    drawn = drawing(replace(exhibit, spec={**exhibit.spec, "width": 620}), tmp_path)
    assert drawn.narrow != drawn.svg
    assert drawn.narrow in figure_block(drawn, "")
    # blown up no further than this lets it
    assert (
        f"--natural: {ElementTree.fromstring(drawn.narrow).get('width')}px"
        in figure_block(drawn, "").rpartition("narrow-only")[2]
    )
    large = replace(drawn, narrow=drawn.narrow + " " * LARGEST_NARROW)
    name = f"{drawn.name}-narrow.svg"
    root = ElementTree.fromstring(drawn.narrow)
    room = f'width="{root.get("width")}" height="{root.get("height")}"'  # left free until the image has come
    assert f'<img src="../{name}" alt="" {room} loading="lazy">' in figure_block(large, "../")
    assert (name in files_of(large), name in files_of(drawn)) == (True, False)
    assert name not in {file for _, file, _ in downloads(large)}  # nobody takes it away
    images = [content for _, file, content in downloads(drawn) if file.endswith(".png")]
    assert images == [drawn.path]  # of the drawing as it is, and not of that for a telephone


def test_a_subtitle_of_two_lines_is_one_sentence_of_the_caption(tmp_path: Path):
    long = " ".join(["what is drawn"] * 12)
    figure = replace(hostile_figure(), subtitle=long)
    assert len(figure.spec["title"]["subtitle"]) == 2
    drawn = drawing(Exhibit("figure", "3.1", "", figure.title, figure.words, spec=figure.spec), tmp_path)
    assert drawn.subtitle == long


def test_the_tables_of_a_chart_are_told_apart_by_their_rows(tmp_path: Path):
    figure = hostile_figure()
    sets = {"more": [{"year": 1, "share": 2}] * 4}
    exhibit = Exhibit(
        "figure", "3.1", "", "t", "w", spec={**figure.spec, "datasets": {**figure.spec["datasets"], **sets}}
    )
    labels = [label for label, _, _ in downloads(drawing(exhibit, tmp_path))]
    assert labels == ["SVG", "PNG", "CSV (4 rows)", "CSV (3 rows)"]


def test_names_replace_codes_that_stand_as_words():
    names = pd.Series({"RUS": "Russia", "KAZ": "Kazakhstan"})
    frame = pd.DataFrame({"term": ["KAZ→RUS 2010", "RUSAL", None], "id": ["RUS", "", ""]})
    named = with_names(frame, ["term"], names)
    assert named["term"].tolist()[:2] == ["Kazakhstan→Russia 2010", "RUSAL"]
    assert named["term"].isna().tolist() == [False, False, True]
    assert named["id"].tolist() == ["RUS", "", ""]


def test_ids_of_sections_become_their_titles_where_they_stand_as_words():
    titles = {"north-early": "The North: beginnings", "intro": "Introduction"}
    assert titled("body, against north-early", titles) == "body, against “The North: beginnings”"
    assert titled("introspection, north-early-2", titles) == "introspection, north-early-2"


def test_marks_and_cells_that_name_a_claim_or_a_row_lead_to_it():
    table = Exhibit("table", "5.1", "x", "t", "t", columns=("id", "label"), rows=(("c001", "x"), ("zzz", "<i>")))
    shown = table_block(table, {"c001": "../claims/a.html#c001"})
    assert '<td><a href="../claims/a.html#c001">c001</a></td>' in shown
    assert "<td>zzz</td><td>&lt;i&gt;</td>" in shown
    several = table_block(replace(table, rows=(("c001 c002", "c001 zzz"),)), {"c001": "a", "c002": "b"})
    assert '<td><a href="a">c001</a> <a href="b">c002</a></td><td>c001 zzz</td>' in several
    assert "<details" not in shown
    assert "<details" in table_block(replace(table, rows=(("c001", "word " * 900),)), {})
    # more than a telephone shows at once, but not more than a screen does
    assert '<details class="fold when-narrow">' in table_block(replace(table, rows=table.rows * 3), {})
    many = replace(table, rows=table.rows * 13)
    assert "when-narrow" not in table_block(many, {})
    assert "<summary>Table 5.1. t (26 rows)</summary>" in table_block(many, {})
    assert 'deadletterWays = {"c001":"a.html"}' in charts_script({}, {"c001": "a.html"})


def test_sentences_below_a_line_open_from_it():
    cell = {"outputs": [{"data": sentence_bundle("- **One:** <b>", under="c001: *A* claim")}]}
    ((_, exhibit),) = exhibits_of(cell, "05_argument", Counter())
    assert exhibit.body.startswith("**c001: \\*A\\* claim**")
    shown = sentence_block(exhibit)
    assert shown.startswith('<details class="fold"><summary>c001: *A* claim</summary><ul>')
    assert shown.count("c001") == 1
    assert "&lt;b&gt;" in shown


def test_an_output_of_another_library_is_shown_as_its_image_or_words():
    outputs = [
        {"data": {"image/png": "AAAA\n", "text/plain": "<Figure>"}},
        {"data": {"text/html": "<b>", "text/plain": "b"}},
    ]
    shown = [one for _, one in exhibits_of({"outputs": outputs}, "03_x", Counter())]
    assert [(one.kind, one.body, one.words) for one in shown] == [
        ("other", "data:image/png;base64,AAAA", "<Figure>"),
        ("other", "", "b"),
    ]


PASTED = {"a b.png": {"image/png": "QU\nJD\n"}, "c.svg": {"image/svg+xml": "<svg/>"}}


@pytest.mark.parametrize("way", ["![x](attachment:a%20b.png)", '![x](<attachment:a b.png> "title")'])
def test_a_pasted_image_is_carried_over(way: str):
    told = with_images({"source": [way, "\n"], "attachments": PASTED}, "x.ipynb cell 1")
    assert "attachment:" not in told
    assert "data:image/png;base64,QUJD" in told
    assert '<img src="data:image/png;base64,QUJD"' in prose(told)


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("![x](attachment:gone.png)", "x.ipynb cell 1: the pasted image is missing; found: 'gone.png'"),
        ("![x](attachment:c.svg)", "has another type"),
        ('<IMG alt="x" src="attachment:a%20b.png" width="9">', "is shown by HTML"),
    ],
)
def test_a_pasted_image_that_cannot_be_carried_is_refused(way: str, message: str):
    with pytest.raises(InputError, match=message):
        with_images({"source": way, "attachments": PASTED}, "x.ipynb cell 1")


def test_citations_find_their_works_and_leave_other_brackets_alone():
    cite = citer(known_works(ROOT / "data" / "sources.bib"))
    assert cite("so (Ragin 2008), and (Steegen et al. 2016; Simonsohn, Simmons & Nelson 2020).") == (
        "so {cite:p}`ragin2008`, and {cite:p}`steegen2016,simonsohn2020`."
    )
    for words in ("(Nobody 2008)", "(Ragin 2009)", "(a parameter)", "(Ragin 2008; Nobody 2008)", "(2014/2019)"):
        assert cite(words) == words


def test_the_package_is_cited_as_bibtex_reads_it():
    cited = replace(read_citation(ROOT / "CITATION.cff"), title="A: {b}", address="https://example.org/x", doi="10.1/x")
    (entry,) = parse_string(software_entry(cited), "bibtex").entries.values()
    assert (entry.type, entry.fields["year"], entry.fields["doi"]) == ("software", cited.released[:4], "10.1/x")
    assert entry.fields["title"] == "{A: b}"  # braces that might not match are left out
    assert entry.fields["url"] == "https://example.org/x"
    article = parse_string(entry_text(ROOT / "data" / "sources.bib", "troitskiy2020"), "bibtex").entries[
        "troitskiy2020"
    ]
    assert article.fields["doi"] == "10.1080/13600826.2019.1700934"


def test_every_citation_of_the_notebooks_has_its_work():
    works = known_works(ROOT / "data" / "sources.bib")
    cite = citer(works)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                assert re.findall(r"\([A-Z][^()]*\b(?:19|20)\d\d\)", cite("".join(cell["source"]))) == [], path.stem


def test_links_to_files_of_the_project_lead_to_pages_or_become_names():
    markdown = "[How](../../docs/argument.md#rules), [rules](../data/a/b.csv), [`x.py`](../x.py), [d](https://e.org)"
    pages = {"docs/argument.md#rules": "/method/argument.md"}
    assert relinked(markdown, lambda file: pages.get(file, "")) == (
        "[How](/method/argument.md), rules (`data/a/b.csv`), `x.py`, [d](https://e.org)"
    )
