"""Entry point: prepares the process before any library loads, gives the quick answer where there is one, else hands
over to the command line."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__" and not sys.flags.safe_path and sys.path[0] != os.path.dirname(os.path.dirname(__file__)):
    del sys.path[0]  # `python -m` looks for modules in the working folder, which is the user's

from deadletter.environment import prepare


def main() -> None:
    from deadletter.errors import InputError, NotebookError, WorkersError

    try:
        prepare()
        from deadletter.pipeline.noop import answer

        if (lines := answer(sys.argv[1:])) is not None:
            print("\n".join(lines))
            return
        from deadletter.cli.main import app

        app()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except NotebookError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        # a disk that is full, a folder that cannot be written
        print(f"error: {error.filename or 'output'}: {error.strerror or error}", file=sys.stderr)
        sys.exit(1)
    except WorkersError as error:
        print(f"error: {error}; what was finished is kept: the same command goes on from there", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("interrupted: what was finished stays usable", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
