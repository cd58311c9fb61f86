"""What Frictionless, the standard's own reader, says of the data package: asked by `deadletter check` and by tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from deadletter.dataset.problems import Problem

DESCRIPTOR = "data/datapackage.json"


def by_the_standard(package: Mapping[str, Any], strings: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """The problems that Frictionless finds in tables and descriptor, in its own words.

    It gets the cells as they were read, not the files, in which it would guess at quotes and delimiters once more.
    """
    from frictionless import FrictionlessException, Package, system

    tables = [
        {"name": resource["name"], "schema": resource["schema"], "data": [list(frame.columns), *frame.values.tolist()]}
        for resource in package["resources"]
        for frame in [strings[resource["name"]]]
    ]
    try:
        with system.use_context(trusted=False):
            report = Package.from_descriptor({"name": package["name"], "resources": tables}).validate()
    except (FrictionlessException, KeyError, TypeError, AttributeError) as error:  # what its own checks let through
        return [Problem(DESCRIPTOR, "is not a data package", " ".join(str(error).split()))]
    paths = {resource["name"]: resource["path"] for resource in package["resources"]}
    problems = [Problem(DESCRIPTOR, error.message) for error in report.errors]
    for task in report.tasks:
        problems += [Problem(paths[task.name], f"Frictionless says: {error.message}") for error in task.errors]
    return problems
