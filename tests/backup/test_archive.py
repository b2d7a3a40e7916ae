"""A backup's file is anybody's: nothing outside its folder, no links, no bombs, nothing that was changed."""

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from postmortem.backup.archive import read_archive
from postmortem.errors import Refused

DATABASE = b"the database"


def plain(name: str, data: bytes, **replaced: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in replaced.items():
        setattr(info, key, value)
    return info, data


def manifest(*members: tuple[str, bytes], **replaced: Any) -> tuple[tarfile.TarInfo, bytes]:
    listed = [
        {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in members
    ]
    values = {
        "format": 1,
        "program": "0.1",
        "revision": "x",
        "created_at": "2026-11-23T00:00:00+00:00",
        "database": "sqlite",
        "rows": {},
        "history_head": "",
        "members": listed,
    }
    return plain("manifest.json", json.dumps({**values, **replaced}).encode())


def packed(folder: Path, *parts: tuple[tarfile.TarInfo, bytes], format: int = tarfile.GNU_FORMAT) -> Path:
    path = folder / "x.tar.gz"
    with gzip.open(path, "wb") as file, tarfile.open(fileobj=file, mode="w", format=format) as archive:
        for info, data in parts:
            archive.addfile(info, io.BytesIO(data))
    return path


def read(path: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    read_archive(path, folder, lambda *_: None)
    return folder


DB = ("database.sqlite3", DATABASE)


def test_a_good_one(tmp_path: Path) -> None:
    picture = ("attachments/ab/12.png", b"x" * 5000)
    path = packed(tmp_path, manifest(DB, picture), plain(*DB), plain(*picture))
    folder = read(path, tmp_path)
    assert (folder / "attachments/ab/12.png").read_bytes() == b"x" * 5000
    assert (folder / "database.sqlite3").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "/outside",
        "attachments/../../outside",
        "attachments/..",
        "attachments//x",
        "attachments/.hidden",
        "attachments/a\\..\\b",
        "attachments/a\nb",
        "attachments/" + "a/" * 10 + "b",
        "secret-key",
        "postmortem.toml",
        "manifest.json",
        "database.sqlite3",
    ],
)
def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path, manifest(DB, (name, b"x")), plain(*DB), plain(name, b"x"))
    with pytest.raises(Refused):
        read(path, tmp_path)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out", "x.tar.gz"]
    assert not list((tmp_path / "out").rglob("outside"))


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.DIRTYPE,
        tarfile.CHRTYPE,
        tarfile.FIFOTYPE,
        tarfile.GNUTYPE_SPARSE,
    ],
)
def test_only_plain_files(tmp_path: Path, kind: bytes) -> None:
    info, _ = plain("attachments/x", b"", type=kind, linkname="/etc/passwd")
    path = packed(tmp_path, manifest(DB, ("attachments/x", b"")), plain(*DB), (info, b""))
    with pytest.raises(Refused, match="something else than plain files"):
        read(path, tmp_path)


def test_long_headers_are_not_read(tmp_path: Path) -> None:
    info, data = plain("attachments/x", b"x", pax_headers={"comment": "y" * 100_000})
    path = packed(
        tmp_path, manifest(DB, ("attachments/x", b"x")), plain(*DB), (info, data), format=tarfile.PAX_FORMAT
    )
    with pytest.raises(Refused, match="something else than plain files"):
        read(path, tmp_path)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    size = 200 * 1024 * 1024
    listed = [{"name": "database.sqlite3", "size": size, "sha256": "0" * 64}]
    info, _ = plain("database.sqlite3", b"")
    path = packed(tmp_path, manifest(members=listed), (info, b""))
    with pytest.raises(Refused, match="far more than any backup does"):
        read(path, tmp_path)


def test_a_manifest_of_any_length_is_not_read(tmp_path: Path) -> None:
    info = tarfile.TarInfo("manifest.json")
    info.size = 10**10
    path = tmp_path / "x.tar.gz"
    with gzip.open(path, "wb") as file:
        file.write(info.tobuf(tarfile.GNU_FORMAT))
    with pytest.raises(Refused, match="does not begin with its list"):
        read(path, tmp_path)


@pytest.mark.parametrize(
    "parts",
    [
        [manifest(DB), plain("database.sqlite3", b"the databasf")],
        [manifest(DB), plain("database.sqlite3", b"the database!")],
        [manifest(DB), plain("other", DATABASE)],
        [manifest(DB), plain(*DB), plain("attachments/more", b"x")],
        [manifest(DB)],
        [manifest()],
        [manifest(DB, DB), plain(*DB), plain(*DB)],
        [plain(*DB)],
        [plain("manifest.json", b"[]"), plain(*DB)],
        [plain("manifest.json", b'{"format": 1}'), plain(*DB)],
        [plain("manifest.json", b"[" * 100_000), plain(*DB)],
        [manifest(DB, rows={"people": -1}), plain(*DB)],
        [manifest(DB, rows={"people": True}), plain(*DB)],
        [],
    ],
)
def test_what_is_not_as_listed(tmp_path: Path, parts: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    with pytest.raises(Refused):
        read(packed(tmp_path, *parts), tmp_path)


def test_every_byte_counts(tmp_path: Path) -> None:
    """Cut off anywhere, or with any byte changed: refused, or (padding, the names of times) exactly the same."""
    whole = packed(tmp_path, manifest(DB), plain(*DB)).read_bytes()
    for number, place in enumerate(range(0, len(whole), 7)):
        for kind, data in (
            ("cut", whole[:place]),
            ("flip", whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]),
        ):
            folder = tmp_path / f"{kind}-{number}"
            folder.mkdir()
            (folder / "x.tar.gz").write_bytes(data)
            try:
                out = read(folder / "x.tar.gz", folder)
            except Refused:
                continue
            assert (out / "database.sqlite3").read_bytes() == DATABASE, (kind, place)


def test_what_is_no_archive_at_all(tmp_path: Path) -> None:
    for data in (b"", b"hello", b"\x1f\x8b", gzip.compress(b"hello"), gzip.compress(b"\0" * 4096)):
        (tmp_path / "x").write_bytes(data)
        with pytest.raises(Refused):
            read_archive(tmp_path / "x", tmp_path, lambda *_: None)
