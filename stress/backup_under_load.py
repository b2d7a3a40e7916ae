"""Backups while people write, each restored into a fresh place: complete, whole, and fit to go on with.

Every write that was acknowledged before a backup began is in it; of what came later either all of a change is there
or nothing; the history is whole, and `postmortem doctor` finds nothing wrong in the restored place.
"""

import argparse
import shutil
import sys
import time
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from stress import arguments
from stress.kill_storm import WRITERS, address, furnished, place
from stress.ledger import problems_of
from stress.server import Site
from stress.writers import Write, Writer


def backups(
    folder: Path, rounds: int, *, people: int = WRITERS, database_url: str = "", say: bool = False
) -> list[str]:
    """Back up and restore so many times; returns what did not hold."""
    problems: list[str] = []
    site = furnished(folder, None, database_url)
    site.start()
    site.wait_until_ready()
    writers = [Writer(site.port, address(n), f"Writer {n}") for n in range(people)]
    for writer in writers:
        writer.start()
    try:
        for number in range(1, rounds + 1):
            time.sleep(0.3)
            told = [write for writer in writers for write in list(writer.acknowledged)]
            found = _round(site, folder, number, told, database_url)
            problems += [f"round {number}: {problem}" for problem in found]
            if say:
                count = sum(len(writer.acknowledged) for writer in writers) - len(told)
                print(
                    f"   {number}: {len(told)} writes before, {count} meanwhile; {len(found)} wrong",
                    flush=True,
                )
        for writer in writers:
            writer.finish()
    finally:
        site.stop()
    problems += [f"{writer.name}: {writer.trouble}" for writer in writers if writer.trouble]
    problems += problems_of(site, [write for writer in writers for write in writer.acknowledged])
    return problems


def _round(site: Site, folder: Path, number: int, told: list[Write], database_url: str) -> list[str]:
    """One backup, and a look at what comes out of it."""
    made = folder / f"backup-{number}.tar.gz"
    if (backup := site.command("backup", str(made))).returncode:
        return [f"backup: {backup.stderr}"]
    settings = {"POSTMORTEM_DATABASE_URL": _fresh_database(database_url, number)} if database_url else {}
    fresh = Site(folder / f"fresh-{number}", **settings)
    # The key is kept apart from the backups; without it the end of the history would bear nobody's signature.
    shutil.copy(site.data_dir / "secret-key", fresh.data_dir / "secret-key")
    if (restored := fresh.command("restore", str(made))).returncode or "Look at this" in restored.stdout:
        return [f"restore: {restored.stdout}{restored.stderr}"]
    problems = problems_of(fresh, told, may_have_more=True)
    if (doctor := fresh.command("doctor")).returncode:
        # The PostgreSQL of these runs does not wait for the disk, and doctor says so.
        wrong = [line for line in doctor.stdout.splitlines() if line.startswith("wrong")]
        problems += [line for line in wrong if not line.startswith("wrong: PostgreSQL runs with")]
    made.unlink()
    shutil.rmtree(fresh.data_dir)
    return problems


def _fresh_database(database_url: str, number: int) -> str:
    name = f"fresh_{number}"
    engine = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(database_url).set(database=name).render_as_string(hide_password=False)


def main(arguments_given: list[str] | None = None) -> int:
    """Run it; the exit code is 0 only when everything held."""
    parser = arguments.parser(__doc__, short=2, long=20)
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    given = parser.parse_args(arguments_given)
    rounds = arguments.rounds(given)
    with place(given.postgresql) as (folder, url):
        problems = backups(folder, rounds, database_url=url, say=True)
    for problem in problems[:50]:
        print(f"   WRONG {problem}")
    wrong = {problem.partition(":")[0] for problem in problems}
    print(f"   restored {rounds - len(wrong)} of {rounds} times" + ("" if problems else ", everything held"))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
