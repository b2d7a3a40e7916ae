"""What the address of an image kept here tells: `/attachments/<key>/1200x800`. Pure.

Beside the whole image there are narrower ones at `/attachments/<key>/<width>`; which, is agreed on here.
"""

from __future__ import annotations

import re

# In pixels. An image has those of them that are narrower than itself.
WIDTHS = (480, 960, 1600)
# How wide a text stands on the page, for browsers to choose by.
SIZES = "(min-width: 44rem) 41rem, 100vw"
_ADDRESS = re.compile(r"(/attachments/[A-Za-z0-9_-]{20,43})/([1-9][0-9]{0,4})x([1-9][0-9]{0,4})")


def room_for(address: str) -> dict[str, str]:
    """Attributes by which a page keeps room for an image kept here and narrow screens get a narrow one; {} for others."""
    kept = _ADDRESS.fullmatch(address)
    if kept is None:
        return {}
    found = {"width": kept[2], "height": kept[3]}
    width = int(kept[2])
    narrower = [each for each in WIDTHS if each < width]
    if narrower:
        offered = [*(f"{kept[1]}/{each} {each}w" for each in narrower), f"{address} {width}w"]
        found |= {"srcset": ", ".join(offered), "sizes": SIZES}
    return found
