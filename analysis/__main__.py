"""Entry point: pins numerical threads before any library loads, then hands over to the command line."""

from __future__ import annotations

import os
import sys

# more threads than one change the last bits of sums, and results must be equal on every machine
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[_name] = "1"


def main() -> None:
    from analysis.cli import app
    from analysis.errors import InputError, NotebookError, WorkersError

    try:
        app()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except NotebookError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except WorkersError as error:
        print(f"error: {error}; what was finished is kept: the same command goes on from there", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("interrupted: what was finished stays usable", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
