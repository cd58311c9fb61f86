"""Regular expressions in words: people read what is allowed, not how it is checked."""

import re

_DAY = "a year, month or day: 1992, 1992-05 or 1992-05-15"
_SEMICOLONS = ", several separated by semicolons"
_WORDS = {
    r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?": _DAY,
    r"\d{4}(-\d{2}(-\d{2})?)?": _DAY,
    r"\d{4}(-\d{2}-\d{2})?": "a year or day: 1992 or 1992-05-15",
    r"\d{4}-\d{2}-\d{2}": "a day: 1992-05-15",
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])": "a day: 1992-05-15",
    r"\d{4}(-\d\d(-\d\d)?)?(/\d{4}(-\d\d(-\d\d)?)?)?": f"{_DAY}; or two of them, first and last: 1992/1999",
    r"\d{4}(/\d{4})?": "a year, or first and last year: 1992/1999",
    "[A-Z]{3}": "three capital letters, as ISO 3166: ABC",
    "[A-Z]{3}(;[A-Z]{3})*": f"codes of three capital letters{_SEMICOLONS}: ABC;DEF",
    "[A-Z]{3}:[YAN.](;[A-Z]{3}:[YAN.])*": f"a code, a colon and Y, A, N or a point{_SEMICOLONS}: ABC:Y;DEF:N",
    "[^/;]+": "words without a slash or semicolon",
    "[A-Za-z0-9-]+": "letters, digits and hyphens",
    "[A-Za-z0-9-]+(;[A-Za-z0-9-]+)*": f"ids of letters, digits and hyphens{_SEMICOLONS}",
    "[A-Za-z0-9_-]+(;[A-Za-z0-9_-]+)*": f"ids of letters, digits, hyphens and underscores{_SEMICOLONS}",
    "[a-z_]+": "small letters and underscores",
    "[a-z0-9_]+": "small letters, digits and underscores",
    "[a-z_]+(;[a-z_]+)*": f"words of small letters and underscores{_SEMICOLONS}",
    "[1-9][0-9]*/[1-9][0-9]*": "a fraction: 2/3, or 1/1 for unanimity",
    "[0-9]{1,4}(;[0-9]{1,4})*": f"a number of a footnote{_SEMICOLONS}: 4;12",
    "0-[0-9]+|latent": "the lowest and highest value, 0-3, or latent",
    "(ES-)?[0-9]+": "a number, after ES- for an emergency session",
    "after-[ce][0-9]{2}": "after-c or after-e and two digits: after-c01",
    # of parameter files, declarations and study.yaml
    "(mean|reconciled|coder-[0-9]+)": "mean, reconciled, or a coder: coder-1",
    r"\d{4}/\d{4}": "first and last year: 1992/1999",
    "([A-Z0-9]+-[0-9]{4})": "an organisation of data/instruments/reference.csv with its year: ASEAN-2009",
    "[a-z0-9_]*": "small letters, digits and underscores, or empty",
    "[a-z0-9][a-z0-9_-]*": "small letters, digits, hyphens and underscores",
    r"([a-z]+[0-9]+) ([a-z_]+)=([^:]*): (\S.*)": "unit, variable, value and rationale: e001 compliance=violated: why",
    "[A-Za-z0-9:_-]*": "letters, digits, colons, hyphens and underscores, or empty",
    r"(https?://\S+)": "an address: https://example.org",
}
_ID = re.compile(r"(?P<letters>[a-z-]+|\[[a-z-]+\])?\[0-9\]\{(?P<digits>[0-9,]+)\}(?P<more>\(;.*\)\*)?")


def words_of(pattern: str) -> str:
    """What a pattern of a whole text allows, in words; one that is not known, as it is."""
    pattern = pattern.removeprefix("^").removesuffix("$")
    if pattern.endswith(")?") and (least := pattern[:-1]) and (found := _WORDS.get(least) or _WORDS.get(least[1:-1])):
        return f"{found}, or empty"
    if pattern in _WORDS:
        return _WORDS[pattern]
    first, _, other = pattern.partition("|")
    if first in _WORDS and other.isalnum():
        return f"{_WORDS[first]}, or {other}"
    if (parts := _ID.fullmatch(pattern.replace("[0-9]+", "[0-9]{1,}"))) is None:
        return f"text of the form {pattern}"
    letters, digits = parts["letters"] or "", parts["digits"]
    head = f"one of {letters.strip('[]')} and " if letters.startswith("[") else f"{letters} and " if letters else ""
    count = {"1,": "digits"}.get(digits, f"{digits.replace(',', ' or ' if digits == '2,3' else ' to ')} digits")
    example = letters.strip("[]")[:1] if letters.startswith("[") else letters
    shown = f"{example}{'1'.zfill(int(digits.split(',')[0]))}"
    return f"{head}{count}{_SEMICOLONS if parts['more'] else ''}: {shown}"
