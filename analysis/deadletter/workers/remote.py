"""What a worker of a cluster has in common with the machine that sends it work, and the work itself."""

from __future__ import annotations

import os
import pickle
import platform
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from threading import Lock
from typing import Any

from deadletter.environment import prepare
from deadletter.errors import WorkersError
from deadletter.files import code_digest

# what carries work to a cluster: the scheduler has these as well
CARRIERS = ("cloudpickle", "dask", "distributed")
# libraries read these when they load, so a worker must have been started with them
PINNED = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
SOURCE, ABSENT = "source of deadletter", "absent"
Facts = dict[str, str]
# tasks change what belongs to their whole process
_ONE_AT_A_TIME = Lock()


def packages() -> list[str]:
    """What this package declares to need, extras apart, and what carries the work."""
    lines = [line for line in requires("deadletter") or () if "extra ==" not in line]
    names = [found.group() for line in lines if (found := re.match(r"[\w.-]+", line))]
    return sorted({*names, *CARRIERS})


@cache
def facts(names: tuple[str, ...]) -> Facts:
    """What decides the bytes of a result in this process: versions, source of this package, threads."""
    found = {"Python": platform.python_version(), "processor": platform.machine()}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ABSENT
    return {**found, SOURCE: code_digest()[:12], **{name: os.environ.get(name, "unset") for name in PINNED}}


def differences(there: Facts, here: Facts) -> str:
    """What differs, as ``name there (here: ours); …``; empty where a worker may work."""
    wrong = [f"{name} {there.get(name, ABSENT)} (here: {own})" for name, own in here.items() if there.get(name) != own]
    more = f"; and {len(wrong) - 4} more" if len(wrong) > 4 else ""
    return "; ".join(wrong[:4]) + more


def work(expected: Facts, names: tuple[str, ...], task: bytes, *shared: bytes) -> Any:
    """Do a task of :class:`deadletter.workers.cluster.Cluster`; what is shared comes before its other arguments.

    Raises
    ------
    WorkersError: this worker joined later, and differs. And what the task raises.
    """
    if wrong := differences(facts(names), expected):
        raise WorkersError(f"a worker that joined later differs: {wrong}")
    prepare()
    with _ONE_AT_A_TIME:
        call, arguments, named = pickle.loads(task)
        places = iter(shared)
        return call(*(pickle.loads(next(places)) if a is Ellipsis else a for a in arguments), **named)
