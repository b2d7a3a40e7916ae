"""`postmortem serve`: the web server (Granian), after everything that can be wrong was looked at."""

import errno
import os
import socket
import time
from contextlib import nullcontext

import click

from postmortem.accounts.operations_sign_in import issue_setup_code
from postmortem.accounts.queries import has_people
from postmortem.cli.child import end_children_with_parent, worker_beside
from postmortem.cli.context import checked_database, settings
from postmortem.config import Config

THREADS = 4
BACKLOG = 1024
PORT_PATIENCE = 3.0


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option(
    "--worker/--no-worker", default=True, show_default=True, help="Also deliver mails and other messages."
)
def serve(host: str, port: int, workers: int, worker: bool) -> None:
    """Serve the web pages until stopped (Ctrl-C)."""
    config = settings(host=host, port=port)
    _refuse_taken_port(host, port)
    setup_code = _setup_code(config)
    # The workers read their settings from the environment; what was decided here must be what they see.
    os.environ["POSTMORTEM_BASE_URL"] = config.base_url
    os.environ["POSTMORTEM_DATA_DIR"] = str(config.data_dir)
    os.environ["POSTMORTEM_SECRET_KEY"] = config.secret_key
    click.echo(f"Postmortem is at {config.base_url}  (stop with Ctrl-C)")
    if setup_code:
        click.echo("Nobody is here yet. Create the first admin account at:")
        click.echo(f"  {config.base_url}/setup?code={setup_code}")
    end_children_with_parent()
    with worker_beside() if worker else nullcontext():
        _run(host, port, workers)


def _refuse_taken_port(host: str, port: int) -> None:
    """Exit with a sentence when somebody else listens there; Granian would share the port silently.

    The web processes of a server that was killed hold its port a moment longer: so long it is asked again.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    until = time.monotonic() + PORT_PATIENCE
    while True:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host.strip("[]"), port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE or time.monotonic() > until:
                    raise click.ClickException(_why_not(error, host, port)) from error
            else:
                return
        time.sleep(0.1)


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is taken: something else is running there. Choose another: "
            f"make run PORT={port + 1}, or postmortem serve --port {port + 1}."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Port {port} may only be used by root. Choose one from 1024, for example --port 8000."
    return f"This machine has no address {host} ({error.strerror}). Try --host 127.0.0.1."


def _setup_code(config: Config) -> str | None:
    database = checked_database(config)
    try:
        with database.session(writes=True) as session:
            if has_people(session):
                return None
            code = issue_setup_code(session)
            session.commit()
            return code
    finally:
        database.dispose()


def _run(host: str, port: int, workers: int) -> None:
    from granian.constants import Interfaces
    from granian.server import Server

    Server(
        "postmortem.wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        backlog=BACKLOG,
        log_access=False,
        websockets=False,
        respawn_failed_workers=True,
    ).serve()
