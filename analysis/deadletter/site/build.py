"""How Sphinx builds the site: what it loads, how it looks, what the search knows; nothing comes from elsewhere."""

import base64
import errno
import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from markupsafe import Markup
from pybtex.backends.plaintext import Backend
from pybtex.plugin import register_plugin
from sphinx.addnodes import toctree
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import docutils_namespace, patch_docutils

from deadletter.labels import in_print

# entries of the search that are not sections of pages, as the source of the site has them
ENTRIES = "entries.json"
LONGEST_ENTRY = 1500
# scripts of Sphinx's search, which the theme asks for whether they are there or not
_OWN_SEARCH = re.compile(r'\s*<script src="[^"]*\b(?:searchtools|language_data|searchindex)\.js[^"]*"></script>')
_LEAD = re.compile(r'<p class="lead">(.*?)</p>', re.DOTALL)
_MARKUP = re.compile(r"(<(?:pre|code|script|style)\b.*?</(?:pre|code|script|style)>|<[^>]*>)", re.DOTALL)
# what a check of accessibility finds in the pages of generator and theme, and what stands there instead: roles that
# screen readers no longer know, a toggle without a name, and a button with another name than the words on it
_MENDED = {
    ' role="doc-biblioentry"': "",
    '<div role="list" class="citation-list">': '<div class="citation-list">',
    '<summary><span class="toctree-toggle"': '<summary aria-label="Pages below"><span class="toctree-toggle"',
    'search-button__button pst-js-only" title="Search" aria-label="Search"': (
        'search-button__button pst-js-only" title="Search" aria-label="Search Ctrl+K"'
    ),
}


