"""The declaration of a multiverse: branches of coding decisions, what excludes what, and how many universes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from deadletter.coding import REFERENCE, Coding, load_coding
from deadletter.coding.model import Part
from deadletter.coding.settings import changed, flatten, refusal, to_flat, tuples
from deadletter.coding.yaml_data import read_yaml
from deadletter.errors import InputError

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=40)]
Words = Annotated[str, Field(max_length=60)]
Reason = Annotated[str, Field(min_length=1, max_length=600)]
# a lone option means a list of one
Options = Annotated[tuple[str, ...], BeforeValidator(lambda given: (given,) if isinstance(given, str) else given)]
# what a universe reads; a branch on anything else would change no placement
BEARING = (
    *("coder", "as_of", "drop_states", "periods.", "formalisation.", "expectation.", "compliance.", "output."),
    *("calibration.", "intervals.minimum_rows"),
)
# what may vary continuously: the rest of a universe is computed once for each distinct choice
CONTINUOUS = ("compliance.ambiguous", "calibration.")


class Option(Part):
    """One way to decide a branch; ``set`` holds the keys that it changes, nested as in a coding."""

    title: Words = Field("", description="The option in words, where its name does not read as such.")
    why: Reason = Field(description="The reason that a referee would accept.")
    set: dict[str, Any] = Field(default_factory=dict, description="Keys of the coding that the option sets.")


class Branch(Part):
    """A coding decision: named options, or one key with a distribution."""

    title: Words = Field("", description="The decision in words, where its name does not read as such.")
    why: Reason = Field(description="Why the decision is open.")
    options: dict[Name, Option] = Field(default_factory=dict, description="Options by name.")
    key: str = Field("", description="A numeric key of the coding that varies continuously.")
    uniform: tuple[float, float] | None = Field(None, description="Lowest and highest value, equally likely between.")
    triangular: tuple[float, float, float] | None = Field(None, description="Lowest, likeliest and highest value.")

    @model_validator(mode="after")
    def _kind(self) -> Branch:
        shapes = [shape for shape in (self.uniform, self.triangular) if shape is not None]
        if bool(self.options) == bool(self.key) or len(shapes) != bool(self.key):
            raise ValueError("a branch has either options, or a key with one of uniform, triangular")
        if self.options and len(self.options) < 2:
            raise ValueError("a branch needs two options or more")
        if shapes and not (shapes[0][0] < shapes[0][-1] and list(shapes[0]) == sorted(shapes[0])):
            raise ValueError("the values of a distribution must rise")
        return self

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest value of a continuous branch."""
        shape = self.uniform or self.triangular
        assert shape is not None
        return shape[0], shape[-1]


class Exclusion(Part):
    """A combination of options that makes no sense together."""

    why: Reason = Field(description="Why the combination makes no sense.")
    when: dict[str, Options] = Field(min_length=2, description="Options by branch; all at once are excluded.")


class Declaration(Part):
    """A multiverse as its file declares it."""

    title: Annotated[str, Field(min_length=1, max_length=120)] = Field(description="Title on pages and charts.")
    why: Reason = Field(description="What the branches have in common.")
    base: str = Field(REFERENCE, description="The coding that the branches depart from.")
    universes: Annotated[int, Field(ge=64, le=10**10)] = Field(
        2**18, description="How many universes are drawn where they cannot be enumerated."
    )
    limit: Annotated[int, Field(ge=1, le=10**9)] = Field(
        2_000_000, description="The largest full product that is enumerated; a larger one needs --universes."
    )
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = Field(20200225, description="Seed of draws and intervals.")
    branches: dict[Name, Branch] = Field(min_length=1, description="Coding decisions by name.")
    exclude: tuple[Exclusion, ...] = Field((), description="Combinations that make no sense.")


