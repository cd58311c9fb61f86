"""The article's text, supplied by the user: words by section, sentence and paragraph.

The text itself is not part of this project. What is parsed here serves only to find anchors, to see that no
free-text field copies the article, and to list the numbers that no coded row accounts for.
"""

import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from deadletter.errors import InputError

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth".split()
_TENS = {"twenty": 20.0, "thirty": 30.0, "forty": 40.0, "fifty": 50.0}
_GROUPS = {"duo": 2.0, "trio": 3.0, "twice": 2.0, "once": 1.0, "dozen": 12.0, "dozens": 12.0, "decade": 10.0}
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_FRACTIONS = {"half": 0.5, "thirds": 1 / 3, "quarter": 0.25, "quarters": 0.25}

WORDS: dict[str, float] = {
    **{word: float(value) for value, word in enumerate(_UNITS)},
    **{word: float(value) for value, word in enumerate(_ORDINALS)},
    **_TENS,
    **_GROUPS,
    **_SCALES,
    **_FRACTIONS,
}
MONTHS = frozenset("january february march april may june july august september october november december".split())
_YEAR = re.compile(r"(?:19|20)\d\d")
_DECADE = re.compile(r"((?:19|20)\d)0s")


def value_of(word: str) -> float | None:
    """The number that one word (see :func:`deadletter.dataset.article.text.tokens`) states, or None."""
    if word[0].isdigit():
        try:
            return float(word.replace(",", ""))
        except ValueError:
            return None
    return WORDS.get(word)


def year_of(word: str) -> int | None:
    """The year that a word states, or None."""
    return int(word) if _YEAR.fullmatch(word) else None


def decade_of(word: str) -> range | None:
    """The years of a decade such as ``1990s``, or None."""
    match = _DECADE.fullmatch(word)
    return range(int(match[1]) * 10, int(match[1]) * 10 + 10) if match else None


def stated_values(words: Sequence[str]) -> list[float]:
    """Every value that a run of words can state: each number, and products of neighbours (two thirds, 3 billion)."""
    single = [value_of(word) for word in words]
    values = [value for value in single if value is not None]
    for left, right in itertools.pairwise(single):
        if left is not None and right is not None:
            values.append(left * right)
    return values


def states(words: Sequence[str], value: float) -> bool:
    """Whether a run of words states ``value``, whatever its sign, to the precision of a printed fraction."""
    return any(math.isclose(abs(value), stated, rel_tol=1e-3) for stated in stated_values(words))


SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_TO_DIGITS = str.maketrans(SUPERSCRIPTS, "0123456789")
_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00ad": "", "\u00a0": " "})
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*(?:s\b)?|[^\W\d_]+(?:'[^\W\d_]+)*")
_MARK = re.compile(f"[{SUPERSCRIPTS}]+")
_SENTENCE_END = re.compile(r"[.?!][\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9])")
_FURNITURE = re.compile(r"^\s*(?:\d+|CONTACT\b.*|(?:\d+\s+)?[A-Z]\. [A-Z]{3,}(?:\s+\d+)?|GLOBAL SOCIETY\s*\d*)\s*$")


def tokens(text: str) -> tuple[str, ...]:
    """Lower-case words and numbers of a text, in order, without punctuation or footnote marks."""
    plain = _MARK.sub(" ", text.translate(_PLAIN)).casefold()
    return tuple(word.removesuffix("'s").strip("'") for word in _TOKEN.findall(plain))


@dataclass(frozen=True)
class Word:
    """One word of the body and its place (sentences and paragraphs count from 0 within the section)."""

    text: str
    sentence: int
    paragraph: int


@dataclass(frozen=True)
class Place:
    """A run of words: ``start`` and ``end`` (exclusive) index the section's words."""

    start: int
    end: int
    sentence: int
    paragraph: int


@dataclass(frozen=True)
class Section:
    """The words of one section and the numbers of the footnotes that it calls."""

    id: str
    words: tuple[Word, ...]
    footnotes: frozenset[int]

    @cached_property
    def _starts(self) -> dict[tuple[str, ...], list[int]]:
        """Positions of every run of three words, through which longer runs are found."""
        starts: dict[tuple[str, ...], list[int]] = {}
        for i in range(len(self.words) - 2):
            starts.setdefault(tuple(word.text for word in self.words[i : i + 3]), []).append(i)
        return starts

    def find(self, phrase: str) -> list[Place]:
        """Every place of a phrase of three or more words, ignoring case and punctuation."""
        sought = tokens(phrase)
        places = []
        for start in self._starts.get(sought[:3], []):
            run = self.words[start : start + len(sought)]
            if tuple(word.text for word in run) == sought:
                places.append(Place(start, start + len(sought), run[0].sentence, run[0].paragraph))
        return places


@dataclass(frozen=True)
class Article:
    """The coded sections of the body, and every word of the whole text (for the check on copying)."""

    sections: dict[str, Section]
    all_words: tuple[str, ...]

    def runs(self, length: int) -> frozenset[tuple[str, ...]]:
        """All runs of ``length`` consecutive words of body, headings and footnotes."""
        words = self.all_words
        return frozenset(words[i : i + length] for i in range(len(words) - length + 1))


def read_article(path: Path, headings: Sequence[tuple[str, str, bool]]) -> Article:
    """Read a plain-text copy of the article.

    path: a UTF-8 text file.
    headings: (section id, heading as printed, whether it is coded), in the order of the text.

    Raises InputError: the file cannot be read, or a heading does not occur in its place.
    """
    try:
        raw = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot be read", where=str(path), found=error) from None
    return parse_article(raw, headings, where=str(path))


def parse_article(raw: str, headings: Sequence[tuple[str, str, bool]], where: str = "copy") -> Article:
    """As :func:`read_article`, from a string."""
    lines = _join_hyphens(raw.translate(_PLAIN)).split("\n")
    body, notes = _split_footnotes([line for line in lines if not _FURNITURE.match(line)])
    sections = {}
    for (name, _, coded), block in zip(headings, _cut(body, headings, where), strict=True):
        if coded:
            sections[name] = _section(name, block)
    return Article(sections, tokens("\n".join(body)) + tokens("\n".join(notes)))


def _join_hyphens(text: str) -> str:
    """Undo hyphenation at line ends, unless the hyphenated form also occurs inside a line."""

    def join(match: re.Match[str]) -> str:
        hyphenated = f"{match[1]}-{match[2]}"
        return hyphenated if hyphenated in text else match[1] + match[2]

    return re.sub(r"(\w+)-\n(\w+)", join, text)


def _split_footnotes(lines: Iterable[str]) -> tuple[list[str], list[str]]:
    """Body lines and footnote lines. A footnote starts with its raised number and ends at an empty line."""
    body: list[str] = []
    notes: list[str] = []
    inside = False
    for line in lines:
        starts = bool(_MARK.match(line.lstrip()))
        inside = starts or (inside and bool(line.strip()))
        (notes if inside else body).append(line)
    return body, notes


def _cut(body: list[str], headings: Sequence[tuple[str, str, bool]], where: str) -> list[list[str]]:
    """The lines under each heading, headings being met in the order given."""
    starts = []
    line = 0
    for name, heading, _ in headings:
        sought = tokens(heading)
        while line < len(body) and tokens(body[line]) != sought:
            line += 1
        if line == len(body):
            raise InputError(
                f"heading of section {name} not found", where=where, allowed=f"a line that reads {heading}"
            )
        starts.append(line)
        line += 1
    ends = [*starts[1:], len(body)]
    return [body[start + 1 : end] for start, end in zip(starts, ends, strict=True)]


def _section(name: str, lines: list[str]) -> Section:
    """Words with sentence and paragraph numbers; a paragraph broken by a page or a footnote is rejoined."""
    paragraphs: list[str] = []
    for block in re.split(r"\n\s*\n", "\n".join(lines)):
        text = " ".join(block.split())
        if not text:
            continue
        if paragraphs and not re.search(rf"[.?!][\"')\]{SUPERSCRIPTS}]*$", paragraphs[-1]):
            paragraphs[-1] += " " + text
        else:
            paragraphs.append(text)
    words: list[Word] = []
    sentence = 0
    for number, paragraph in enumerate(paragraphs):
        for part in _SENTENCE_END.split(_MARK.sub("", paragraph)):
            words += [Word(word, sentence, number) for word in tokens(part)]
            sentence += 1
    marks = (int(mark.translate(_TO_DIGITS)) for mark in _MARK.findall("\n".join(lines)))
    return Section(name, tuple(words), frozenset(marks))
