"""Pieces of pages: words stay words, policies allow the theme's scripts alone, citations find their works."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from myst_parser.config.main import MdParserConfig
from myst_parser.mdit_to_docutils.base import DocutilsRenderer
from myst_parser.parsers.mdit import create_md_parser

from deadletter.charts.figure import figure_html, spec_html
from deadletter.site.build import settings
from deadletter.site.citations import citer, known_works
from deadletter.site.csp import policy
from deadletter.site.figures import charts_script, figure_block, read_drawing, tables_of
from deadletter.site.markup import link, plain, raw, sentences, table
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
    assert "href" not in sentences(f"[words]({address})")
    assert link("a.html#b", "<i>") == '<a href="a.html#b">&lt;i&gt;</a>'


def test_sentences_keep_raw_html_as_words():
    assert "&lt;script&gt;" in sentences("**so** <script>alert(1)</script>")
    assert "<strong>so</strong>" in sentences("**so** <script>alert(1)</script>")


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1))
def test_plain_words_are_read_back_as_they_are(words: str):
    config = MdParserConfig(
        enable_extensions=set(settings()["myst_enable_extensions"]), disable_syntax=settings()["myst_disable_syntax"]
    )
    tokens = create_md_parser(config, DocutilsRenderer).parse(f"a {plain(words)} b")
    (inline,) = [token for token in tokens if token.type == "inline"]
    assert {child.type for child in inline.children} <= {"text", "text_special"}
    assert "".join(child.content for child in inline.children) == f"a {words} b"


@given(st.text(alphabet="`~{}<>a\n", max_size=40))
def test_no_fragment_ends_its_own_block(fragment: str):
    block = raw(fragment)
    fence = re.match(r"\n(`+)\{raw\} html\n", block)[1]
    assert fence not in fragment
    assert block.endswith(f"\n{fragment}\n{fence}\n")


def test_ids_and_choices_of_a_table():
    told = table({"id": "id", "choice:kind": "kind"}, [("a", "b")], "<caption>", name="t", ids=["u1"], tools=True)
    assert '<tr id="u1"><td>a</td><td>b</td></tr>' in told
    assert '<th scope="col" data-choice>kind</th>' in told
    assert "&lt;caption&gt;</caption>" in told


def test_a_figure_is_read_back_from_a_notebook_s_output():
    figure = hostile_figure()
    drawing = read_drawing(figure_html(figure) + spec_html(figure))
    assert drawing.spec == json.loads(json.dumps(figure.spec))
    assert drawing.title == f"Title {HOSTILE}"
    (values,) = tables_of(drawing.spec)
    assert values.splitlines()[0] == "name,value"
    assert HOSTILE in values
    block = figure_block(drawing, "3.1", "figure-3-1", "../")
    assert "<script" not in block
    assert 'aria-label="Title &lt;/script&gt;' in block
    assert "<script" not in charts_script({"figure-3-1": drawing.spec})


def test_an_output_that_is_no_figure_is_left_alone():
    assert read_drawing("<table><tr><td>figure</td></tr></table>") is None


def test_citations_find_their_works_and_leave_other_brackets_alone():
    cite = citer(known_works(ROOT / "data" / "sources.bib"))
    assert cite("so (Ragin 2008), and (Steegen et al. 2016; Simonsohn, Simmons & Nelson 2020).") == (
        "so {cite:p}`ragin2008`, and {cite:p}`steegen2016,simonsohn2020`."
    )
    for words in ("(Nobody 2008)", "(Ragin 2009)", "(a parameter)", "(Ragin 2008; Nobody 2008)", "(2014/2019)"):
        assert cite(words) == words


def test_every_citation_of_the_notebooks_has_its_work():
    works = known_works(ROOT / "data" / "sources.bib")
    cite = citer(works)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                assert re.findall(r"\([A-Z][^()]*\b(?:19|20)\d\d\)", cite("".join(cell["source"]))) == [], path.stem
