"""What a worker must have in common with the machine that sends it work, so that both compute the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

# what carries work to a cluster
CARRIERS = ("cloudpickle", "dask", "distributed")
# every library that results or executed notebooks pass through
PACKAGES = (
    "altair",
    "annotated-types",
    "formulaic",
    "frictionless",
    "ipykernel",
    "ipython",
    "jupyter-client",
    "krippendorff",
    "nbclient",
    "nbformat",
    "numpy",
    "pandas",
    "papermill",
    "pyarrow",
    "pydantic",
    "pyfixest",
    "pyyaml",
    "salib",
    "scipy",
    "statsmodels",
    "traitlets",
    "vl-convert-python",
    *CARRIERS,
)
# libraries read these when they load, so a worker must have been started with them
PINNED = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
SOURCE = "source of analysis"
ABSENT = "absent"
Facts = dict[str, str]


def facts_teller() -> Callable[[], Facts]:
    """A function that tells the facts of the process that it runs in.

    It needs nothing of this package there, since cloudpickle sends a nested function by value: a worker with another
    version of the package, or none, can still answer.
    """
    packages, pinned, source, absent = PACKAGES, PINNED, SOURCE, ABSENT

    def tell() -> dict[str, str]:
        import hashlib
        import os
        import platform
        from importlib.metadata import PackageNotFoundError, version
        from importlib.util import find_spec
        from pathlib import Path

        facts = {"Python": platform.python_version(), "processor": platform.machine()}
        for name in packages:
            try:
                facts[name] = version(name)
            except PackageNotFoundError:
                facts[name] = absent
        spec = find_spec("deadletter")
        if spec is None or not spec.submodule_search_locations:
            facts[source] = absent
        else:
            root, digest = Path(next(iter(spec.submodule_search_locations))), hashlib.sha256()
            for path in sorted(root.rglob("*.py")):
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
            facts[source] = digest.hexdigest()[:12]
        return {**facts, **{name: os.environ.get(name, "unset") for name in pinned}}

    return tell


@cache
def own_facts() -> Facts:
    """The facts of this process; threads are as the command line pins them."""
    return facts_teller()()


def expected_facts() -> Facts:
    """What every worker must tell: the facts of this process, and one thread for linear algebra."""
    return {**own_facts(), **dict.fromkeys(PINNED, "1")}


def differences(there: Mapping[str, str], here: Mapping[str, str]) -> list[str]:
    """What differs, as ``name there (here: ours)``; empty where a worker may work."""
    return [
        f"{name} {there.get(name, ABSENT)} (here: {ours})" for name, ours in here.items() if there.get(name) != ours
    ]
