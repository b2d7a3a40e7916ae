"""What is made of a picture: upright, without what the camera wrote, in a few widths; and what is none."""

import io
from pathlib import Path

import pytest
from PIL import Image

from postmortem.attachments import files
from postmortem.attachments.pictures import MOST_BYTES, MOVES, NO_PICTURE, TOO_LARGE, prepare
from postmortem.errors import Refused

SECRET = b"taken by Ada at 59.33 N"


def drawn(kind: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", **options: object) -> bytes:
    written = io.BytesIO()
    picture = Image.new(mode, size, "white" if mode != "P" else 1)
    if mode == "RGB":
        picture.paste("red", (0, 0, size[0] // 2, size[1]))
    picture.save(written, kind, **options)
    return written.getvalue()


def with_exif(**tags: object) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif[0x0112] = 6
    return exif


def prepared(tmp_path: Path, data: bytes) -> tuple[object, Path]:
    source, made = tmp_path / "source", tmp_path / "made"
    source.write_bytes(data)
    made.mkdir()
    return prepare(source, made), made


@pytest.mark.parametrize(
    ("kind", "mode", "ending"),
    [
        ("PNG", "RGBA", "png"),
        ("PNG", "P", "png"),
        ("JPEG", "L", "jpg"),
        ("WEBP", "RGB", "webp"),
        ("GIF", "P", "png"),
    ],
)
def test_pictures_of_every_kind_are_kept(tmp_path: Path, kind: str, mode: str, ending: str) -> None:
    told, made = prepared(tmp_path, drawn(kind, mode=mode))
    assert (told.width, told.height, told.widths) == (40, 20, [40])  # type: ignore[attr-defined]
    assert [path.name for path in made.iterdir()] == [f"40.{ending}"]


def test_what_the_camera_wrote_goes_and_the_picture_stands_upright(tmp_path: Path) -> None:
    data = drawn("JPEG", (40, 20), exif=with_exif(), comment=SECRET, quality=95)
    assert SECRET in data
    told, made = prepared(tmp_path, data)
    assert (told.width, told.height) == (20, 40)  # type: ignore[attr-defined]
    kept = (made / "20.jpg").read_bytes()
    assert SECRET not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert not picture.getexif()
        assert "comment" not in picture.info
        # The red half lay on the left; turned by the camera's note it is on top.
        red = picture.convert("RGB").getpixel((10, 5))
        assert red[0] > 200 > 90 > red[1]  # type: ignore[index]


def test_text_in_a_png_and_what_follows_its_end_go(tmp_path: Path) -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", SECRET.decode())
    _, made = prepared(tmp_path, drawn("PNG", pnginfo=info) + b"<script>" + SECRET)
    assert SECRET not in (made / "40.png").read_bytes()


def test_a_wide_one_has_narrower_ones_beside_it(tmp_path: Path) -> None:
    told, made = prepared(tmp_path, drawn("PNG", (4000, 100)))
    assert (told.width, told.height) == (3200, 80)  # type: ignore[attr-defined]
    assert told.widths == [480, 960, 1600, 3200]  # type: ignore[attr-defined]
    with Image.open(made / "480.png") as narrow:
        assert narrow.size == (480, 12)


def animated() -> bytes:
    written = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    return written.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (SVG, NO_PICTURE),
        (b"%PDF-1.7 nothing", NO_PICTURE),
        (b"<!doctype html><script>alert(1)</script>", NO_PICTURE),
        (drawn("BMP"), NO_PICTURE),
        (drawn("TIFF"), NO_PICTURE),
        (drawn("PNG")[:60], NO_PICTURE),
        (animated(), MOVES),
        (drawn("PNG", (8000, 8000), "1"), TOO_LARGE),
        (drawn("PNG", (14000, 14000), "1"), TOO_LARGE),
    ],
    ids=["svg", "pdf", "html", "bmp", "tiff", "cut off", "moving", "many dots", "a bomb"],
)
def test_what_is_no_picture_of_ours_is_refused(tmp_path: Path, data: bytes, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        prepared(tmp_path, data)
    assert (refused.value.sentence, refused.value.field) == (sentence, "image")


def test_files_are_private_and_nothing_is_left_of_what_was_refused(tmp_path: Path) -> None:
    kept = files.keep(tmp_path, drawn("PNG"))
    folder = files.folder_of(tmp_path, kept.key)
    (path,) = folder.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    for data in (b"", SVG, b"x" * (MOST_BYTES + 1)):
        with pytest.raises(Refused):
            files.keep(tmp_path, data)
    assert [each for each in files.root_of(tmp_path).rglob("*") if each.is_file()] == [path]


def test_what_no_row_knows_goes_a_day_later(tmp_path: Path) -> None:
    import os
    import time

    known, fresh, old = (files.keep(tmp_path, drawn("PNG")).key for _ in range(3))
    for key in (known, old):
        long_ago = time.time() - 100_000
        os.utime(files.folder_of(tmp_path, key), (long_ago, long_ago))
    assert files.sweep(tmp_path, {known}) == 1
    there = {path.name for path in files.root_of(tmp_path).glob("??/*")}
    assert there == {known, fresh}
