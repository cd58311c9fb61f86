"""Sphinx, told once and for all: what it loads, how it looks, and that it asks for nothing from elsewhere."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

# what a check of accessibility finds in the pages of generator and theme, and what stands there instead: roles that
# screen readers no longer know, and a toggle without a name
_MENDED = {
    ' role="doc-biblioentry"': "",
    '<div role="list" class="citation-list">': '<div class="citation-list">',
    '<summary><span class="toctree-toggle"': '<summary aria-label="Pages below"><span class="toctree-toggle"',
}


def settings(title: str) -> dict[str, Any]:
    """The configuration of Sphinx for a site of this title."""
    return {
        "project": title,
        "extensions": ["myst_nb", "sphinxcontrib.bibtex", "deadletter.site.build"],
        "html_theme": "pydata_sphinx_theme",
        "html_title": title,
        "html_math_renderer": "mathml",
        "html_favicon": "_static/icon.svg",
        "html_static_path": ["_static"],
        "html_extra_path": ["_extra"],
        "html_css_files": ["site.css"],
        "html_js_files": ["charts.js", "tables.js"],
        "html_copy_source": False,
        "html_use_index": False,
        "html_show_sourcelink": False,
        "html_show_sphinx": False,
        "html_show_copyright": False,
        "html_show_search_summary": False,
        "html_last_updated_fmt": None,
        "html_context": {"default_mode": "auto"},
        "html_sidebars": {"index": [], "explorer": [], "search": []},
        "html_theme_options": {
            "logo": {"text": title},
            "navbar_align": "left",
            "navbar_end": ["theme-switcher"],
            "navbar_persistent": ["search-button-field"],
            "article_header_start": ["breadcrumbs"],
            "secondary_sidebar_items": ["page-toc"],
            "footer_start": [],
            "footer_center": [],
            "footer_end": [],
            "show_nav_level": 2,
            "navigation_depth": 3,
            "collapse_navigation": True,
            "show_prev_next": False,
            "header_links_before_dropdown": 6,
            "pygments_light_style": "a11y-high-contrast-light",
            "pygments_dark_style": "a11y-high-contrast-dark",
        },
        "exclude_patterns": ["_static", "_extra"],
        "nb_execution_mode": "off",
        "nb_merge_streams": True,
        "nb_code_prompt_show": "Show code",
        "nb_code_prompt_hide": "Hide code",
        "myst_enable_extensions": ["dollarmath"],
        "myst_heading_anchors": 4,
        # what looks like HTML within Markdown is text
        "myst_disable_syntax": ["html_block", "html_inline"],
        "bibtex_bibfiles": ["sources.bib"],
        "bibtex_reference_style": "author_year",
        "suppress_warnings": ["mystnb.unknown_mime_type", "config.cache"],
    }


def build(source: Path, target: Path, doctrees: Path, title: str) -> list[str]:
    """Build the site; returns the warnings, without machine paths.

    Doctrees stand outside the site: they are the only files that differ between two builds.
    """
    warnings = io.StringIO()
    with patch_docutils(), docutils_namespace():
        chosen = settings(title)
        app = Sphinx(source, None, target, doctrees, "html", chosen, status=None, warning=warnings, freshenv=True)
        app.build(force_all=True)
    for leftover in (".buildinfo", "_static/webpack-macros.html"):
        (target / leftover).unlink(missing_ok=True)
    shutil.rmtree(target / "_sources", ignore_errors=True)
    for path in target.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        for found, mended in _MENDED.items():
            page = page.replace(found, mended)
        path.write_text(page, encoding="utf-8")
    return [line.replace(f"{source}/", "") for line in warnings.getvalue().splitlines() if line.strip()]


def setup(app: Sphinx) -> dict[str, Any]:
    """Formulas as MathML, which browsers draw without a script."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _inline(visitor: Any, node: Any) -> None:
    from docutils.nodes import SkipNode

    visitor.body.append(convert(node.astext()))
    raise SkipNode


def _block(visitor: Any, node: Any) -> None:
    from docutils.nodes import SkipNode

    visitor.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    raise SkipNode