def load_declaration(path: Path, params: Path) -> tuple[Declaration, Coding]:
    """The declaration of a file and the coding that it departs from.

    Raises InputError: the file cannot be read, or declares what the model refuses: an unknown branch or key, an option
    that the coding refuses, two branches on one key, a base that is not an option.
    """
    where = f"params/{path.name}" if path.parent == params else path.name
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot be read", where=where, found=error) from None
    tree = tuples(read_yaml(text, where))
    try:
        declaration = Declaration.model_validate(tree)
    except ValidationError as error:
        raise refusal(error, tree, where, Declaration) from None
    base = load_coding(params, declaration.base, f"{where} key base")
    _check_keys(declaration, base, where)
    _check_values(declaration, base, where)
    _check_exclusions(declaration, where)
    return declaration, base


def settings_of(option: Option) -> dict[str, Any]:
    """Dotted keys that an option sets."""
    return flatten(option.set)


def baseline_option(branch: Branch, base: Coding) -> str | None:
    """The option that leaves the base as it is, if there is one."""
    flat = to_flat(base)
    same = (
        name
        for name, option in branch.options.items()
        if all(flat.get(key) == value for key, value in settings_of(option).items())
    )
    return next(same, None)


def _keys(branch: Branch) -> set[str]:
    return {branch.key} if branch.key else {key for option in branch.options.values() for key in settings_of(option)}


def _check_keys(declaration: Declaration, base: Coding, where: str) -> None:
    known = to_flat(base)
    owner: dict[str, str] = {}
    for name, branch in declaration.branches.items():
        at = f"{where} branch {name}"
        for key in sorted(_keys(branch)):
            if key not in known:
                raise InputError("unknown key", where=at, found=key, allowed=sorted(known))
            if not key.startswith(BEARING):
                raise InputError("affects no placement", where=at, found=key, allowed=BEARING)
            if branch.key and not key.startswith(CONTINUOUS):
                raise InputError("cannot vary continuously", where=at, found=key, allowed=CONTINUOUS)
            if key in owner:
                raise InputError("two branches set one key", where=at, found=f"{key} (also {owner[key]})")
            owner[key] = name


def _check_values(declaration: Declaration, base: Coding, where: str) -> None:
    """Every option by itself, and every pair that shares a group of the coding, is a coding; so is the base."""
    changes = list(every_option(declaration))
    for branch, option, settings in changes:
        changed(base, settings, f"{where} branch {branch} option {option}")
    for (branch, option, settings), (other, with_, more) in itertools.combinations(changes, 2):
        if branch != other and _groups(settings) & _groups(more):
            at = f"{where} branch {branch} option {option} with branch {other} option {with_}"
            changed(base, {**settings, **more}, at)
    flat = to_flat(base)
    for name, declared in declaration.branches.items():
        low, high = declared.bounds if declared.key else (0.0, 0.0)
        inside = low <= flat[declared.key] <= high if declared.key else baseline_option(declared, base) is not None
        if not inside:
            found = flat[declared.key] if declared.key else declaration.base
            raise InputError("the base is not an option of this branch", where=f"{where} branch {name}", found=found)


def every_option(declaration: Declaration) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Branch, option and settings of every option; the ends represent a continuous branch."""
    for name, branch in declaration.branches.items():
        if branch.key:
            yield from ((name, f"{end:g}", {branch.key: end}) for end in branch.bounds)
        else:
            yield from ((name, option, settings_of(o)) for option, o in branch.options.items())


def _groups(settings: Mapping[str, Any]) -> set[str]:
    return {key.rpartition(".")[0] for key in settings if "." in key}


def _check_exclusions(declaration: Declaration, where: str) -> None:
    for number, exclusion in enumerate(declaration.exclude, 1):
        at = f"{where} exclude {number}"
        for name, options in exclusion.when.items():
            if name not in declaration.branches:
                raise InputError("unknown branch", where=at, found=name, allowed=declaration.branches)
            branch = declaration.branches[name]
            if branch.key:
                raise InputError("a continuous branch has no options to exclude", where=at, found=name)
            for option in options:
                if option not in branch.options:
                    raise InputError(
                        "unknown option", where=f"{at} branch {name}", found=option, allowed=branch.options
                    )
