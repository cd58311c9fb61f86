"""Parameters of a notebook: one cell for them, none that sets them again, and what was opened is what was asked for."""

import ast
import itertools
import json
import symtable
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from deadletter.errors import InputError
from deadletter.notebook_files import tags_of
from deadletter.tracing import CHANGED, OPENED, Read

# the commands after which the rest of a line or cell is Python in this kernel
RUN_HERE = ("time", "timeit", "capture", "prun")
PARAMETERS, INJECTED = "parameters", "injected-parameters"


def check_parameters(notebook: Mapping[str, Any], names: Iterable[str], where: str) -> None:
    """See that nothing in a notebook undoes the parameters that are injected after the cell tagged `parameters`.

    Parameters
    ----------
    notebook: as :func:`deadletter.notebook_files.read_source` gives it. names: of the parameters. where: its file.

    Raises
    ------
    InputError: two cells are tagged so, or a later cell assigns one of the names; both cells are named.
    """
    cells = list(enumerate(notebook["cells"], start=1))
    tagged = [number for number, cell in cells if PARAMETERS in tags_of(cell)]
    if len(tagged) > 1:
        problem = "two cells are tagged parameters, and the second would undo what the run sets after the first"
        raise InputError(problem, where=where, found=f"cells {tagged[0]} and {tagged[1]}", allowed="one such cell")
    # papermill puts its cell in the place of an earlier one of its own
    own = [number for number, cell in cells if INJECTED in tags_of(cell)]
    start = own[0] if own else tagged[0]
    for number, cell in cells[start:]:
        if cell["cell_type"] == "code":
            source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
            for name in sorted(set(names) & set(assigned(source))):
                problem = f"cell {number} assigns {name}, which the run sets after cell {start}"
                raise InputError(problem, where=where, allowed="another name")


def assigned(source: str) -> Iterator[str]:
    """The names that a cell binds outside its functions, or by `global`; none where it is not Python of the notebook.

    Commands of IPython are read as it reads them; what they bind counts where they run Python here or keep output.
    """
    try:
        tree = ast.parse(_plain_python(source))
        table = symtable.symtable(ast.unparse(_Apart().visit(tree)), "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    yield from (symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported())
    waiting = table.get_children()
    while waiting:
        inner = waiting.pop()
        waiting += inner.get_children()
        yield from (s.get_name() for s in inner.get_symbols() if s.is_declared_global() and s.is_assigned())
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Attribute(attr="run_line_magic" | "run_cell_magic"), [name, line, *cell]):
                texts = [part.value for part in (name, line, *cell) if isinstance(part, ast.Constant)]
                if len(texts) > 1:
                    yield from _bound_by_command(*map(str, texts))


def _plain_python(source: str) -> str:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        # half a second to import, which only cells with commands need
        from IPython.core.inputtransformer2 import TransformerManager

        return TransformerManager().transform_cell(source)
    return source


def _bound_by_command(name: str, line: str, cell: str = "") -> Iterator[str]:
    words = line.split()
    if name in RUN_HERE:
        yield from assigned(cell or line)
    if name == "capture" or (name == "store" and "-r" in words):
        yield from words
    yield from (word for option, word in itertools.pairwise(words) if option in ("--out", "--err"))


class _Apart(ast.NodeTransformer):
    """Comprehensions as generators, which keep their names to themselves in every version of Python."""

    def visit(self, node: ast.AST) -> ast.AST:
        node = super().visit(node)
        match node:
            case ast.ListComp() | ast.SetComp():
                return ast.GeneratorExp(node.elt, node.generators)
            case ast.DictComp():
                return ast.GeneratorExp(ast.Tuple([node.key, node.value], ast.Load()), node.generators)
        return node


def not_as_asked(parameters: Mapping[str, object], reads: Collection[Read]) -> str:
    """What a notebook opened or holds instead of what it was asked to, in a sentence; empty where that is the same."""
    if changed := sorted(name for kind, name, _ in reads if kind == CHANGED):
        return f"a cell changes {', '.join(changed)}, which the run sets: use another name"
    opened = [json.loads(name) for name in sorted({name for kind, name, _ in reads if kind == OPENED})]
    asked = {"regime": "", **parameters}
    # the whole argument belongs to no regime
    if not opened or any({**found, "regime": found["regime"] or asked["regime"]} == asked for found in opened):
        return ""
    return f"it opened {_plain(opened[0], asked)}, and was asked for {_plain(asked, opened[0])}"


def _plain(values: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    apart = [setting for setting in values["settings"] if setting not in other["settings"]]
    parts = [values["coding"], values["regime"], *apart[:3], "…" if apart[3:] else ""]
    return ", ".join(part for part in parts if part)
