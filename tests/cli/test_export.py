"""`postmortem export site`: what it says, and what it does to the database: nothing."""

import re
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.config import Config
from postmortem.db import Database
from postmortem.writeups import operations
from postmortem.writeups.models import Writeup
from tests.cli.conftest import Run
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.static_site import files_of


def test_public_write_ups_go_out_and_the_others_when_asked(
    run: Run, session: Session, author: Person, tmp_path: Path
) -> None:
    publish_writeup(session, author, "For all", is_public=True)
    publish_writeup(session, author, "For us")
    make_writeup(session, author, "Not yet")
    site = tmp_path / "site"
    told = run("export", "site", str(site), "--base-url", "https://example.org/blog/")
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith(f"The site is in {site}: 1 write-up, ")
    assert "Left out, because for people who work here only: 1 write-up." in told.stdout
    assert "Note: POSTMORTEM_PUBLIC_READING is off" in told.stderr
    assert "the feeds name addresses" not in told.stderr
    assert (
        'content="https://example.org/blog/writeups/for-all.html"'
        in (site / "writeups/for-all.html").read_text()
    )
    assert not (site / "writeups/for-us.html").exists()

    told = run(
        "export",
        "site",
        str(site),
        "--include-internal",
        env={"POSTMORTEM_BASE_URL": "http://localhost:8000"},
    )
    assert told.exit_code == 0, told.output
    assert "Warning: this site holds 2 write-ups, 1 of them for people who work here only." in told.stderr
    assert "Note: the feeds name addresses below http://localhost:8000." in told.stderr
    assert (site / "writeups/for-us.html").exists()
    assert not list(site.rglob("not-yet*"))

    told = run("export", "site", str(site), env={"POSTMORTEM_PUBLIC_READING": "yes"})
    assert "PUBLIC_READING" not in told.output
    assert not (site / "writeups/for-us.html").exists()
    assert "For us" not in " ".join(content.decode("latin1") for content in files_of(site).values())


def test_what_is_taken_back_or_narrowed_vanishes(
    run: Run, session: Session, author: Person, tmp_path: Path
) -> None:
    withdrawn = publish_writeup(session, author, "First thoughts", is_public=True)
    narrowed = publish_writeup(session, author, "Second thoughts", is_public=True)
    site = tmp_path / "site"
    assert run("export", "site", str(site)).exit_code == 0
    assert len(list((site / "writeups").glob("*.html"))) == 2
    operations.withdraw(session, withdrawn, reason="Too early.", actor=author)
    session.execute(update(Writeup).where(Writeup.id == narrowed.id).values(audience="internal"))
    session.commit()
    told = run("export", "site", str(site))
    assert told.exit_code == 0, told.output
    assert "0 write-ups" in told.stdout
    assert "Nothing published yet" in (site / "index.html").read_text()
    assert not [
        name for name, content in files_of(site).items() if b"thoughts" in content or "thoughts" in name
    ]


def test_an_edit_after_publishing_is_dated(
    run: Run, session: Session, author: Person, tmp_path: Path
) -> None:
    from datetime import UTC, datetime

    writeup = publish_writeup(
        session, author, "Told early", is_public=True, published_at=datetime(2026, 3, 9, 12, tzinfo=UTC)
    )
    operations.save_writeup(session, writeup, {"body": "Told better."}, version=writeup.version, actor=author)
    operations.publish(session, writeup, actor=author, reason="The clock was wrong.")
    session.commit()
    assert run("export", "site", str(tmp_path / "site")).exit_code == 0
    page = (tmp_path / "site/writeups/told-early.html").read_text()
    assert re.search(r"<strong>Updated \d+ \w+ \d{4}:</strong> The clock was wrong\.</p>", page)
    assert "Published 9 March 2026, changed " in page
    assert "Told better." in page


def test_it_reads_while_somebody_writes(
    run: Run, config: Config, session: Session, author: Person, tmp_path: Path
) -> None:
    publish_writeup(session, author, "For all", is_public=True)
    database = Database(config.database_url, secret_key=config.secret_key)
    with database.session(writes=True) as writing:
        writing.execute(update(Writeup).values(title="Half written"))
        told = run("export", "site", str(tmp_path / "site"))
        writing.rollback()
    database.dispose()
    assert told.exit_code == 0, told.output
    assert "<h1>For all</h1>" in (tmp_path / "site/writeups/for-all.html").read_text()


def test_it_says_in_one_sentence_why_not(run: Run, session: Session, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("Dear all")
    told = run("export", "site", str(tmp_path / "mine"))
    assert told.exit_code == 1
    assert "holds files that no export of a site wrote" in told.output
    assert list(files_of(tmp_path / "mine")) == ["letter.txt"]
    told = run("export", "site", str(tmp_path / "no" / "site"))
    assert told.exit_code == 1
    assert "There is no folder" in told.output
    for address in (
        "example.org",
        "ftp://example.org",
        "https://",
        "https://example.org/?a",
        "https://a b/",
        "https://x:99999/",
    ):
        told = run("export", "site", str(tmp_path / "site"), "--base-url", address)
        assert told.exit_code == 1, address
        assert "--base-url must look like" in told.output
    assert not (tmp_path / "site").exists()
