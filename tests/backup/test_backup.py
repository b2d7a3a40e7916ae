"""Backup and restore from end to end, on both databases."""

import gzip
import io
import json
import os
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from postmortem.backup import postgresql
from postmortem.config import Config
from postmortem.db import Database
from postmortem.errors import Refused
from tests.cli.conftest import Run
from tests.support.databases import TestDatabase

Titles = Callable[[], list[str]]


def execute(config: Config, *statements: str) -> None:
    database = Database(config.database_url)
    with database.writing.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    database.dispose()


def count(config: Config, table: str) -> int:
    database = Database(config.database_url)
    with database.reading.connect() as connection:
        found = connection.scalar(text(f"SELECT count(*) FROM {table}"))
    database.dispose()
    return int(found or 0)


def manifest_rows(packed: Path) -> dict[str, int]:
    """How many rows of each table a backup says it holds."""
    with tarfile.open(packed) as archive:
        rows: dict[str, int] = json.load(archive.extractfile("manifest.json") or io.BytesIO())["rows"]
    return rows


def test_what_is_in_a_backup(backed_up: Path, config: Config) -> None:
    assert backed_up.stat().st_mode & 0o777 == 0o600
    assert not list(backed_up.parent.glob(".postmortem-*"))
    with tarfile.open(backed_up) as archive:
        names = archive.getnames()
        manifest = json.load(archive.extractfile("manifest.json") or io.BytesIO())
        everything = b"".join((archive.extractfile(name) or io.BytesIO()).read() for name in names)
    assert names[0] == "manifest.json"
    assert [member["name"] for member in manifest["members"]] == names[1:]
    assert manifest["rows"]["people"] >= 1
    assert manifest["rows"]["incidents"] == count(config, "incidents") > 5
    assert int(manifest["history_head"].split(":")[0]) == manifest["rows"]["history_entries"]
    assert config.secret_key.encode() not in everything


def test_there_and_back(backed_up: Path, config: Config, run: Run, titles: Titles) -> None:
    before = titles()
    entries = count(config, "history_entries")
    execute(config, "DELETE FROM actions", "UPDATE incidents SET title = 'Spoilt'")
    assert set(titles()) == {"Spoilt"}
    result = run("restore", str(backed_up), "--force")
    assert result.exit_code == 0, result.output
    assert "is restored and checked" in result.output
    assert "Look at this" not in result.output
    assert "db upgrade" not in result.output
    assert titles() == before
    assert count(config, "actions") > 0
    assert count(config, "sessions") == 0, "restored sign-ins must not live on"
    assert count(config, "calendar_links") == 0, "an address revoked since must not work again"
    for table in ("news_items", "receivers", "follows", "notification_settings", "digests"):
        assert manifest_rows(backed_up)[table] == count(config, table) > 0
    assert count(config, "history_entries") == entries + 1, "that it was restored is noted"
    wrong = [line for line in run("doctor").output.splitlines() if line.startswith("wrong")]
    # The PostgreSQL of the tests does not wait for the disk, and doctor says so.
    assert all(line.startswith("wrong: PostgreSQL runs with") for line in wrong), wrong


def test_what_was_replaced_is_kept(backed_up: Path, config: Config, run: Run, titles: Titles) -> None:
    execute(config, "UPDATE incidents SET title = 'Written after the backup'")
    result = run("restore", str(backed_up), "--force")
    [line] = [line for line in result.output.splitlines() if line.startswith("What was there before is in ")]
    kept = Path(line.removeprefix("What was there before is in "))
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "Written after the backup" not in titles()
    if kept.suffix == ".gz":
        assert run("restore", str(kept), "--force").exit_code == 0
        assert set(titles()) == {"Written after the backup"}
    else:
        with closing(sqlite3.connect(kept)) as connection:
            assert set(connection.execute("SELECT title FROM incidents")) == {("Written after the backup",)}


def test_people_are_not_replaced_without_force(backed_up: Path, run: Run, titles: Titles) -> None:
    before = titles()
    result = run("restore", str(backed_up))
    assert result.exit_code == 1
    assert "1 person in it" in result.stderr
    assert "--force" in result.stderr
    assert titles() == before


