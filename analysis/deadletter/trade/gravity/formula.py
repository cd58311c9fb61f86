"""The terms of a formula, and their columns in a frame."""

import keyword
import re
import warnings
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import pandas as pd

from deadletter.errors import InputError

Array = np.ndarray


def parse_formula(formula: str) -> tuple[str, list[str], bool]:
    """Response and terms of ``"y ~ a + b"``, and whether it has an intercept, which ``- 1`` or ``+ 0`` takes out.

    Signs within parentheses or backticks do not split, except those of a sum in brackets that is itself added.

    Raises InputError: not a formula of this kind; a term other than the intercept taken out.
    """
    sides = re.split(r"~(?=(?:[^`]*`[^`]*`)*[^`]*$)", formula)
    if len(sides) != 2 or not all(side.strip() for side in sides):
        raise InputError("not a formula", where="formula", found=formula, allowed="response ~ term + term")
    terms = _signed_terms(sides[1], formula)
    for sign, term in terms:
        if sign == "-" and term not in ("0", "1"):
            raise InputError("only the intercept can be taken out", where="formula", found=f"- {term}", allowed="- 1")
    constants = [sign + term for sign, term in terms if term in ("0", "1")]
    intercept = not constants or constants[-1] in ("+1", "-0")
    return sides[0].strip().strip("`"), list(dict.fromkeys(t for _, t in terms if t not in ("0", "1"))), intercept


def _signed_terms(text: str, formula: str) -> list[tuple[str, str]]:
    """The terms of a sum with their signs."""
    terms: list[tuple[str, str]] = []
    depth, quoted, start, right = 0, False, 0, text.strip()
    before, right = (right[0], right[1:]) if right[:1] in ("+", "-") else ("+", right)
    for position, sign in enumerate(right + "+"):
        quoted ^= sign == "`"
        depth += 0 if quoted else (sign in "([") - (sign in ")]")
        if sign == "|" and depth == 0 and not quoted:
            raise InputError(
                "effects are not part of the formula", where="formula", found=formula, allowed="absorb=[…]"
            )
        if sign in "+-" and depth == 0 and not quoted:
            terms.append((before, right[start:position].strip()))
            start, before = position + 1, sign
    if any(not term for _, term in terms) or depth or quoted:
        raise InputError("not a formula", where="formula", found=formula, allowed="response ~ term + term")
    found: list[tuple[str, str]] = []
    for sign, term in terms:
        depths = accumulate((one == "(") - (one == ")") for one in re.sub("`[^`]*`", "x", term))
        whole = sign == "+" and term[0] == "(" and 0 not in list(depths)[:-1]
        found += _signed_terms(term[1:-1], formula) if whole else [(sign, term)]
    return found


LARGEST = 1e150


def numeric_column(frame: pd.DataFrame, name: str) -> Array:
    """A column as float64; missing stays NaN.

    Raises InputError where the column is absent, appears twice, is not numeric, or holds an infinite value.
    """
    if name not in frame.columns:
        names = [str(c) for c in frame.columns]
        if name in names:
            raise InputError("the name of a column is not text", where="frame", found=name, allowed="text, as in '5'")
        raise InputError("no such column", where="formula", found=name, allowed=names)
    column = frame[name]
    if isinstance(column, pd.DataFrame):
        raise InputError("two columns have the same name", where="frame", found=name)
    column = column.convert_dtypes() if column.dtype == object else column  # numbers or truth values beside None
    if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
        try:
            bad = column[pd.to_numeric(column, errors="coerce").isna() & column.notna()]
        except (TypeError, OverflowError):  # what pandas cannot even try
            bad = column[:0]
        raise InputError(
            "a column is not numeric", where=name, found=bad.iloc[0] if len(bad) else column.dtype, allowed="numbers"
        )
    if pd.api.types.is_complex_dtype(column):
        raise InputError("a column is not real", where=name, found=column.dtype, allowed="numbers")
    values = column.to_numpy(dtype=float, na_value=np.nan, copy=True)
    if (np.abs(values) > LARGEST).any() and np.isfinite(values[np.abs(values) > LARGEST]).all():
        raise InputError("a value is too large to be squared", where=name, found=values[np.nanargmax(np.abs(values))])
    if np.isinf(values).any():
        raise InputError("a value is infinite", where=f"{name}, row {int(np.flatnonzero(np.isinf(values))[0])}")
    return values


