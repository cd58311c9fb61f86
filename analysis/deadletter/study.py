"""What a study is about, in its own words: title, authors, the coded text, and the question of each chapter.

They are in ``study.yaml`` next to ``data/``, so that no page, report or notebook of the package names a study.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from deadletter.coding.settings import refusal
from deadletter.coding.yaml_data import read_yaml
from deadletter.errors import InputError, one_line
from deadletter.project import STUDY_FILE

FILE = STUDY_FILE
Line = Annotated[str, Field(min_length=1, max_length=600)]
CODER_WORDS = {
    "machine": "The coders are machines, not independent human coders: their agreement shows how reproducible the "
    "codebook is for such coders, and errors that they share are invisible to it.",
    "human": "The coders are people: their agreement shows how reproducible the codebook is.",
    "both": "Some coders are people and some are machines: machines may share errors that their agreement hides.",
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Part):
    """The text that was coded.

    ``called``: the noun by which pages refer to it; ``cite``: author and year, or a short title; ``key``: its entry in
    ``data/sources.bib``, empty where it has none.
    """

    called: Line = "the text"
    citation: Line
    cite: Line
    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9:_-]*$")] = ""
    page: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""


class Study(_Part):
    """The fields of ``study.yaml``; only a title is needed.

    ``chapters``: the question of a notebook, by its name (`01_emergence`). ``licence``: of the coded rows.
    """

    title: Line
    question: Line | None = None
    summary: Line | None = None
    authors: tuple[Line, ...] = ()
    source: Source | None = None
    licence: Line | None = None
    coders: Literal["machine", "human", "both"] | None = None
    caveats: tuple[Line, ...] = ()
    chapters: Mapping[str, Line] = {}

    @property
    def called(self) -> str:
        """The noun for the coded text within a sentence."""
        return self.source.called if self.source else "the text"

    @property
    def coders_in_words(self) -> str:
        """What kind of coders means for a reader; empty where it is not stated."""
        return CODER_WORDS[self.coders] if self.coders else ""


def kind_of_coders(kinds: Iterable[str]) -> str:
    """The key of :data:`CODER_WORDS` for the kinds in the table of coders, of which there is at least one."""
    found = sorted(set(kinds))
    return found[0] if len(found) == 1 else "both"


def of_any_source(words: str) -> str:
    """Words of the method as the first study has them, whose source is an article, for a study of any source."""
    return re.sub(r"\b([Tt])he article\b", r"\1he account", words)


def read_study(root: Path) -> Study:
    """The study of a project's folder; without a file, one that is named for its folder.

    Raises
    ------
    InputError: a file that cannot be read, a key that is unknown or missing, or a value that is not allowed.
    """
    try:
        # opened also where there is none: a run records what was looked for, and sees when it comes
        tree = read_yaml((root / FILE).read_text(encoding="utf-8"), FILE)
    except FileNotFoundError:
        return Study(title=one_line(root.name) or "Study")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot be read", where=FILE, found=error) from None
    try:
        return Study.model_validate(tree)
    except ValidationError as error:
        raise refusal(error, tree, FILE, Study) from None
