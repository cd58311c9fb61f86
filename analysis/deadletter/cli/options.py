"""Options that several commands share, and the project that a command works on."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from deadletter.errors import InputError
from deadletter.project import Project, find_project

OutputRoot = Annotated[
    Path | None,
    typer.Option("--output-root", metavar="DIR", help="Where results/ and executed/ go; default: the project."),
]
Scheduler = Annotated[
    str, typer.Option(metavar="ADDRESS", help="Send the work to this Dask cluster, such as tcp://10.0.0.1:8786.")
]


def processors() -> int:
    """Processors that this process may use; asked when a command runs, as limits are set from outside."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def project_here(output_root: Path | None = None) -> Project:
    """The project around the working folder, else the package's own; says so where it is not around."""
    project = find_project(output_root)
    if not Path.cwd().resolve().is_relative_to(project.root):
        typer.echo(f"no project in this folder: working on {project.root}", err=True)
    refuse_other(project)
    return project


def refuse_other(project: Project) -> None:
    """Name a folder that holds somebody else's data package, before anything is written there.

    Raises InputError: next to none of the tables that every study needs are described; other faults are reported where
    a table is read.
    """
    from deadletter.dataset.standard_tables import NEEDED

    try:
        package = json.loads(project.descriptor.read_bytes())
        names = {resource["name"] for resource in package["resources"]}
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return
    if names and len(names & set(NEEDED)) < 2:
        allowed = f"the folder of a study: tables {', '.join(NEEDED)}"
        found = ", ".join(sorted(map(str, names)))
        raise InputError("is another data package", where=str(project.descriptor), found=found, allowed=allowed)


def coding_name(project: Project, text: str) -> str:
    """The name of a coding that is given by name or by the path of its file in ``params/``.

    Raises InputError: characters that do not print, such as a line break.
    """
    if not text.isprintable():
        from deadletter.coding import coding_names

        raise InputError("unknown coding", found=text, allowed=coding_names(project.params))
    path = Path(text)
    for start in (Path.cwd(), project.root, project.params) if path.suffix.lower() in (".yaml", ".yml") else ():
        if (start / path).parent.resolve() == project.params.resolve():
            return path.stem if path.suffix == ".yaml" else path.name
    return text
