"""What leads where: the tables of contents from which the site's navigation is made."""

from collections.abc import Sequence

from markupsafe import Markup

from deadletter.frames import records
from deadletter.site.chapters import short_title
from deadletter.site.inputs import Material
from deadletter.site.links import ledger_path, page_path, row_tables
from deadletter.templating import html_block, link, spaced

METHOD = {
    "codebook": "Codebook",
    "errata": "Errata",
    "argument": "How claims are tested",
    "trade": "How trade is estimated",
    "sources": "Sources of outside figures",
    "data": "Data and licences",
    "report": "Replication report",
    "rerun": "How to run it again",
    "cite": "How to cite",
}
SECTIONS = {
    "summary/index": "Summary",
    "theory": "Theory",
    "notebooks/index": "Chapters",
    "claims/index": "Claims",
    "trade": "Trade",
    "explorer": "Explorer",
    "codings/index": "Codings",
    "rows/index": "Rows",
    "method/index": "Method and data",
    "reference/index": "Functions",
}


def menus(material: Material, pages: Sequence[str]) -> dict[str, str]:
    """Sources of the pages that only lead on, and the lists that end pages which lead on; by path."""
    known = {page.rpartition(".")[0] for page in pages}

    def below(folder: str) -> list[str]:
        """The pages of a folder, by their ways from it."""
        return [path.removeprefix(folder) for path in sorted(known) if path.startswith(folder)]

    names = [results.name for results in material.results]
    body = ""
    for coding in dict.fromkeys(job.coding for job in material.jobs):
        jobs = (job for job in material.jobs if job.coding == coding)
        notebooks = [(page_path(job).removeprefix("notebooks/"), short_title(material, job)) for job in jobs]
        body += _toctree(notebooks, caption=spaced(coding) or "all codings")
    shown = [results for results in material.results if ledger_path(results.name) in known]
    claims = [(f"{results.name}/index", results.coding.title) for results in shown]
    titles = records(material.dataset["sections"].sort_values("order"))
    sections = {
        name: [(one["id"], one["title"]) for one in titles if f"claims/{name}/{one['id']}" in known] for name in names
    }
    named = {one["name"]: one.get("title", one["name"]) for one in row_tables(material.dataset).values()}
    rows = [(name, named[name]) for name in below("rows/")]
    beside = [(f"{names[0]}-{name}", f"{spaced(names[0])} and {spaced(name)}") for name in names[1:]]
    agreement = [("agreement", "Agreement between coders")] if "codings/agreement" in known else []
    method = [(page, title) for page, title in METHOD.items() if f"method/{page}" in known]
    codebook = [(f"codebook/{name}", f"Tables in {name}") for name in below("method/codebook/")]
    summaries = [(name, spaced(name)) for name in names if f"summary/{name}" in known]
    reference = [(name, name) for name in below("reference/")]
    # sections that lead on have no page of their own; the others only where the project has what they show
    led = ("notebooks/index", "claims/index", "rows/index", "codings/index", "method/index", "reference/index")
    top = [(page, title) for page, title in SECTIONS.items() if page in (*known, *led)]
    return {
        "index.md": _toctree(top, hidden=True),
        **({"summary/index.md": _toctree(summaries, hidden=True)} if summaries else {}),
        "reference/index.md": "# Functions for notebooks of your own\n\nThe public functions and classes of the "
        "package, from their docstrings.\n" + _toctree(reference),
        "notebooks/index.md": "# Chapters\n\nEach chapter is a notebook, executed once for each coding and regime. "
        "Pages show its outputs, and its code on demand.\n" + body,
        "claims/index.md": "# Claims\n\nThe ledger of every claim, coding by coding.\n"
        + _list([(f"{path}.html", title) for path, title in claims])
        + _toctree(claims, hidden=True),
        **{f"claims/{name}/index.md": _toctree(entries, hidden=True) for name, entries in sections.items()},
        "rows/index.md": "# Coded rows\n\nEvery coded unit, and every later fact, with the "
        "ratings of each coder.\n" + _toctree(rows),
        "codings/index.md": _toctree([*beside, *agreement]),
        "method/codebook.md": _toctree(codebook),
        "method/index.md": "# Method and data\n" + _toctree(method),
    }


def _list(entries: Sequence[tuple[str, str]]) -> str:
    items = Markup().join(Markup("<li>{}</li>").format(link(target, title)) for target, title in entries)
    return str(html_block(f"<ul>{items}</ul>"))


def _toctree(entries: Sequence[tuple[str, str]], caption: str = "", *, hidden: bool = False) -> str:
    lines = [f":caption: {' '.join(caption.split())}"] if caption else []
    options = "\n".join([*lines, ":maxdepth: 1", *([":hidden:"] if hidden else [])])
    # a title is words: a bracket would end it
    words = [(path, " ".join(title.split()).replace("<", "‹").replace(">", "›")) for path, title in entries]
    listed = "\n".join(f"{title} <{path}>" for path, title in words)
    return f"\n```{{toctree}}\n{options}\n\n{listed}\n```\n"