def flow_column(frame: pd.DataFrame, name: str) -> Array:
    """As :func:`numeric_column`, and InputError where a flow is negative."""
    flows = numeric_column(frame, name)
    for row in np.flatnonzero(flows < 0)[:1]:
        raise InputError("a flow is negative", where=f"{name}, row {row}", found=flows[row], allowed="≥ 0")
    return flows


def columns_of(frame: pd.DataFrame, terms: Sequence[str], complete: Array, reduced: bool) -> dict[str, Array]:
    """The columns of all terms, by name; ``reduced`` leaves the first level of each factor out. Terms that are not
    columns are coded together, as R does: what an interaction needs depends on the main effects besides it. They are
    coded in the ``complete`` rows, so that no level without a row in the sample is the reference of others."""
    bare = [term[1:-1] if re.fullmatch(r"`[^`]+`", term) else term for term in terms]
    plain = {
        name: numeric_column(frame, name)
        for term, name in zip(terms, bare, strict=True)
        if name in frame.columns or re.fullmatch(r"`[^`]+`|\w+", term)
    }
    if len(plain) == len(terms):
        return plain
    for found in re.finditer(r"\blag(?=\()|\.(shift|diff|pct_change|rolling)(?=\()", " + ".join(terms)):
        raise InputError(
            "a lag of rows is not a lag of years", where="formula", found=found[0], allowed="a column of lags"
        )
    for term in terms:
        _refuse_products(term)
    try:
        matrix = _coded(frame, terms, complete, reduced)
    except Exception as error:  # formulaic raises whatever the expression raises
        failing = [term for term in terms if not _works(frame, term, complete)]
        raise _reason(frame, failing[0] if failing else " + ".join(terms), error) from error
    columns = {str(name): numeric_column(matrix, name) for name in matrix.columns if name != "Intercept"}
    for name in sorted(set(plain) - set(columns)):
        raise InputError("a regressor has the name of the intercept", where="formula", found=name)
    return columns


def _coded(frame: pd.DataFrame, terms: Sequence[str], complete: Array, reduced: bool) -> pd.DataFrame:
    """The terms as columns, coded in the rows in which all that they need is there, and missing in the others."""
    from formulaic import model_matrix  # loads slowly, and most terms are columns
    from formulaic.errors import DataMismatchWarning

    formula, frame = " + ".join([str(int(reduced)), *terms]), _widened(frame, terms)
    used = [name for name in frame.columns if name in _names(formula)]
    complete = complete & frame[used].notna().all(axis=1).to_numpy()
    while complete.any():
        held = frame[complete]
        for name in held.select_dtypes("category"):
            held[name] = held[name].cat.remove_unused_categories()
        with np.errstate(all="ignore"), warnings.catch_warnings():  # the caller refuses the logarithm of zero
            warnings.simplefilter("error", DataMismatchWarning)  # a level that is not among those named
            coded = model_matrix(formula, held, na_action="ignore")
        needed = [name for name in frame.columns if name in coded.model_spec.required_variables]
        gaps = held[needed].isna().any(axis=1).to_numpy()  # formulaic codes them as the first level of a factor
        if not gaps.any():
            gaps = np.isnan(np.asarray(coded)).any(axis=1)
        if not gaps.any():
            matrix = pd.DataFrame(np.nan, index=range(len(frame)), columns=list(coded.columns))
            matrix.iloc[np.flatnonzero(complete)] = np.asarray(coded)
            return matrix
        complete[complete] = ~gaps
    return pd.DataFrame(np.nan, index=range(len(frame)), columns=list(terms))


def _widened(frame: pd.DataFrame, terms: Sequence[str]) -> pd.DataFrame:
    """The frame with the numbers that terms compute with as floats and truth values as integers, as in R: the squares
    of bytes overflow without a word. What ``C()`` codes keeps its kind, by which its levels are named."""
    text = " + ".join(terms)
    kept = _names(" + ".join(re.findall(r"\bC\(([^()]*)", text)))
    wide = {}
    for name in [name for name in frame.columns if name in _names(text)]:
        column = frame[name].convert_dtypes() if frame[name].dtype == object else frame[name]  # True, None is a factor
        if pd.api.types.is_string_dtype(column):  # formulaic cannot multiply dummies of the nullable kinds
            wide[name] = column.astype(object)
        elif name in kept:
            if pd.api.types.is_integer_dtype(column) and not (column > 2**63 - 1).any():
                wide[name] = column.astype("Int64")
        elif pd.api.types.is_bool_dtype(column):
            wide[name] = column.astype("Int64" if column.hasnans else int)
        elif pd.api.types.is_any_real_numeric_dtype(column):
            wide[name] = pd.Series(column.to_numpy(dtype=float, na_value=np.nan), frame.index)
    return frame.assign(**wide)


