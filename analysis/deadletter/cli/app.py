"""The application: its commands, and what holds for all of them."""

from typing import Annotated

import typer

from deadletter.cli import data_commands
from deadletter.cli.run_commands import multiverse, publish, run
from deadletter.cli.study_commands import check, compare, new, params, read, why
from deadletter.errors import InputError

app = typer.Typer(name="deadletter", no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
data = typer.Typer(help="The project's data.", no_args_is_help=True)


def show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"deadletter {version('deadletter')}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Is a regime a dead letter? Coded rows, indices and executed notebooks of a study."""


app.command(epilog="Example: deadletter new my-study")(new)
app.command(epilog="Example: deadletter run baseline strict --jobs 2 --set compliance.ambiguous=0.25")(run)
app.command(epilog="Example: deadletter read baseline")(read)
app.command(epilog="Example: deadletter check --article my-copy.txt")(check)
app.command(epilog="Example: deadletter why c001 --coding strict --depth 2")(why)
app.command(epilog="Example: deadletter compare baseline strict")(compare)
app.command(epilog="Example: deadletter multiverse --universes 1000000 --jobs 2")(multiverse)
app.command(epilog="Example: deadletter publish baseline strict --out site")(publish)
app.command(epilog="Example: deadletter params compliance.ambiguous")(params)
app.add_typer(data, name="data")
data.command(epilog=data_commands.EXAMPLE)(data_commands.fetch)
data.command(epilog="Example: deadletter data places --article my-copy.txt")(data_commands.places)
data.command(epilog="Example: deadletter data describe")(data_commands.describe)
data.command(epilog="Example: deadletter data sheet --out my-sheet.csv")(data_commands.sheet)
data.command("read-sheet", epilog="Example: deadletter data read-sheet my-sheet.csv --coder coder-3 --kind human")(
    data_commands.read_sheet
)


# a word of the command line that is wrong; typer has its own click, which it does not show
Usage: type[Exception] = typer.BadParameter.__mro__[1]


def call() -> int:
    """Run the command that the command line asks for; returns its exit code.

    Raises InputError: the command line does not make sense.
    """
    try:
        return app(standalone_mode=False) or 0
    except Usage as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            error.show()  # type: ignore[attr-defined]
            return 2
        command = getattr(getattr(error, "ctx", None), "command_path", app.info.name)
        wording = error.format_message().rstrip(".")  # type: ignore[attr-defined]
        raise InputError(f"{wording}; see {command} --help") from None
