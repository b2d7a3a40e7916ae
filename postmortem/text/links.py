"""Which addresses a text may point to. One rule for links and images, used before and by the sanitiser."""

from __future__ import annotations

import re
from enum import StrEnum

# Browsers drop these anywhere in an address, and controls and spaces at its ends (WHATWG URL, section 4.4).
_DROPPED = re.compile(r"[\t\n\r]")
_ENDS = "".join(map(chr, range(0x21)))
_WEB = re.compile(r"https?://[^/?#\\]", re.IGNORECASE)
_PROTOCOL_RELATIVE = re.compile(r"[/\\]{2,}")
_SITE = re.compile(r"/(?![/\\])")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Address(StrEnum):
    """What kind of address it is, from the point of view of the page that shows it."""

    SITE = "site"
    FRAGMENT = "fragment"
    EXTERNAL = "external"
    MAIL = "mail"
    REFUSED = "refused"


def classify(url: str) -> tuple[Address, str]:
    """Return the kind of `url` and the address to write into the page.

    `//host` is an external https address. Whatever is not http, https, mailto, `/path` or `#fragment` is
    refused: a relative `notes.md` means something else on every page the text is shown on.
    """
    url = _DROPPED.sub("", url.strip(_ENDS))
    if _UNSAFE.search(url):
        return Address.REFUSED, ""
    if url.startswith("#"):
        return Address.FRAGMENT, url
    if _SITE.match(url):
        return Address.SITE, url
    if slashes := _PROTOCOL_RELATIVE.match(url):
        host = url[slashes.end() :]
        return (Address.EXTERNAL, f"https://{host}") if host else (Address.REFUSED, "")
    if _WEB.match(url):
        return Address.EXTERNAL, url
    if url[:7].lower() == "mailto:" and len(url) > 7:
        return Address.MAIL, url
    return Address.REFUSED, ""
