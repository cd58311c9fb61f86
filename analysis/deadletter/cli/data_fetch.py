"""`deadletter data fetch`: an official release, in the project's schema, for a newer year or the whole world.

Heavy imports wait until the command runs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

EXAMPLE = "Example: deadletter data fetch baci --version HS12_V202401b --years 2015/2019"


def fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="baci, gravity, wdi, comtrade or unga.")],
    version: Annotated[str, typer.Option(help="Version of a file, such as HS92_V202401b or 2025_9_19_ga_voting.")] = "",
    indicator: Annotated[str, typer.Option(help="Indicator of the World Bank, such as NY.GDP.MKTP.CD.")] = "",
    years: Annotated[str, typer.Option(metavar="FIRST/LAST", help="Years to keep.")] = "2000/2020",
    economy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE",
            help="Keep this state, for comtrade also TWN=490; repeatable. Default: all here.",
        ),
    ] = None,
    world: Annotated[bool, typer.Option("--world", help="Keep every economy of the release.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Default: results/fetched/NAME.csv.")] = None,
    sha256: Annotated[str | None, typer.Option(metavar="HEX", help="Expected digest of the file.")] = None,
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="A mirror of the provider.")] = None,
    retries: Annotated[int, typer.Option(min=0, max=20, help="Attempts after the first.")] = 5,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask again also for what was fetched before.")] = False,
    output_root: Annotated[
        Path | None, typer.Option("--output-root", metavar="DIR", help="Where results/ goes; default: the project.")
    ] = None,
) -> None:
    """Fetch an official release: resumed where it broke off, checked, cached, written in the project's schema."""
    from deadletter import fetch as releases
    from deadletter.cli.options import project_here
    from deadletter.fetch.download import Policy
    from deadletter.fetch.schema import as_bundled
    from deadletter.files import write_atomically
    from deadletter.results import to_csv

    project = project_here(output_root)
    cache = project.cache / "fetch"
    with _Progress(name) as wording:
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
            progress=wording,
            policy=Policy(retries=retries),
            refresh=refresh,
        )
    found = as_bundled(name, table)
    target = out or project.results / "fetched" / f"{name}.csv"
    write_atomically(target, to_csv(found))
    typer.echo(f"{len(found)} rows, {', '.join(found.columns)}: {target}")
    if name != "unga" and (
        absent := sorted(set(economies) - set(found.filter(("economy", "exporter")).to_numpy().ravel()))
    ):
        typer.echo(f"no figure for {', '.join(absent)}")
    typer.echo(f"files as they came: {cache}; with a sha256 file for each")


def _years(text: str) -> tuple[int, int]:
    from deadletter.errors import InputError

    first, slash, last = text.partition("/")
    if not (slash and first.isdecimal() and last.isdecimal()):
        raise InputError("is not a span of years", where="--years", found=text, allowed="such as 2015/2019")
    return int(first), int(last)


def _voters(data: Path) -> list[str]:
    """The states of data/votes/voters.csv in the order of their votes, so that the roll-calls fit the project's."""
    import csv

    with (data / "votes" / "voters.csv").open(encoding="utf-8", newline="") as file:
        return [row["iso3"] for row in sorted(csv.DictReader(file), key=lambda row: int(row["position"]))]


def _economies(data: Path, chosen: list[str]) -> dict[str, int | None]:
    """The states asked for (default: all of data/macro/economies.csv) with their numeric codes, where known."""
    import csv

    from deadletter.errors import InputError

    with (data / "macro" / "economies.csv").open(encoding="utf-8", newline="") as file:
        known = {row["code"]: row["comtrade_code"] for row in csv.DictReader(file) if row["kind"] == "state"}
    named = dict.fromkeys(chosen or known)
    economies = {}
    for text in named:
        code, given, number = text.partition("=")
        number = number if given else known.get(code) or ""
        if not code or (given and not number.isdecimal()):
            raise InputError("is not a code", where="--economy", found=text, allowed="such as TWN, or TWN=490")
        economies[code] = int(number) if number else None
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
