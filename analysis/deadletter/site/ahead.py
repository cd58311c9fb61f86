"""What takes long is computed by other processes, and kept where publishing finds it: the pages with results that no
run has computed, and images of figures."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

from deadletter.charts.bundle import FIGURE
from deadletter.pipeline.kernels import CAN_FORK, PRELOAD_PAGES, begin_work, start_server
from deadletter.project import Project
from deadletter.report.exhibits import exhibits_of
from deadletter.report.render import report_file
from deadletter.site.explorer.data import place_of_data
from deadletter.site.explorer.page import explorer_page
from deadletter.site.figures import drawing, image_of
from deadletter.site.inputs import Material, gather
from deadletter.site.kept import kept, place_in
from deadletter.site.links import comparison_path
from deadletter.site.pages.codings import agreement_page, all_compared, comparison_pages
from deadletter.site.pages.method import report_page
from deadletter.templating import render
from deadletter.workers.executor import open_executor


def late_paths(material: Material) -> list[str]:
    """The paths of :func:`late_pages`, known before they are computed."""
    base, *others = (results.name for results in material.results)
    agreement = ["codings/agreement"] if len(material.dataset["coders"]) > 1 else []
    return [*(comparison_path(base, other) for other in others), "explorer", "method/report", *agreement]


def late_pages(material: Material) -> Iterator[tuple[str, str, dict[str, str | bytes | Path]]]:
    """The pages with results that no run has computed: path, source, and files to take away."""
    yield from comparison_pages(material)
    fragment, script = _explorer(material)
    yield "explorer", render("site/templates/explorer.md", fragment=fragment), {"downloads/explorer.js": script}
    yield "method/report", report_page(material), {}
    if len(material.dataset["coders"]) > 1:
        yield "codings/agreement", agreement_page(material), {}


def _explorer(material: Material) -> tuple[str, str]:
    first = material.results[0]
    return explorer_page(material.dataset, first.coding, first.name, material.project.cache)


def vega_bundle(folder: Path) -> str:
    """The one bundle that draws charts, as a classic script: a module would be blocked where pages are files.

    folder: the folder in which it is kept.
    """

    def made() -> str:
        import vl_convert

        bundle = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub overlooks the default
        return f"(() => {{\n{bundle}\n}})();\n"

    return kept(place_in(folder, "vega", version("vl-convert-python")), made)


def _draw(material: Material, part: int) -> None:
    """Draw the figures of half the notebooks, from the last to the first: who writes their pages begins with these."""
    half = len(material.jobs) // 2
    for job in reversed(material.jobs[half:] if part else material.jobs[:half]):
        counts: Counter[str] = Counter()
        for cell in material.notebook(job).cells:
            for _, exhibit in exhibits_of(cell, job.notebook, counts):
                if exhibit.kind == FIGURE:
                    drawing(exhibit, material.project.cache)


# what pages show, the longest first
_SHOWN: tuple[Callable[[Material], object], ...] = (
    lambda material: _draw(material, 1),
    lambda material: _draw(material, 0),
    lambda material: deque(comparison_pages(material), maxlen=0),
    _explorer,
    lambda material: report_file(material.project),
    agreement_page,
)


@contextmanager
def helpers() -> Iterator[Executor]:
    """Two processes that begin when something is left to them."""
    context = start_server(*PRELOAD_PAGES) if CAN_FORK else get_context("spawn")
    with open_executor(2, "", lambda line: None, context, begin_work) as pool:
        yield pool


def begin_pages(pool: Executor, material: Material) -> list[Future]:
    """Let others compute what pages show, unless it was computed before."""
    names, first = tuple(results.name for results in material.results), material.results[0]
    data = place_of_data(material.dataset, first.coding, first.name, material.project.cache)
    numbers = () if data.is_file() and all_compared(material) else range(len(_SHOWN))
    return [pool.submit(_compute, material.project, names, number) for number in numbers]


def begin_files(pool: Executor, material: Material, drawings: Iterable[Path]) -> list[Future]:
    """Let others make what no page needs: images of drawings, and the bundle that draws charts."""
    images = [pool.submit(image_of, path) for path in drawings if not path.with_suffix(".png").is_file()]
    return [*images, *([pool.submit(vega_bundle, material.project.cache)] if images else [])]


def settle(under_way: Iterable[Future]) -> None:
    """Wait for others; whatever they fail at fails in this process as well, when it is asked for."""
    deque((one.exception() for one in under_way), maxlen=0)


def _compute(project: Project, codings: tuple[str, ...], number: int) -> None:
    _SHOWN[number](_gathered(project, codings))


@cache
def _gathered(project: Project, codings: tuple[str, ...]) -> Material:
    return gather(project, codings)