def test_into_an_empty_place(
    backed_up: Path, config: Config, run: Run, titles: Titles, the_database: TestDatabase
) -> None:
    """A new machine: no database at all on SQLite, empty tables on PostgreSQL."""
    before = titles()
    if (file := Database(config.database_url).file) is not None:
        file.unlink()
    else:
        the_database.empty()
    result = run("restore", str(backed_up))
    assert result.exit_code == 0, result.output
    assert titles() == before
    assert "What was there before" not in result.output


def test_attachments_come_along(filled: Config, run: Run, tmp_path: Path) -> None:
    folder = filled.data_dir / "attachments" / "ab"
    folder.mkdir(parents=True)
    (folder / "graph.png").write_bytes(b"the picture")
    made = tmp_path / "with.tar.gz"
    assert run("backup", str(made)).exit_code == 0
    (folder / "graph.png").write_bytes(b"spoilt")
    (folder / "later.png").write_bytes(b"later")
    assert run("restore", str(made), "--force").exit_code == 0
    assert [path.name for path in folder.iterdir()] == ["graph.png"]
    assert (folder / "graph.png").read_bytes() == b"the picture"
    [kept] = filled.data_dir.glob("attachments.replaced-*")
    assert sorted(path.name for path in (kept / "ab").iterdir()) == ["graph.png", "later.png"]


def test_a_backup_never_replaces_anything(backed_up: Path, run: Run, tmp_path: Path) -> None:
    before = backed_up.read_bytes()
    for dest, says in (
        (backed_up, "never replaces anything"),
        (tmp_path, "is a folder. Name a new file"),
        (tmp_path / "no" / "x.tar.gz", "There is no folder"),
    ):
        result = run("backup", str(dest))
        assert result.exit_code == 1
        assert says in result.stderr
    assert backed_up.read_bytes() == before


def test_of_an_empty_database_there_is_nothing(run: Run, tmp_path: Path) -> None:
    env = {"POSTMORTEM_DATABASE_URL": f"sqlite:///{tmp_path / 'none.db'}"}
    result = run("backup", str(tmp_path / "x.tar.gz"), env=env)
    assert result.exit_code == 1
    assert "nothing to back up" in result.stderr
    assert not (tmp_path / "none.db").exists()
    assert not (tmp_path / "x.tar.gz").exists()


