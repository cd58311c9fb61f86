"""Entry point: prepares the process before any library loads, gives the quick answer where there is one, else hands
over to the command line."""

import os
import sys

if __name__ == "__main__" and not sys.flags.safe_path and sys.path[0] != os.path.dirname(os.path.dirname(__file__)):
    del sys.path[0]  # `python -m` looks for modules in the working folder, which is the user's


def main() -> None:
    try:
        from deadletter.cli.terminal import encode_safely, end_tidily, exit_code_of
    except KeyboardInterrupt:
        sys.exit(130)
    encode_safely()
    end_tidily()
    if (code := exit_code_of(_command)) is not None:
        sys.exit(code)


def _command() -> int | None:
    """The exit code; None after the quick answer, which loads nothing and ends nothing."""
    from deadletter.cli.terminal import refuse_blank
    from deadletter.environment import prepare

    prepare()
    refuse_blank(sys.argv[1:])
    from deadletter.pipeline.noop import answer

    if (lines := answer(sys.argv[1:])) is not None:
        print("\n".join(lines))
        return None
    from deadletter.cli.app import call

    return call()


if __name__ == "__main__":
    main()
