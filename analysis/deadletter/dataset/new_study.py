"""`deadletter new`: a small study that runs at once, or its headers alone, or one prepared from a text."""

import re
import shutil
import tempfile
from pathlib import Path

import pandas as pd

from deadletter.dataset.codebook import describe_data
from deadletter.dataset.sheets.blank import UNITS
from deadletter.dataset.standard_tables import adapted
from deadletter.dataset.tables import read_descriptor
from deadletter.errors import InputError
from deadletter.files import canonical_json, naming, write_atomically
from deadletter.project import DESCRIPTOR, shipped
from deadletter.study import of_any_source

EXAMPLE = Path(__file__).resolve().parents[1] / "example"
# laid over headers alone: one regime, state and coder, and their parameters
EMPTY = EXAMPLE.parent / "empty_study"
# of the method, not of a study: variables with their rules and scales, reference organisations, works cited
COMMON = ("data/account/variables.csv", "data/account/scale.csv", "data/instruments/reference.csv")
WORKS = "data/sources.bib"
# of works that only the first study needs
OF_THE_CASE = "keywords = {case}"
KEPT_WHEN_EMPTY = ("variables", "scale", "reference")
CODED_UNITS = "units.csv"
_NAME = re.compile(r"[^\x00-\x1f<>:\"|?*\\/]{1,100}")
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|(com|lpt)[0-9])(\..*)?")
# the default of a notebook that is run by hand
_REGIME = re.compile(r'(regime = \\")[^"\\]+')
_LINK = re.compile(r"\[([^][\"\n]+)\]\(\.\./([^)]+)\)")
_HEADING = re.compile(r"(?m)^[ \t]*((?:article|chapter|section|part)\s+[IVXLC\d]+.*|#+ .*)$", re.I)


def new_study(target: Path, *, empty: bool = False, text: Path | None = None) -> list[str]:
    """Write a study into a folder that is new or empty; returns the names of its files.

    empty: headers only. text: a plain text whose sections become rows, with a sheet for finding units.

    Raises InputError: a name that cannot be a folder, a folder that is not empty, or a text that cannot be read.
    """
    _free(target)
    sections = _sections(text) if text else None
    target.parent.mkdir(parents=True, exist_ok=True)
    with naming(target), tempfile.TemporaryDirectory(prefix=".deadletter-new-", dir=target.parent) as folder:
        made = Path(folder) / "study"
        bare = empty or sections is not None
        _copy(made, bare)
        if bare:
            _empty(made, sections)
        # every table in the folder that the package knows
        package = adapted(read_descriptor(made / DESCRIPTOR), made / "data")
        write_atomically(made / DESCRIPTOR, canonical_json(package))
        describe_data(made / "data")
        _without_lost_links(made)
        if target.exists():
            target.rmdir()
        made.rename(target)
    return sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file())


def _free(target: Path) -> None:
    name = target.name
    if not _NAME.fullmatch(name) or _DEVICE.fullmatch(name) or name.endswith((" ", ".")) or name.startswith("-"):
        raise InputError("cannot name a folder on every system", found=name, allowed="letters, digits, - and _")
    if target.is_mount():  # a study is put in its place as a whole
        raise InputError(
            "is a mount point", where=str(target), allowed=f"a folder within it, such as {target / 'study'}"
        )
    if (target / DESCRIPTOR).is_file():
        raise InputError("holds a data package already", where=str(target), allowed="a new folder")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError("is not an empty folder", where=str(target), allowed="a new or empty folder")


def _copy(made: Path, bare: bool) -> None:
    """The example with what is common to all studies: notebooks open its regime by hand, and works on the
    first study's own case are left out."""
    shutil.copytree(EXAMPLE, made, ignore=shutil.ignore_patterns("__pycache__"))
    (made / "gitignore").rename(made / ".gitignore")
    for name in COMMON:
        (made / name).write_text(of_any_source(shipped(name).read_text(encoding="utf-8")), encoding="utf-8")
    (made / "notebooks").mkdir()
    for path in sorted(shipped("notebooks").glob("[0-9]*.ipynb")):
        text = _REGIME.sub(r"\g<1>MINE" if bare else r"\g<1>SAARC", path.read_text(encoding="utf-8"))
        (made / "notebooks" / path.name).write_text(text, encoding="utf-8")
    works = shipped(WORKS).read_text(encoding="utf-8").strip().split("\n\n")
    if not bare:
        works.append((made / WORKS).read_text(encoding="utf-8"))
    kept = [entry for entry in works if OF_THE_CASE not in entry]
    (made / WORKS).write_text("\n\n".join(kept).strip() + "\n", encoding="utf-8")


def _without_lost_links(made: Path) -> None:
    """Links of notebooks to files that this study does not have become words."""
    for path in (made / "notebooks").iterdir():
        text = path.read_text(encoding="utf-8")
        kept = _LINK.sub(lambda found: found[0] if (made / found[2]).is_file() else found[1], text)
        path.write_text(kept, encoding="utf-8")


def _empty(made: Path, sections: pd.DataFrame | None) -> None:
    """Keep headers alone, and one regime, state and coder to be renamed: every study needs these."""
    account = made / "data/account"
    for path in (made / "data").rglob("*.csv"):
        if path.stem not in KEPT_WHEN_EMPTY:
            path.write_text(path.read_text(encoding="utf-8").partition("\n")[0] + "\n", encoding="utf-8")
    shutil.copytree(EMPTY, made, dirs_exist_ok=True)
    if sections is not None:
        sections.to_csv(account / "sections.csv", index=False, lineterminator="\n")
        lineage = (account / "lineage.csv").read_text(encoding="utf-8")
        first = sections["id"].iloc[0]
        (account / "lineage.csv").write_text(lineage.replace(",text,", f",{first},"), encoding="utf-8")
        (made / CODED_UNITS).write_text(",".join(UNITS) + "\n", encoding="utf-8")
    for name in ("strict", "multiverse"):
        (made / "params" / f"{name}.yaml").unlink()


def _sections(text: Path) -> pd.DataFrame:
    """The sections of a text by its headings: lines that begin with Article, Chapter, Section or Part, or with #."""
    try:
        found = _HEADING.findall(text.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot be read", where=str(text), found=error, allowed="plain text in UTF-8") from None
    headings = list(dict.fromkeys(" ".join(heading.strip("# ").split()) for heading in found)) or ["Text"]
    rows = [(f"s{number:02d}", number, "yes", heading, heading) for number, heading in enumerate(headings, start=1)]
    return pd.DataFrame(rows, columns=["id", "order", "coded", "heading", "title"])
