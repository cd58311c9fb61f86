"""Ways to damage the rows and cells of a table, besides those of its bytes (corruption.py)."""

from __future__ import annotations

from tests.faults.corruption import KINDS, fields, kind, of_type, read, spot, with_cell, written

__all__ = ["KINDS"]
FORMULAS = (
    "=cmd()",
    "=cmd|' /C calc'!A0",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1,2)",
    '=HYPERLINK("file:///etc/passwd")',
)
NO_NUMBERS = (
    "NaN",
    "nan",
    "inf",
    "-Infinity",
    "1_000",
    "1,5",
    "1e400",
    "1e-400",
    "１２",
    "٣",
    "0x10",
    "5 %",
    " 5",
    "5-",
)
CODE = (
    "__import__('os').system('id')",
    "{{7*7}}",
    "${x}",
    "%s%n",
    "'; DROP TABLE norms;--",
    "<script>alert(1)</script>",
)


@kind(refused=True)
def cell_too_many(rng, raw, resource):
    rows = read(raw)
    rows[rng.randrange(1, len(rows))].append(rng.choice(["", "x"]))
    return written(rows)


@kind(refused=True)
def cell_too_few(rng, raw, resource):
    rows = read(raw)
    rows[rng.randrange(1, len(rows))].pop()
    return written(rows)


@kind(refused=True)
def blank_line(rng, raw, resource):
    lines = raw.split(b"\n")
    lines.insert(rng.randrange(1, len(lines) - 1), b"")  # at the end, a spreadsheet may have left it
    return b"\n".join(lines)


@kind(refused=True)
def columns_swapped(rng, raw, resource):
    first, second = rng.sample(range(len(fields(resource))), 2)
    rows = read(raw)
    for cells in rows:
        cells[first], cells[second] = cells[second], cells[first]
    return written(rows)


@kind(refused=True)
def names_swapped(rng, raw, resource):
    first, second = rng.sample(range(len(fields(resource))), 2)
    head, *rest = read(raw)
    head[first], head[second] = head[second], head[first]
    return written([head, *rest])


@kind(refused=False)
def contents_swapped(rng, raw, resource):
    first, second = rng.sample(range(len(fields(resource))), 2)
    head, *rest = read(raw)
    for cells in rest:
        cells[first], cells[second] = cells[second], cells[first]
    return written([head, *rest])


@kind(refused=True)
def column_renamed(rng, raw, resource):
    head, *rest = read(raw)
    at = rng.randrange(len(head))
    head[at] = rng.choice([head[at].upper() + "X", "", head[at] + " ", head[at - 1], "id2", "nоrm"])
    return written([head, *rest])


@kind(refused=True)
def column_dropped(rng, raw, resource):
    at = rng.randrange(len(fields(resource)))
    return written([cells[:at] + cells[at + 1 :] for cells in read(raw)])


@kind(refused=True)
def column_doubled(rng, raw, resource):
    at = rng.randrange(len(fields(resource)))
    return written([[*cells, cells[at]] for cells in read(raw)])


@kind(refused=True)
def other_delimiter(rng, raw, resource):
    # semicolons and tabs are what spreadsheets of other languages write, and are read as they were meant
    return raw.replace(b",", rng.choice([b"|", b":", b", "]))


@kind(refused=True)
def row_doubled(rng, raw, resource):
    lines = raw.splitlines(keepends=True)
    row = lines[rng.randrange(1, len(lines))]
    lines.insert(rng.randrange(1, len(lines)), row)
    return b"".join(lines)


@kind(refused=True)
def header_doubled(rng, raw, resource):
    lines = raw.splitlines(keepends=True)
    lines.insert(rng.randrange(1, len(lines)), lines[0])
    return b"".join(lines)


@kind(refused=True)
def header_lost(rng, raw, resource):
    return raw[raw.index(b"\n") + 1 :]


@kind(refused=False)
def row_lost(rng, raw, resource):
    lines = raw.splitlines(keepends=True)
    del lines[rng.randrange(1, len(lines))]
    return b"".join(lines)


@kind(refused=False)
def rows_shuffled(rng, raw, resource):
    head, *rest = raw.splitlines(keepends=True)
    rng.shuffle(rest)
    return b"".join([head, *rest])


@kind(refused=True)
def formula(rng, raw, resource):
    return with_cell(rng, raw, rng.choice(FORMULAS))


@kind(refused=True)
def no_number(rng, raw, resource):
    columns = of_type(resource, "number", "integer")
    return with_cell(rng, raw, rng.choice(NO_NUMBERS), columns) if columns else None


@kind(refused=True)
def needed_cell_emptied(rng, raw, resource):
    needed = [i for i, field in enumerate(fields(resource)) if field.get("constraints", {}).get("required")]
    return with_cell(rng, raw, "", needed)


@kind(refused=True)
def no_category(rng, raw, resource):
    columns = [i for i, field in enumerate(fields(resource)) if "enum" in field.get("constraints", {})]
    text = rng.choice(["Yes", "YES ", "n/a", "yes;no", "0.0", *CODE])
    return with_cell(rng, raw, text, columns) if columns else None


@kind(refused=False)
def cell_moved(rng, raw, resource):
    rows = read(raw)
    (row, column), other = spot(rng, rows), rng.randrange(1, len(rows))
    rows[row][column] = rows[other][column]
    return written(rows)


@kind(refused=False)
def code_in_a_cell(rng, raw, resource):
    return with_cell(rng, raw, rng.choice(CODE))


@kind(refused=False)
def spaces_around(rng, raw, resource):
    rows = read(raw)
    row, column = spot(rng, rows)
    rows[row][column] = rng.choice(["{} ", " {}", "  {}  "]).format(rows[row][column])
    return written(rows)


@kind(refused=False)
def lone_digit_changed(rng, raw, resource):
    digits = [at for at, byte in enumerate(raw) if 48 <= byte <= 57]
    if not digits:
        return None
    at = rng.choice(digits)
    return raw[:at] + str((raw[at] - 47) % 10).encode() + raw[at + 1 :]
