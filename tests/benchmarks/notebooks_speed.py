"""How long notebooks take: `deadletter run --force-notebooks` beside a pool that calls plain papermill.

    python tests/benchmarks/notebooks_speed.py [--jobs 2] [--rounds 3]

Both execute the same notebooks with the same parameters from the same tables, in turns, in one run on one machine; the
pool's processes call `papermill.execute_notebook` and nothing of ours. The last lines time a run that finds nothing
to do, and `--help`. Seconds are medians over the rounds; wall and processor time (of all processes) are both told,
since only the latter is steady on a machine that does other work.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PR_SET_CHILD_SUBREAPER = 36
PINNED = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "RAYON_NUM_THREADS")


def plain(source: str, target: str, parameters: dict) -> None:
    """Execute one notebook as anybody would."""
    import papermill

    papermill.execute_notebook(
        source, target, parameters, cwd=str(ROOT / "notebooks"), kernel_name="python3", progress_bar=False
    )


def pool(tasks: list, jobs: int) -> None:
    """Execute notebooks in a pool of processes, called from a process that ends with it."""
    if child := os.fork():
        assert os.waitpid(child, 0)[1] == 0
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as executor:
        for future in [executor.submit(plain, *task) for task in tasks]:
            future.result()
    os._exit(0)


def deadletter(*arguments: str) -> None:
    """Call the command line."""
    done = subprocess.run([sys.executable, "-m", "deadletter", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)


def timed(run) -> tuple[float, float]:
    """Seconds of wall and of processor time, of this process's children too."""
    before, started = _processor(), time.perf_counter()
    run()
    return time.perf_counter() - started, _processor() - before


def _processor() -> float:
    """Processor time of all processes that ended, those that outlive their parents among them where Linux lets us."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    os.environ.update(dict.fromkeys(PINNED, "1"))
    os.environ["PYTHONPATH"] = str(ROOT / "analysis")
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "out")
        options = ("--jobs", str(chosen.jobs), "--output-root", str(output))
        deadletter("run", *options)
        from deadletter.coding import load_coding, to_settings
        from deadletter.dataset.load import load_dataset
        from deadletter.pipeline.plan import jobs_of
        from deadletter.project import TABLES, Project

        project = Project(ROOT, output)
        settings, focal = to_settings(load_coding(project.params, "baseline")), load_dataset(project.data).focal
        known = list(jobs_of(project, "baseline", settings, focal))
        tasks = [(str(j.source(project)), str(Path(folder, f"{n}.ipynb")), j.parameters) for n, j in enumerate(known)]
        os.environ[TABLES] = str(project.results / "baseline")
        ours, theirs = [], []
        for _ in range(chosen.rounds):
            theirs.append(timed(lambda: pool(tasks, chosen.jobs)))
            ours.append(timed(lambda: deadletter("run", "--force-notebooks", *options)))
        nothing = [timed(lambda: deadletter("run", *options))[0] for _ in range(10)]
        helped = [timed(lambda: deadletter("--help"))[0] for _ in range(10)]
    (our_wall, our_processor), (wall, processor) = (
        map(statistics.median, zip(*t, strict=True)) for t in (ours, theirs)
    )
    print(f"{len(tasks)} notebooks, {chosen.jobs} jobs, medians of {chosen.rounds} rounds in turns")
    print(f"pool of plain papermill:   {wall:6.2f} s, {processor:6.2f} s of processor time")
    print(f"run --force-notebooks:     {our_wall:6.2f} s, {our_processor:6.2f} s of processor time")
    print(f"ratio:                     {our_wall / wall:6.2f}  , {our_processor / processor:6.2f}")
    print(f"run with nothing to do:    {statistics.median(nothing):6.3f} s")
    print(f"deadletter --help:         {statistics.median(helped):6.3f} s")


if __name__ == "__main__":
    main()