def settings(title: str) -> dict[str, Any]:
    """The configuration of Sphinx for a site of this title."""
    return {
        "project": title,
        "extensions": ["myst_nb", "sphinxcontrib.bibtex", "sphinx.ext.autodoc", "deadletter.site.build"],
        "autodoc_typehints_format": "short",
        "autodoc_type_aliases": {name: name for name in ("ArrayLike", "Floats", "Flags")},
        "python_use_unqualified_type_names": True,
        # each room's page opens with the list of its names
        "toc_object_entries": False,
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
        "html_domain_indices": False,
        "html_show_sourcelink": False,
        "html_show_sphinx": False,
        "html_show_copyright": False,
        "html_context": {"default_mode": "auto"},
        "html_sidebars": {page: [] for page in ("index", "explorer", "search", "theory", "trade")},
        "html_theme_options": {
            "logo": {"text": title},
            "navbar_align": "left",
            "navbar_end": ["theme-switcher"],
            "navbar_persistent": ["search-button-field"],
            "search_bar_text": "Words, or an id",
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
        "myst_enable_extensions": ["dollarmath"],
        "myst_heading_anchors": 4,
        # what looks like HTML within Markdown is text
        "myst_disable_syntax": ["html_block", "html_inline"],
        "bibtex_bibfiles": ["sources.bib"],
        "bibtex_reference_style": "author_year",
        "suppress_warnings": ["mystnb.unknown_mime_type", "config.cache"],
    }


_LOST = re.compile(r"error writing file|cannot copy \w+ file")


def build(
    source: Path,
    target: Path,
    doctrees: Path,
    title: str,
    late: Collection[str] = (),
    finish: Callable[[], None] = lambda: None,
) -> list[str]:
    """Build the site; returns the warnings, without machine paths.

    Doctrees stand outside the site: they are the only files that differ between two builds. Pages that are ``late`` are
    read last, once ``finish`` has written them.

    Raises OSError: a file of it could not be written; and what ``finish`` raises.
    """
    finishing = iter([finish])

    def before(app: Sphinx, env: BuildEnvironment, name: str) -> None:
        if name in late and (now := next(finishing, None)):
            now()

    warnings = io.StringIO()
    with patch_docutils(), docutils_namespace():
        chosen = settings(title)
        app = Sphinx(source, None, target, doctrees, "html", chosen, status=None, warning=warnings, freshenv=True)
        app.connect("env-before-read-docs", lambda app, env, names: names.sort(key=lambda name: name in late))
        app.connect("env-purge-doc", before)
        try:
            app.build(force_all=True)
        except ExtensionError as error:
            raise error.orig_exc or error from None
    reported = [line.replace(f"{source}/", "") for line in warnings.getvalue().splitlines() if line.strip()]
    if lost := next(filter(_LOST.search, reported), ""):  # Sphinx only warns of it
        raise OSError(errno.EIO, lost)
    for leftover in (
        ".buildinfo",
        *(f"_static/{name}" for name in ("webpack-macros.html", "searchtools.js", "language_data.js")),
    ):
        (target / leftover).unlink(missing_ok=True)
    shutil.rmtree(target / "_sources", ignore_errors=True)
    for path in target.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        for found, mended in _MENDED.items():
            page = page.replace(found, mended)
        page = _OWN_SEARCH.sub("", page)
        path.write_text("".join(_in_print(page)), encoding="utf-8")
    return reported


def _in_print(page: str) -> Iterator[str]:
    """The page with its words as in print, wherever they are neither markup nor code."""
    for number, part in enumerate(_MARKUP.split(page)):
        yield part if number % 2 else in_print(part)


def setup(app: Sphinx) -> dict[str, Any]:
    """Formulas as MathML, which browsers draw without a script; a search that also works from a file."""
    # else the package's metadata are read anew for every citation
    register_plugin("pybtex.backends", "plaintext", Backend, force=True)
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("autodoc-process-docstring", _as_markup)
    app.connect("builder-inited", _without_own_search)
    app.connect("doctree-resolved", _collect)
    app.connect("html-page-context", _described)
    app.connect("build-finished", _write_search)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _as_markup(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """A docstring as reStructuredText: underlined headings in bold, each ``name: …`` a paragraph, bars as text."""
    text = re.sub(r"^(\w[\w ]*)\n-{3,}$", r"**\1**\n", "\n".join(lines), flags=re.MULTILINE)
    text = re.sub(r"\n {2,}(?=\S)", " ", text)
    lines[:] = re.sub(r"\n(?=\w[\w, ]*: )", "\n\n", text).replace("|", "\\|").split("\n")


def _without_own_search(app: Sphinx) -> None:
    # Sphinx's search fetches pages for its excerpts, which a page opened from a file may not do
    app.builder.search = False  # type: ignore[attr-defined]
    app.env.deadletter_entries = []  # type: ignore[attr-defined]


def _collect(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Each section of a page as an entry of the search, and its first paragraph as the page's description."""
    address = f"{docname}.html"
    page_title = ""
    if docname.startswith(("rows/", "claims/")):  # each row and claim is an entry of its own
        return
    for section in doctree.findall(nodes.section):
        title = section.next_node(nodes.title)
        heading = title.astext() if title else ""
        page_title = page_title or heading
        text = " ".join(" ".join(_text(child).split()) for child in section if child is not title)
        where = address if heading == page_title else f"{address}#{section['ids'][0]}"
        name = heading if heading == page_title else f"{page_title}: {heading}"
        app.env.deadletter_entries.append([name, where, text[:LONGEST_ENTRY]])  # type: ignore[attr-defined]


def _text(node: nodes.Node) -> str:
    if isinstance(node, nodes.raw):
        return Markup(node.astext().replace("<", " <")).striptags()
    if isinstance(node, nodes.section | nodes.literal_block | nodes.comment | toctree):
        return ""
    if isinstance(node, nodes.TextElement):
        return node.astext()
    return " ".join(_text(child) for child in node.children)


def _described(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Title and description for those who share a page."""
    site = app.config.html_title
    own = Markup(context.get("title") or site).striptags()
    title = own if own == site else f"{own} – {site}"
    if own == site:
        context["docstitle"] = ""
    words = _opening(doctree) or title
    lines = {"og:title": title, "og:description": words[:300], "og:type": "website", "og:site_name": site}
    tags = Markup("\n").join(Markup('<meta property="{}" content="{}">').format(*one) for one in lines.items())
    described = Markup('<meta name="description" content="{}">').format(words[:300])
    context["metatags"] = f"{context.get('metatags', '')}\n{described}\n{tags}"


def _opening(doctree: nodes.document | None) -> str:
    """The lead of a page, else its first paragraph."""
    if doctree is None:
        return ""
    leads = (_LEAD.search(node.astext()) for node in doctree.findall(nodes.raw))
    if lead := next(filter(None, leads), None):
        return Markup(lead[1]).striptags()
    paragraph = doctree.next_node(nodes.paragraph)
    return " ".join(paragraph.astext().split()) if paragraph else ""


def _write_search(app: Sphinx, failed: Exception | None) -> None:
    if failed:
        return
    own = json.loads((Path(app.srcdir) / ENTRIES).read_text(encoding="utf-8"))
    entries = [*own, *sorted(app.env.deadletter_entries)]  # type: ignore[attr-defined]
    text = json.dumps(entries, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    (Path(app.outdir) / "_static" / "entries.js").write_text(f"window.deadletterEntries = {text};\n", encoding="utf-8")


def _inline(visitor: Any, node: Any) -> None:
    visitor.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block(visitor: Any, node: Any) -> None:
    visitor.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode


# the inline scripts of generator and theme, whole: a script that slipped into a page from data is none of them
_KNOWN = re.compile(
    r"""\s*(?:DOCUMENTATION_OPTIONS\.\w+ = (?:'[\w/.+-]*'|true|false);"""
    r"""|(?:document\.documentElement\.dataset\.\w+ = localStorage\.getItem\("\w+"\) \|\| "\w*";\s*)+)\s*"""
)


def policy(page: str) -> str:
    """The policy for a page, with the hash of each inline script that is known."""
    hashes = sorted({_hash(body) for body in inline_scripts(page) if _KNOWN.fullmatch(body)})
    sources = " ".join(("'self'", *(f"'sha256-{one}'" for one in hashes)))
    return (
        f"default-src 'none'; script-src {sources}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'self'"
    )


def inline_scripts(page: str) -> list[str]:
    """The inline scripts that a browser would run: neither those with an address nor inert data."""
    found = []
    for part in page.split("<script")[1:]:
        attributes, _, rest = part.partition(">")
        if " src=" not in attributes and "application/json" not in attributes:
            found.append(rest.partition("</script>")[0])
    return found


def _hash(body: str) -> str:
    return base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()


def protect(site: Path) -> None:
    """Write the policy into every page of a site; single files to take away bring their own."""
    for path in sorted(set(site.rglob("*.html")) - set((site / "downloads").rglob("*.html"))):
        page = path.read_text(encoding="utf-8")
        meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(page)}">'
        before, head, after = page.partition("<head>")
        path.write_text(f"{before}{head}\n    {meta}{after}", encoding="utf-8")