def _names(text: str) -> set[str]:
    """Names of columns and functions in a text, and what stands before the points in them."""
    found = [one["quoted"] or one["name"] or "" for one in NAMES.finditer(text)]
    return {*found, *(name.partition(".")[0] for name in found), *re.findall(r"\bQ\([\"']([^\"']*)", text)}


def _refuse_products(term: str) -> None:
    """InputError where a term is multiplied by itself: formulas take the product for the term, as R does; and where a
    sum that is multiplied has more than terms added up: R takes constants in it for the intercept of the formula."""
    from formulaic.errors import FormulaSyntaxError
    from formulaic.parser.algos.tokenize import tokenize

    names: dict[str, str] = {}  # of columns and calls, and of sums in brackets, whose powers are interactions
    try:
        tokens = [(token.kind.value, token.token) for token in tokenize(term) if token.kind]
    except FormulaSyntaxError:  # said where the term is computed
        return
    text = "".join(
        names.setdefault(token, f"x{len(names)}") if kind in ("name", "python") else token for kind, token in tokens
    )
    while True:
        bracket = re.search(r"\(([^()]*)\)", text)
        inner = bracket[1] if bracket else text
        if bracket and re.search(r"-|(^|\+)[01](\+|$)", inner):
            problem = "a sum that is multiplied holds a constant or a difference"
            raise InputError(problem, where="formula", found=term, allowed="terms added up, or I(a - b)")
        products = [re.split(r"(?<!\*)[:*](?!\*)", part) for part in inner.split("+")]
        if re.search(r"x\d+(\*\*|\^)", inner) or any(len(set(parts)) < len(parts) for parts in products):
            problem = "a term times itself is the term in a formula, not its square"
            raise InputError(problem, where="formula", found=term, allowed="I(column**2)")
        if not bracket:
            return
        alone = re.fullmatch(r"[xs:\d]*", inner)
        text = text.replace(bracket[0], inner if alone else names.setdefault(inner, f"s{len(names)}"))


def _works(frame: pd.DataFrame, term: str, complete: Array) -> bool:
    try:
        _coded(frame, [term], complete, reduced=True)
    except Exception:  # as above
        return False
    return True


STRING = r"\"[^\"]*\"|'[^']*'"
NAMES = re.compile(rf"{STRING}|`(?P<quoted>[^`]+)`|(?<![\w.])(?P<name>[^\W\d][\w.]*+)(?P<call>\s*\()?(?!\s*=[^=])")


def _reason(frame: pd.DataFrame, term: str, error: Exception) -> InputError:
    """Why a term cannot be computed: the name in it that nobody knows, the column of text, or what else went wrong."""
    from formulaic.errors import DataMismatchWarning
    from formulaic.transforms import TRANSFORMS

    where, columns = f"formula, {term}", [str(name) for name in frame.columns]
    names = [found for found in NAMES.finditer(term) if found["name"] or found["quoted"]]
    for found in names:
        name = found["quoted"] or found["name"]
        root = name.partition(".")[0]
        if root in columns and root in TRANSFORMS and (found["call"] or root != name):
            return InputError("a column has the name of a function", where=where, found=root, allowed="another name")
        if keyword.iskeyword(name):
            return InputError("is a keyword of Python", where=where, found=name, allowed="another name in expressions")
        if name in columns or root in {*columns, *TRANSFORMS}:
            continue
        kind, known = ("function", sorted(TRANSFORMS)) if found["call"] else ("column", columns)
        return InputError(f"no such {kind}", where=where, found=name, allowed=known)
    cause = error.__cause__ or error
    if isinstance(cause, DataMismatchWarning):
        others = str(cause).partition("): ")[2].partition(". They")[0]
        return InputError("values are not among the levels", where=where, found=others, allowed="all levels that occur")
    for name in {found["quoted"] or found["name"] for found in names} & set(columns):
        if isinstance(cause, TypeError) and not pd.api.types.is_numeric_dtype(frame[name]):
            return InputError("a column is not numeric", where=where, found=name, allowed="numbers")
    text = str(cause).partition("\n")[0]
    allowed = "a column, or an expression such as log(column), I(column**2), C(column) or a:b"
    return InputError(f"a term cannot be computed ({text})", where="formula", found=term, allowed=allowed)
