"""Ways to damage the bytes of a table: each takes a sound file and gives a damaged one; rows: corrupted_rows.py."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Rows = list[list[str]]
UNSEEN = ("\u202e", "\u200b", "\u2028", "\x1b[31m", "\x07", "\x85", "\ufeff", "\u00a0", "\x0b")


@dataclass(frozen=True)
class Kind:
    """``refused``: whether such damage must be refused by the tables themselves, hash or no hash."""

    name: str
    damage: Callable[[random.Random, bytes, Mapping[str, Any]], bytes | None]
    refused: bool


KINDS: list[Kind] = []


def kind(*, refused: bool) -> Callable[[Callable], Callable]:
    """Register a way to damage a file; it may return None where a table offers no occasion."""

    def register(damage: Callable) -> Callable:
        KINDS.append(Kind(damage.__name__, damage, refused))
        return damage

    return register


def read(raw: bytes) -> Rows:
    return list(csv.reader(io.StringIO(raw.decode(), newline="")))


def written(rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def fields(resource: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return resource["schema"]["fields"]


def spot(rng: random.Random, rows: Rows, columns: list[int] | None = None) -> tuple[int, int]:
    """Row and column of some cell below the header."""
    return rng.randrange(1, len(rows)), rng.choice(columns or range(len(rows[0])))


def with_cell(rng: random.Random, raw: bytes, text: str, columns: list[int] | None = None) -> bytes:
    rows = read(raw)
    row, column = spot(rng, rows, columns)
    rows[row][column] = text
    return written(rows)


def of_type(resource: Mapping[str, Any], *types: str) -> list[int]:
    return [number for number, field in enumerate(fields(resource)) if field["type"] in types]


@kind(refused=False)
def bit_flipped(rng, raw, resource):
    at = rng.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << rng.randrange(8)]) + raw[at + 1 :]


@kind(refused=False)
def bytes_overwritten(rng, raw, resource):
    at, length = rng.randrange(len(raw)), rng.randint(1, 40)
    return (raw[:at] + rng.randbytes(length) + raw[at + length :])[: len(raw)]


@kind(refused=False)
def bytes_lost(rng, raw, resource):
    at = rng.randrange(len(raw))
    return raw[:at] + raw[at + rng.randint(1, 30) :]


@kind(refused=False)
def bytes_moved(rng, raw, resource):
    at, to = sorted(rng.sample(range(len(raw)), 2))
    return raw[:at] + raw[to : to + 20] + raw[at:to] + raw[to + 20 :]


@kind(refused=True)
def block_of_zeros(rng, raw, resource):
    at = rng.randrange(len(raw))
    return raw[:at] + bytes(min(512, len(raw) - at)) + raw[at + 512 :]


@kind(refused=True)
def truncated_inside_a_line(rng, raw, resource):
    inside = [at for at in rng.sample(range(1, len(raw)), min(40, len(raw) - 1)) if raw[at - 1 : at] != b"\n"]
    return raw[: inside[0]]


@kind(refused=False)
def truncated_after_a_line(rng, raw, resource):
    lines = raw.splitlines(keepends=True)
    return b"".join(lines[: rng.randrange(1, len(lines))])


@kind(refused=True)
def emptied(rng, raw, resource):
    return rng.choice([b"", b"\n", b"\n\n\n", b" "])


@kind(refused=False)
def header_alone(rng, raw, resource):
    return raw[: raw.index(b"\n") + 1]


@kind(refused=True)
def byte_order_mark(rng, raw, resource):
    return 2 * b"\xef\xbb\xbf" + raw


@kind(refused=True)
def carriage_returns(rng, raw, resource):
    return raw.replace(b"\n", rng.choice([b"\r", b"\n\r"]))


@kind(refused=True)
def wide_encoding(rng, raw, resource):
    encoding = rng.choice(["utf-16", "utf-16-le", "utf-32", "utf-16-be", "cp500"])
    return raw.decode().encode(encoding, errors="replace")


@kind(refused=True)
def foreign_letter(rng, raw, resource):
    """A letter in a one-byte encoding, or half of one in UTF-8."""
    at = rng.randrange(len(raw))
    while raw[at] >= 0x80:  # never between the bytes of another letter
        at -= 1
    return raw[:at] + rng.choice(["é".encode("latin-1"), "ж".encode("cp1251"), b"\xc3", b"\xed\xa0\x80"]) + raw[at:]


@kind(refused=False)
def read_as_latin_1(rng, raw, resource):
    return raw.decode("latin-1").encode()


@kind(refused=True)
def character_that_does_not_print(rng, raw, resource):
    text = raw.decode()
    at = rng.randrange(len(text))
    return (text[:at] + rng.choice((*UNSEEN, "\0", "\t")) + text[at:]).encode()


@kind(refused=True)
def quote_left_open(rng, raw, resource):
    rows = read(raw)
    row, column = spot(rng, rows)
    lines = [",".join(cells).replace('"', "") for cells in rows]
    cells = ['"x' if number == column else "x" for number in range(len(rows[0]))]
    lines[row] = ",".join(cells)
    return ("\n".join(lines) + "\n").encode()


@kind(refused=False)
def quote_within(rng, raw, resource):
    at = rng.randrange(len(raw))
    return raw[:at] + rng.choice([b'"', b'""', b"'", b'"""', b'\\"', b'","']) + raw[at:]


@kind(refused=False)
def quotes_dropped(rng, raw, resource):
    return raw.replace(b'"', b"") if b'"' in raw else None


@kind(refused=True)
def huge_cell(rng, raw, resource):
    text = rng.choice(["x" * 20_000, "9" * 140_000, "[" * 60_000, '"' * 50_000, "a," * 100_000, "x" * 3_000_000])
    return with_cell(rng, raw, text)


@kind(refused=True)
def deep_nesting(rng, raw, resource):
    columns = of_type(resource, "object")
    return with_cell(rng, raw, rng.choice(['{"a":' * 1_900, "[" * 5_000]), columns) if columns else None
