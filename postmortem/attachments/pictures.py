"""Pictures as they are kept: known by their content, turned upright, without what the camera wrote, in a few widths.

Taking a picture apart is the most dangerous thing a site does with a file, and a small file can be a huge picture. So it
happens in a process of its own with little time and memory (`python -m postmortem.attachments.pictures SOURCE FOLDER`),
which writes the widths into the folder and prints what it made as JSON. Pillow is imported there only.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postmortem.errors import Refused
from postmortem.text.images import WIDTHS

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_BYTES = 10_000_000
MOST_PIXELS = 40_000_000
# A screen's worth at twice the density; what is wider is scaled down to it.
WIDEST = 3200
CPU_SECONDS = 20
MEMORY_BYTES = 1_500_000_000
WAIT_SECONDS = 60.0

# Formats as Pillow calls them: what is stored, its ending and type.
STORED = {
    "PNG": ("PNG", "png", "image/png"),
    "JPEG": ("JPEG", "jpg", "image/jpeg"),
    "WEBP": ("WEBP", "webp", "image/webp"),
    "GIF": ("PNG", "png", "image/png"),
}
ENDINGS = {content_type: ending for _, ending, content_type in STORED.values()}
_WRITTEN: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 86, "optimize": True},
    "WEBP": {"quality": 86},
    "PNG": {"optimize": True},
}

NO_PICTURE = "This is not a picture that can be shown here. Add a PNG, JPEG, WebP or GIF."
TOO_LARGE = f"This picture is too large. Make it smaller than {MOST_BYTES // 1_000_000} MB and {MOST_PIXELS // 1_000_000} megapixels."
MOVES = "This picture moves, and write-ups stand still. Add a single picture of it, or a link to where it can be seen."
BUSY = "The picture could not be looked at just now. Add it again in a moment."
_SAID = {"no picture": NO_PICTURE, "too large": TOO_LARGE, "moves": MOVES}


@dataclass(frozen=True)
class Prepared:
    """What was made of a picture: `widths` in pixels, ascending; the last one is the whole picture."""

    content_type: str
    width: int
    height: int
    widths: list[int]


def prepare(source: Path, folder: Path) -> Prepared:
    """Write the widths of the picture in `source` into `folder`, as `<width>.<ending>`. Raises Refused with a sentence."""
    command = [sys.executable, "-P", "-m", "postmortem.attachments.pictures", str(source), str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=WAIT_SECONDS, check=False)
    except (subprocess.TimeoutExpired, OSError) as error:
        raise Refused(BUSY, field="image") from error
    try:
        told = json.loads(done.stdout)
    except ValueError as error:
        # It was ended by its limits, or by a fault in the library: either way by this picture.
        raise Refused(TOO_LARGE if done.returncode < 0 else NO_PICTURE, field="image") from error
    if "refused" in told:
        raise Refused(_SAID[told["refused"]], field="image")
    return Prepared(**told)


class _Told(Exception):
    """Why a picture is not taken: a key of `_SAID`."""


def _main(source: Path, folder: Path) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        told = _prepare(source, folder)
    except _Told as reason:
        told = {"refused": str(reason)}
    except MemoryError:
        told = {"refused": "too large"}
    sys.stdout.write(json.dumps(told))


def _prepare(source: Path, folder: Path) -> dict[str, object]:
    import warnings

    from PIL import Image, ImageOps, UnidentifiedImageError

    # Pillow only warns between this and twice as much.
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(source, formats=list(STORED)) as opened:
            if opened.format == "JPEG" or not getattr(opened, "is_animated", False):
                kind, ending, content_type = STORED[opened.format or ""]
            else:
                raise _Told("moves")
            opened.load()
            picture = _plain(ImageOps.exif_transpose(opened), kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _Told("too large") from error
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        KeyError,
        IndexError,
        EOFError,
    ) as error:
        raise _Told("no picture") from error
    whole = _scaled(picture, min(picture.width, WIDEST))
    widths = [*(width for width in WIDTHS if width < whole.width), whole.width]
    for width in widths:
        _scaled(whole, width).save(folder / f"{width}.{ending}", kind, **_WRITTEN[kind])
    return {
        "content_type": content_type,
        "width": whole.width,
        "height": whole.height,
        "widths": widths,
    }


def _plain(picture: "Image", kind: str) -> "Image":
    """The dots alone in the colours of the web: a new picture, so that nothing written beside them comes along."""
    from PIL import Image

    has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    mode = "RGBA" if has_alpha and kind != "JPEG" else "RGB"
    converted = _in_web_colours(picture).convert(mode)
    fresh = Image.new(mode, converted.size)
    fresh.paste(converted)
    return fresh


def _in_web_colours(picture: "Image") -> "Image":
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "L", "CMYK"):
        return picture
    from io import BytesIO

    from PIL import ImageCms

    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        made = ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return made or picture


def _scaled(picture: "Image", width: int) -> "Image":
    from PIL import Image

    if width >= picture.width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), Path(sys.argv[2]))
