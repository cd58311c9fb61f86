"""`deadletter data …`: the descriptor, the places of units in the text, sheets of coders, official releases."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from deadletter.cli.options import OutputRoot, project_here
from deadletter.errors import InputError


def places(
    article: Annotated[Path, typer.Option(metavar="FILE", help="Your copy of what was coded, as plain text.")],
) -> None:
    """Bring data/argument/places.csv up to date: in which sentence each coded unit occurs."""
    from deadletter.report.check import write_places

    typer.echo("wrote data/argument/places.csv" if write_places(project_here(), article) else "nothing to do")


def describe(
    check: Annotated[bool, typer.Option("--check", help="Only name what is out of date, and exit with 1.")] = False,
) -> None:
    """Bring hashes of data/datapackage.json and the codebook data/README.md up to date with the tables."""
    from deadletter.dataset.codebook import describe_data, left_out, stale_descriptions

    folder = project_here().data
    for what in left_out(folder):
        typer.echo(f"note: {what} is not there, and its description {'would be' if check else 'is'} left out", err=True)
    if check:
        stale = stale_descriptions(folder)
        for path in stale:
            typer.echo(f"problem: {path}: run `deadletter data describe`", err=True)
        raise typer.Exit(1 if stale else 0)
    for path in describe_data(folder):
        typer.echo(f"wrote data/{path}")


def sheet(
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the sheet goes; a file that is there is kept.")],
    units: Annotated[bool, typer.Option("--units", help="A sheet for finding units before seeing any list.")] = False,
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="csv, or xlsx with lists of values; default: by the name.")
    ] = "",
) -> None:
    """Write a blank coding sheet for a further coder: every unit and variable, without anyone's values."""
    from deadletter.dataset.sheets.intake import write_sheet

    rows = write_sheet(project_here().data, out, units, form or ("xlsx" if out.suffix.lower() == ".xlsx" else "csv"))
    typer.echo(f"wrote {out}: {rows} rows; scale points and rules are in data/README.md")


def read_sheet(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A sheet of `deadletter data sheet`, filled in.")],
    coder: Annotated[str, typer.Option(metavar="CODER", help="Whose it is: coder-3, coder-4, …")],
    kind: Annotated[str, typer.Option(metavar="KIND", help="human or machine.")] = "human",
) -> None:
    """Check a filled sheet and append it to the ratings (or free units): all of it or nothing."""
    from deadletter.dataset.sheets.intake import take_sheet

    took, *notes = take_sheet(project_here().data, file, coder, kind)
    typer.echo(f"took {took}")
    for note in notes:
        typer.echo(f"note: {note}")


EXAMPLE = "Example: deadletter data fetch baci --version HS12_V202401b --years 2015/2019"


def fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="baci, gravity, wdi, comtrade or unga.")],
    version: Annotated[str, typer.Option(help="Version of a file, such as HS92_V202401b or 2025_9_19_ga_voting.")] = "",
    indicator: Annotated[str, typer.Option(help="Indicator of the World Bank, such as NY.GDP.MKTP.CD.")] = "",
    years: Annotated[str, typer.Option(metavar="FIRST/LAST", help="Years to keep.")] = "2000/2020",
    economy: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Keep this state, for comtrade also TWN=490; repeatable. Default: all here."),
    ] = None,
    world: Annotated[bool, typer.Option("--world", help="Keep every economy of the release.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Default: results/fetched/NAME.csv.")] = None,
    sha256: Annotated[str | None, typer.Option(metavar="HEX", help="Expected digest of the file.")] = None,
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="A mirror of the provider.")] = None,
    retries: Annotated[int, typer.Option(min=0, max=20, help="Attempts after the first.")] = 5,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask again also for what was fetched before.")] = False,
    output_root: OutputRoot = None,
) -> None:
    """Fetch an official release: resumed where it broke off, checked, cached, written in the project's schema."""
    from deadletter import fetch as releases
    from deadletter.fetch.download import Policy
    from deadletter.fetch.query import Query, as_bundled, gaps
    from deadletter.files import write_atomically
    from deadletter.pipeline.lock import only_one
    from deadletter.results import to_csv

    if world and economy:
        raise InputError("--world keeps every economy", where="--economy", found=economy[0], allowed="one of the two")
    project = project_here(output_root)
    cache = project.cache / "fetch"
    with only_one(project.cache / "fetch.lock", partial(typer.echo, err=True)), _Progress(name) as progress:
        voters = _voters(project.data) if name == "unga" and not economy else []
        economies = {} if world else _economies(project.data, economy or voters)
        table = releases.fetch(
            name,
            economies=economies,
            years=_years(years),
            cache_dir=cache,
            version=version,
            indicator=indicator,
            base_url=base_url,
            sha256=sha256,
            progress=progress,
            policy=Policy(retries=retries),
            refresh=refresh,
        )
    found = as_bundled(name, table)
    target = out or project.results / "fetched" / f"{name}.csv"
    write_atomically(target, to_csv(found))
    typer.echo(f"{len(found)} row{'s' if len(found) > 1 else ''}, {', '.join(found.columns)}: {target}")
    for note in table.attrs.get("notes", ()):
        typer.echo(f"note: {note}")
    for sentence in gaps(name, table, Query(economies, _years(years))):
        typer.echo(sentence)
    typer.echo(f"files as they came: {cache}; with a sha256 file for each")


def _years(text: str) -> tuple[int, int]:
    span = re.fullmatch("([0-9]{4})/([0-9]{4})", text)
    if span is None:
        raise InputError("is not a span of years", where="--years", found=text, allowed="such as 2015/2019")
    return int(span[1]), int(span[2])


def _voters(data: Path) -> list[str]:
    """The states of data/votes/voters.csv in the order of their votes, so that the roll-calls fit the project's."""
    from deadletter.dataset.load import read_table

    rows = read_table(data, "voters")
    return list(rows.sort_values("position", key=lambda positions: positions.astype(int))["iso3"])


def _economies(data: Path, chosen: list[str]) -> dict[str, int | None]:
    """The states asked for with their numeric codes, where known; without any: all that the study trades or deals with.

    A study without data/macro/economies.csv has its states in data/account/states.csv, without numbers.
    """
    from deadletter.dataset.load import read_table

    table = read_table(data, "economies")
    states = table[table["kind"] == "state"]
    known = dict(zip(states["code"], states["comtrade_code"], strict=True))
    named = dict.fromkeys(chosen or known or read_table(data, "states")["iso3"])
    economies: dict[str, int | None] = {}
    for text in named:
        code, given, number = text.strip().upper().partition("=")
        number = number if given else known.get(code, "")
        if not re.fullmatch("[A-Z0-9]+", code) or (given and not number.isdecimal()):
            allowed = "one code, such as TWN, or TWN=490; repeat the option for others"
            raise InputError("is not a code", where="--economy", found=text, allowed=allowed)
        if economies.setdefault(code, value := int(number) if number else None) != value:
            raise InputError("two numbers for one economy: ask for each by itself", where="--economy", found=text)
    return economies


class _Progress:
    """A bar on a terminal; elsewhere a plain line at each tenth, on standard error."""

    def __init__(self, name: str) -> None:
        from rich.console import Console

        self.name, self.console, self.tenth = name, Console(stderr=True), -1

    def __enter__(self) -> Callable[[int, int | None], None]:
        if not self.console.is_terminal:
            return self._line
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self.bar = Progress(*columns, console=self.console)
        self.task = self.bar.add_task(self.name, total=None)
        self.bar.start()
        return lambda done, total: self.bar.update(self.task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        if hasattr(self, "bar"):
            self.bar.stop()

    def _line(self, done: int, total: int | None) -> None:
        tenth = 10 * done // total if total else done >> 26
        if tenth > self.tenth:
            self.tenth = tenth
            of = f" of {total / 1e6:.1f}" if total else ""
            typer.echo(f"{self.name}: {done / 1e6:.1f}{of} MB", err=True)
