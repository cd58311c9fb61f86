"""What notebooks import of this package that this version does not have: an older one may have had it elsewhere."""

import ast
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from deadletter.dataset.problems import Problem
from deadletter.errors import nearest
from deadletter.notebook import NAMES
from deadletter.notebook_files import read_source, tags_of
from deadletter.pipeline.import_graph import PACKAGE, source_of
from deadletter.project import Project

# rooms whose names are public as well
ROOMS = ("alignment", "indices", "trade")
# public names by what an earlier version called them, where the name now means another thing
FORMER = {
    "charts.outcomes.timeline_chart": "forecasts_chart",
    "charts.trade_series.shares_chart": "intra_share_chart",
    "charts.trade_effects.placebo_chart": "placebo_blocs_chart",
    "charts.trade_effects.curve_chart": "specifications_chart",
}


def lost_imports(project: Project) -> list[Problem]:
    """A problem for each name of this package that a notebook imports or uses, and that is not there.

    Raises InputError: a notebook that cannot be read.
    """
    problems = []
    for path in sorted(project.notebooks.glob("[0-9][0-9]_*.ipynb")):
        modules: dict[str, str] = {}
        for number, cell in enumerate(read_source(path)["cells"], start=1):
            if cell["cell_type"] != "code":
                continue
            where = f"notebooks/{path.name} cell {next(iter(tags_of(cell)), number)}"
            lost = dict.fromkeys(_lost("".join(cell["source"]), modules))
            problems += [Problem(where, "uses what this version does not have", name, _instead(name)) for name in lost]
    return problems


def _lost(source: str, modules: dict[str, str]) -> Iterator[str]:
    """Dotted names in a cell that this version does not have.

    modules: those that the notebook has imported so far, by the names that it gives them; the cell's are added.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a command of the kernel, which executing the notebook judges
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                if one.name.partition(".")[0] == PACKAGE and source_of(one.name) is None:
                    yield one.name
                elif one.asname and source_of(one.name):
                    modules[one.asname] = one.name
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == PACKAGE and not node.level:
            for one in node.names:
                name = f"{node.module}.{one.name}"
                if source_of(name):
                    modules[one.asname or one.name] = name
                elif one.name != "*" and one.name not in _names(str(node.module)):
                    yield name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            home = modules[node.value.id]
            if node.attr not in _names(home) and source_of(f"{home}.{node.attr}") is None:
                yield f"{home}.{node.attr}"


@cache
def _names(module: str) -> frozenset[str]:
    """The names that a module defines, read from its source without importing it; empty where there is no module."""
    path = source_of(module)
    if path is None:
        return frozenset()
    found: set[str] = {"__name__", "__file__", "__doc__"}
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(one.asname or one.name).partition(".")[0] for one in node.names}
        else:
            found |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    # what it gives on request it lists by itself
    return frozenset(found | set(dir(import_module(module)))) if "__getattr__" in found else frozenset(found)


def _instead(name: str) -> str:
    """What to write in place of a dotted name."""
    if former := FORMER.get(name.removeprefix(f"{PACKAGE}.")):
        return f"{PACKAGE}.notebook.{former}"
    last = name.rpartition(".")[2]
    public = {one: f"{PACKAGE}.notebook.{one}" for one in NAMES}
    for room in ROOMS:
        public |= {one: f"{PACKAGE}.{room}.{one}" for one in import_module(f"{PACKAGE}.{room}").__all__}
    meant = last if last in public else nearest(last, public)
    return public[meant] if meant else f"names of {PACKAGE}.notebook, which stay"
