"""What every process of a run sets before any library loads."""

import os
import sys

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "RAYON_NUM_THREADS")
# more threads than one change the last bits of sums, and so does the order of sets of strings inside libraries, which
# changes from process to process; results must be equal on every machine, hence also the zone and the encoding of what
# cells show. And no child imports a module only because it lies in the folder that the user works in
PINNED = {**dict.fromkeys(THREADS, "1"), "PYTHONHASHSEED": "0", "PYTHONSAFEPATH": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
# what a shell says of its window, and what it asks of its Python apart from where modules and their bytecode are, must
# not change what cells show
WINDOW = ("COLUMNS", "LINES", "MPLBACKEND")
PLACES = (
    *("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONNOUSERSITE"),
    *("PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE"),
)
# bytes of a folder in which sockets can be made: macOS takes 103 in all, and names below the folder have up to 33
LONGEST = 64
SHORT = ("/tmp", "/var/tmp")
# bytes: 64 GiB for V8, and room for libraries, which wait for ever or end in tracebacks below 1 GiB
ADDRESSES, FEWEST = 72 << 30, 2 << 30


def prepare() -> None:
    """Pin numerical threads and, for children, the order of sets and the search path of modules.

    Sockets are files with short names: where the temporary folder is too deep for them, this process makes its
    temporary files elsewhere.

    Raises
    ------
    InputError: the name of the temporary folder is too long, and no other folder can be written; Python leaves out what
        libraries read; the system lets too few addresses be reserved.
    """
    allowed = f"at least {FEWEST >> 10} (ulimit -v), or no limit"
    _allow("RLIMIT_AS", FEWEST, 1 << 10, "too few kilobytes of addresses may be reserved", allowed)
    if sys.flags.optimize > 1:
        from deadletter.errors import InputError

        problem = "leaves out the documentation of functions, which libraries read"
        raise InputError(problem, where="PYTHONOPTIMIZE", found=sys.flags.optimize, allowed="0 or 1")
    os.environ.update(PINNED)
    os.environ.pop("PYTHONINSPECT", None)  # children would read from the terminal when they end
    if os.path.expanduser("~") == "~":
        os.environ["HOME"] = "/"  # as containers set it for a user without an account; libraries ask where home is
    if os.environ.get("COLUMNS") == "0":
        del os.environ["COLUMNS"]  # some shells in editors; nothing would be printed
    # jsonschema would build 38 grammars for a check that nothing asks for: three quarters of the time that altair loads
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    named = os.fsencode(os.environ.get("TMPDIR", ""))
    if os.name == "posix" and len(named) > LONGEST:
        import tempfile

        place = next((short for short in SHORT if os.access(short, os.W_OK | os.X_OK)), None)
        if place is None:
            # what loads before a kernel is traced is recorded for nobody
            from deadletter.errors import InputError

            allowed = f"at most {LONGEST} bytes, since sockets are made there"
            raise InputError("has too long a name", where="TMPDIR", found=os.fsdecode(named), allowed=allowed)
        tempfile.tempdir = place


def for_kernels() -> dict[str, str]:
    """The variables of this process that a kernel inherits, with those that are pinned."""
    own = {k: v for k, v in os.environ.items() if k in PLACES or not (k in WINDOW or k.startswith("PYTHON"))}
    return own | PINNED


def allow_jobs(files: int, processes: int) -> None:
    """See that this process may have so many files open, and this user so many processes and threads.

    Raises
    ------
    InputError: the system does not allow it.
    """
    problem = "too few files may be open at a time"
    _allow("RLIMIT_NOFILE", files, 1, problem, f"at least {files} (ulimit -n), or fewer --jobs")
    problem = "too few processes and threads may run"
    _allow("RLIMIT_NPROC", processes, 1, problem, f"at least {processes} (ulimit -u), or fewer --jobs")


def allow_addresses() -> None:
    """See that this process may reserve the addresses that the renderer of figures does, which ends it otherwise.

    Raises
    ------
    InputError: the system does not allow it.
    """
    allowed = f"at least {ADDRESSES >> 10} (ulimit -v), or no limit: what draws figures reserves them and uses few"
    _allow("RLIMIT_AS", ADDRESSES, 1 << 10, "too few kilobytes of addresses may be reserved", allowed)


def _allow(limit: str, needed: int, unit: int, problem: str, allowed: str) -> None:
    if sys.platform == "win32":
        return
    import resource

    which = getattr(resource, limit)
    soft, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY and hard < needed:
        from deadletter.errors import InputError

        raise InputError(problem, where="this session", found=hard // unit, allowed=allowed)
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(which, (needed, hard))
