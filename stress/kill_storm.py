"""`kill -9` of server, web processes and worker under write load: nothing acknowledged is lost, nothing doubled.

Several people file incidents, add actions and edit through the real forms, and an admin sends test mails. At random
moments something is killed and, where it does not come back by itself, started again; whoever got no answer sends the
same form again. At the end every acknowledged write is there once with one history entry, the chain is whole, every
mail went out, and no process is left over.
"""

import argparse
import contextlib
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select, update

from postmortem.accounts.enums import Role
from postmortem.accounts.operations import add_person
from postmortem.db import Database
from postmortem.history.operations import CLI
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.models import OutboxMessage
from stress import arguments
from stress.ledger import config_of, problems_of
from stress.mailer import Mailer
from stress.server import KILLS, Site
from stress.writers import PASSWORD, Writer
from tests.support.databases import postgresql_server
from tests.support.smtp import MailServer, mail_server

WRITERS = 4


def storm(
    folder: Path,
    rounds: int,
    *,
    up_within: float,
    seed: int,
    people: int = WRITERS,
    database_url: str = "",
    say: bool = False,
) -> list[str]:
    """Go through the storm; returns what did not hold."""
    chance, problems = random.Random(seed), []
    with mail_server() as mails:
        site = furnished(folder, mails, database_url)
        site.start()
        site.wait_until_ready()
        writers = [Writer(site.port, address(n), f"Writer {n}") for n in range(people)]
        mailer = Mailer(site.port, "admin@example.com")
        everybody: list[Writer | Mailer] = [*writers, mailer]
        for each in everybody:
            each.start()
        try:
            for number in range(rounds):
                time.sleep(chance.uniform(0.3, 2.0))
                what = KILLS[number % len(KILLS)]
                site.kill(what)
                took = site.wait_until_ready()
                if took > up_within:
                    problems.append(f"round {number + 1}: up again only after {took:.1f} s")
                if say:
                    count = sum(len(writer.acknowledged) for writer in writers)
                    print(
                        f"   {number + 1}: killed {what}, up after {took:.1f} s; {count} writes", flush=True
                    )
            time.sleep(0.5)
            for each in everybody:
                each.finish()
        finally:
            site.stop()
        writes = [write for writer in writers for write in writer.acknowledged]
        problems += [f"{each.name}: {each.trouble}" for each in everybody if each.trouble]
        problems += problems_of(site, writes)
        problems += _undelivered(site, mails, mailer)
        problems += [f"process {pid} is left over" for pid in site.left_over()]
    if say:
        retried = sum(writer.retried for writer in writers)
        print(
            f"   {len(writes)} writes, {retried} sent again; {len(mails.taken)} mails of {mailer.acknowledged}"
        )
    return problems


def address(number: int) -> str:
    """The address of a writer."""
    return f"writer-{number}@example.com"


def furnished(folder: Path, mails: MailServer | None, database_url: str) -> Site:
    """A site with its people, not started."""
    settings = {"POSTMORTEM_SMTP_HOST": "127.0.0.1", "POSTMORTEM_SMTP_PORT": str(mails.port)} if mails else {}
    if database_url:
        settings["POSTMORTEM_DATABASE_URL"] = database_url
    site = Site(folder / "data", **settings)
    made = site.command("db", "upgrade")
    if made.returncode:
        raise RuntimeError(made.stderr)
    config = config_of(site)
    database = Database(config.database_url, secret_key=config.secret_key)
    people = {address(number): Role.CONTRIBUTOR for number in range(WRITERS)}
    with database.session(writes=True) as session:
        for email, role in {**people, "admin@example.com": Role.ADMIN}.items():
            add_person(session, email=email, name=email, role=role, password=PASSWORD, actor=CLI)
        session.commit()
    database.dispose()
    return site


def _undelivered(site: Site, mails: MailServer, mailer: Mailer) -> list[str]:
    """Deliver what is still owed, and compare. What goes out twice carries the same id both times."""
    config = config_of(site)
    database = Database(config.database_url, secret_key=config.secret_key)
    try:
        with database.session(writes=True) as session:
            # A worker that was killed held leases of a minute: here that minute has passed.
            session.execute(update(OutboxMessage).values(claimed_until=None))
            session.commit()
        drained = site.command("worker", "--once")
        with database.session(writes=False) as session:
            mails_owed = (
                OutboxMessage.kind != DeliveryKind.NEWS
            )  # that is shared out, and mailed by rows of its own
            rows = session.execute(
                select(OutboxMessage.delivery_id, OutboxMessage.is_delivered).where(mails_owed)
            ).all()
    finally:
        database.dispose()
    owed = {row.delivery_id for row in rows}
    sent = {str(taken.message["Message-ID"]).strip("<>").partition("@")[0] for taken in mails.taken}
    problems = [drained.stderr] if drained.returncode else []
    problems += [f"mail {row.delivery_id} is not delivered" for row in rows if not row.is_delivered]
    problems += [f"mail {each} is called delivered and never arrived" for each in owed - sent]
    problems += [f"mail {each} was never owed" for each in sent - owed]
    if len(owed) < mailer.acknowledged:
        problems.append(f"{mailer.acknowledged} mails were acknowledged, {len(owed)} are owed")
    return problems


@contextlib.contextmanager
def place(postgresql: bool) -> Iterator[tuple[Path, str]]:
    """A folder, and where asked for a PostgreSQL server of our own: its address."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        yield folder, stack.enter_context(postgresql_server(folder)) if postgresql else ""


def main(arguments_given: list[str] | None = None) -> int:
    """Run the storm; the exit code is 0 only when everything held."""
    parser = arguments.parser(__doc__, short=2, long=20)
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument(
        "--seed", type=int, default=random.randrange(10**6), help="for the same moments again"
    )
    parser.add_argument("--up-within", type=float, default=5.0, metavar="SECONDS")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    given = parser.parse_args(arguments_given)
    print(f"   seed {given.seed}")
    with place(given.postgresql) as (folder, url):
        rounds = arguments.rounds(given)
        problems = storm(
            folder, rounds, up_within=given.up_within, seed=given.seed, database_url=url, say=True
        )
    for problem in problems[:50]:
        print(f"   WRONG {problem}")
    print(f"   {rounds} rounds: " + (f"{len(problems)} problems" if problems else "everything held"))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
