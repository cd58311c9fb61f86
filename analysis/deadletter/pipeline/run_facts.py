"""Facts about a run: never part of a result, never hashed."""

import os
import platform
import time
from collections.abc import Mapping
from importlib.metadata import version

from deadletter.files import canonical_json, write_atomically
from deadletter.project import Project

LIBRARIES = ("altair", "nbclient", "numpy", "pandas", "papermill", "pyfixest", "scipy", "statsmodels")


def write_facts(project: Project, started: float, jobs: int, finished: Mapping[str, float]) -> None:
    """Write ``run.json`` next to the tables of each coding of which a notebook was executed.

    Parameters
    ----------
    started: seconds since 1970. finished: for each job by name, the seconds from there to its end.
    """
    for coding in sorted({name.partition("/")[0] for name in finished}):
        facts = {
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
            "seconds": round(time.time() - started, 2),
            "finished_after_seconds": {n: s for n, s in finished.items() if n.partition("/")[0] == coding},
            "jobs": jobs,
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
            "packages": {name: version(name) for name in LIBRARIES},
        }
        write_atomically(project.results / coding / "run.json", canonical_json(facts))
