"""The command line that all runs share."""

import argparse
import signal


def parser(
    description: str | None, *, short: int, long: int, unit: str = "rounds"
) -> argparse.ArgumentParser:
    """A parser with `--long` and `--rounds`; ask `rounds` for the number. A run adds its own options."""
    # A run that is ended from outside ends like one that is interrupted: what it started goes with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--long", action="store_true", help=f"{long:,} {unit} (without it {short:,})")
    made.add_argument("--rounds", type=int, metavar="N", help=f"how many {unit}")
    made.set_defaults(short_rounds=short, long_rounds=long)
    return made


def rounds(arguments: argparse.Namespace) -> int:
    """How many rounds were asked for."""
    if arguments.rounds is not None:
        return int(arguments.rounds)
    return int(arguments.long_rounds if arguments.long else arguments.short_rounds)