def test_a_failed_backup_leaves_nothing(
    filled: Config, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    folder = tmp_path / "backups"
    folder.mkdir()
    result = run("backup", str(folder / "x.tar.gz"))
    assert result.exit_code == 1
    assert "No space left on device. No half of it was left behind" in result.stderr
    assert list(folder.iterdir()) == []


def test_of_the_other_kind_of_database(backed_up: Path, config: Config, run: Run, tmp_path: Path) -> None:
    if Database(config.database_url).is_sqlite:
        rewritten = rewrite(backed_up, tmp_path, database="postgresql", name="database.dump")
        result = run("restore", str(rewritten), "--force")
    else:
        env = {"POSTMORTEM_DATABASE_URL": f"sqlite:///{tmp_path / 'none.db'}"}
        result = run("restore", str(backed_up), env=env)
    assert result.exit_code == 1
    assert "This is a backup of a PostgreSQL database. Set POSTMORTEM_DATABASE_URL" in result.stderr


def rewrite(made: Path, folder: Path, *, name: str | None = None, **replaced: object) -> Path:
    """The same backup with another manifest, checksums right."""
    with tarfile.open(made) as archive:
        manifest = json.load(archive.extractfile("manifest.json") or io.BytesIO())
        [member] = manifest["members"]
        data = (archive.extractfile(member["name"]) or io.BytesIO()).read()
    manifest.update(replaced)
    member["name"] = name or member["name"]
    target = folder / "rewritten.tar.gz"
    with gzip.open(target, "wb") as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for title, content in (("manifest.json", json.dumps(manifest).encode()), (member["name"], data)):
            info = tarfile.TarInfo(title)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return target


@pytest.mark.parametrize(
    ("replaced", "says"),
    [
        ({"revision": "from_the_future"}, "made by a newer program"),
        ({"format": 2}, "made by a later version of the program"),
        ({"rows": {"people": 10**6}}, "rows"),
        ({"rows": {"people'; DROP TABLE people; --": 1}}, "rows|no table of ours"),
    ],
)
def test_a_backup_that_does_not_fit_changes_nothing(
    backed_up: Path,
    config: Config,
    run: Run,
    titles: Titles,
    tmp_path: Path,
    replaced: dict[str, object],
    says: str,
) -> None:
    before = titles()
    sessions = count(config, "sessions")
    result = run("restore", str(rewrite(backed_up, tmp_path, **replaced)), "--force")
    assert result.exit_code == 1
    assert any(part in result.stderr for part in says.split("|")), result.stderr
    assert titles() == before
    assert count(config, "sessions") == sessions == 1
    assert not list(config.data_dir.glob(".postmortem-*"))


def test_an_older_backup_is_restored_and_then_upgraded(config: Config, run: Run, tmp_path: Path) -> None:
    """Made before an upgrade, which is when one is made."""
    if not Database(config.database_url).is_sqlite:
        pytest.skip("the same code; making an older database is dear")
    from postmortem import schema

    env = {"POSTMORTEM_DATABASE_URL": f"sqlite:///{tmp_path / 'old.db'}"}
    database = Database(env["POSTMORTEM_DATABASE_URL"])
    known, head = schema.shipped_revisions()
    schema.upgrade(database, "20261123_first" if "20261123_first" in known else min(known - {head}))
    database.dispose()
    made = tmp_path / "old.tar.gz"
    assert run("backup", str(made), env=env).exit_code == 0
    (tmp_path / "old.db").unlink()
    result = run("restore", str(made), env=env)
    assert result.exit_code == 0, result.output
    assert "Now run: postmortem db upgrade" in result.output
    assert run("db", "upgrade", env=env).exit_code == 0
    assert "wrong: The database" not in run("doctor", env=env).output


def test_somebody_who_has_the_database_open_is_noticed(
    backed_up: Path, config: Config, run: Run, titles: Titles
) -> None:
    database = Database(config.database_url)
    with database.reading.connect() as connection:
        connection.execute(text("SELECT 1 FROM people"))
    # Idle in the pool, as in a server that nobody uses at the moment.
    result = run("restore", str(backed_up), "--force")
    assert result.exit_code == 1
    assert "Stop the server and the worker, then run this again; nothing was changed." in result.stderr
    database.dispose()
    assert run("restore", str(backed_up), "--force").exit_code == 0


def test_the_programs_of_postgresql(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Missing, too old, and the one that fits best."""
    monkeypatch.setattr(postgresql, "INSTALLED", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(Refused, match=r"pg_dump is not installed here.*apt-get install postgresql-client-15"):
        postgresql.program("pg_dump", 15)
    for major in (14, 17, 16):
        script = tmp_path / str(major) / "bin" / "pg_dump"
        script.parent.mkdir(parents=True)
        script.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {major}.4 (Debian {major}.4-1)'\n")
        script.chmod(0o755)
    assert postgresql.program("pg_dump", 15) == str(tmp_path / "16" / "bin" / "pg_dump")
    with pytest.raises(Refused, match="of version 17 and the server of version 18"):
        postgresql.program("pg_dump", 18)


def test_a_password_is_never_on_a_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "of somebody else")
    monkeypatch.setenv("PGSERVICE", "elsewhere")
    database = Database("postgresql+psycopg://me:hush@db.example:5433/ours?sslmode=require")
    found = postgresql.environment(database)
    wanted = {"PGUSER": "me", "PGPASSWORD": "hush", "PGHOST": "db.example", "PGPORT": "5433"}
    assert {name: found.get(name) for name in wanted} == wanted
    assert (found["PGDATABASE"], found["PGSSLMODE"], "PGSERVICE" in found) == ("ours", "require", False)
