"""Where a site may go, and what becomes of what was there."""

import os
from pathlib import Path

import pytest

from postmortem.errors import Refused
from postmortem.exports.site import destination
from postmortem.exports.site.destination import MARKER, new_site
from tests.support.static_site import files_of


def write(folder: Path, **texts: str) -> None:
    """A site of these files."""
    with new_site(folder) as new:
        for name, text in texts.items():
            (new / f"{name}.html").write_text(text)


def beside(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.parent.iterdir())


def test_a_new_folder_an_empty_one_and_a_former_site(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write(site, index="one", gone="two")
    assert set(files_of(site)) == {"index.html", "gone.html", MARKER}
    write(site, index="three")
    assert set(files_of(site)) == {"index.html", MARKER}
    assert (site / "index.html").read_text() == "three"
    (tmp_path / "empty").mkdir()
    write(tmp_path / "empty", index="four")
    assert beside(site) == ["empty", "site"]


def test_the_folder_keeps_its_mode_and_a_link_to_it_stays_one(tmp_path: Path) -> None:
    site, link = tmp_path / "site", tmp_path / "link"
    site.mkdir(mode=0o750)
    link.symlink_to(site)
    write(link, index="one")
    assert link.is_symlink()
    assert site.stat().st_mode & 0o777 == 0o750
    write(tmp_path / "new", index="one")
    umask = os.umask(0)
    os.umask(umask)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o777 & ~umask


@pytest.mark.parametrize(
    ("arrange", "said"),
    [
        (lambda site: (site.mkdir(), (site / "letter.txt").write_text("mine")), "no export of a site wrote"),
        (lambda site: (site.mkdir(), (site / MARKER).write_text("mine")), "no export of a site wrote"),
        (lambda site: site.write_text("mine"), "is a file"),
        (lambda site: (write(site, index="one"), (site / "CNAME").write_text("mine")), "put more into it: CNAME"),
        (lambda site: site.parent.rmdir(), "There is no folder"),
    ],
    ids=["somebody's folder", "a marker of somebody else's", "a file", "a site with more in it", "nowhere"],
)  # fmt: skip
def test_what_is_not_ours_is_left_alone(tmp_path: Path, arrange: object, said: str) -> None:
    site = tmp_path / "place" / "site"
    site.parent.mkdir()
    arrange(site)  # type: ignore[operator]
    before = files_of(tmp_path)
    with pytest.raises(Refused, match=said), new_site(site):
        pytest.fail("it must refuse before anything is written")
    assert files_of(tmp_path) == before


def test_what_appears_meanwhile_is_not_replaced_either(tmp_path: Path) -> None:
    site = tmp_path / "site"
    with pytest.raises(Refused, match="no export of a site wrote"), new_site(site) as new:
        (new / "index.html").write_text("new")
        site.mkdir()
        (site / "letter.txt").write_text("mine")
    assert files_of(tmp_path) == {"site/letter.txt": b"mine"}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError()])
def test_stopped_halfway_the_old_site_is_as_it_was(tmp_path: Path, error: BaseException) -> None:
    site = tmp_path / "site"
    write(site, index="one")
    before = files_of(tmp_path)
    expected = Refused if isinstance(error, OSError) else type(error)
    with pytest.raises(expected), new_site(site) as new:
        (new / "index.html").write_text("half of")
        raise error
    assert files_of(tmp_path) == before
    assert beside(site) == ["site"]


def test_when_the_new_one_cannot_take_its_place_the_old_one_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    write(site, index="one")
    before = files_of(tmp_path)
    rename = Path.rename

    def refusing(self: Path, target: Path) -> Path:
        if ".new-" in self.name:
            raise OSError(16, "Device or resource busy")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refusing)
    with pytest.raises(Refused, match="Device or resource busy"), new_site(site) as new:
        (new / "index.html").write_text("two")
    assert files_of(tmp_path) == before


@pytest.mark.parametrize(
    ("method", "error", "said"),
    [
        (
            "rename",
            OSError(16, "Device or resource busy"),
            "a disk or volume begins there. Name a folder in it",
        ),
        ("mkdir", PermissionError(13, "Permission denied"), "nothing may be written in"),
    ],
)
def test_the_sentence_says_what_to_do_about_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, error: OSError, said: str
) -> None:
    site = tmp_path / "site"
    write(site, index="one")
    before = files_of(tmp_path)

    def refusing(*_: object) -> None:
        raise error

    monkeypatch.setattr(Path, method, refusing)
    with pytest.raises(Refused, match=said), new_site(site) as new:
        (new / "index.html").write_text("two")
    monkeypatch.undo()
    assert files_of(tmp_path) == before
    assert beside(site) == ["site"]


def test_what_a_killed_export_left_is_cleared_after_a_day(tmp_path: Path) -> None:
    site = tmp_path / "si[t]e"
    old, young, other = (
        tmp_path / name for name in (".si[t]e.new-aaaaaaaaaaaa", ".si[t]e.old-bbbbbbbbbbbb", ".site.new-cc")
    )
    for folder in (old, young, other):
        folder.mkdir()
    for folder in (old, other):
        os.utime(folder, (1, 1))
    write(site, index="one")
    assert beside(site) == sorted((young.name, other.name, "si[t]e"))
    assert destination._LEFT_AFTER_SECONDS == 24 * 3600
