"""Entry point: prepares the process before any library loads, gives the quick answer where there is one, else hands
over to the command line."""

from __future__ import annotations

import sys

from deadletter.environment import prepare

prepare()


def main() -> None:
    from deadletter.cli.terminal import encode_safely, exit_code_of
    from deadletter.pipeline.noop import answer

    encode_safely()
    if (lines := answer(sys.argv[1:])) is not None:
        print("\n".join(lines))
        return
    from deadletter.cli.app import app

    if code := exit_code_of(app):
        sys.exit(code)


if __name__ == "__main__":
    main()
