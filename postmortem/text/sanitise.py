"""The allow-list that every rendered text passes last. Runs in the child only.

It does not trust the steps before it: whatever they let through by mistake ends here.
"""

from __future__ import annotations

import nh3
from pygments.token import STANDARD_TYPES

from postmortem.text.images import SIZES, room_for
from postmortem.text.links import Address, classify

_TAGS = set(
    """
    a blockquote br code dd details div dl dt em h2 h3 h4 h5 h6 hr img input li ol p pre section span strong
    summary sup table tbody td th thead time tr ul
    """.split()  # noqa: SIM905
)

_ATTRIBUTES = {
    "a": {"href", "title", "rel", "aria-label"},
    "div": {"tabindex", "role", "aria-label"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "h5": {"id"},
    "h6": {"id"},
    "img": {"src", "alt", "title", "loading", "width", "height", "srcset", "sizes"},
    "input": {"type", "checked", "disabled", "aria-label"},
    "li": {"id"},
    "ol": {"start"},
    "pre": {"tabindex"},
    "section": {"aria-label"},
    "span": {"data-action"},
    "sup": {"id"},
    "th": {"scope"},
    "time": {"datetime"},
}

_CLASSES = {
    "a": {"footnote-ref", "footnote-backref", "heading-anchor"},
    "details": {"code-fold"},
    "div": {"code-long", "highlight", "table-scroll"},
    "li": {"task-list-item"},
    "section": {"footnotes"},
    "span": {name for name in STANDARD_TYPES.values() if name}
    | {"action-state", "block-notice", "when__utc"},
    "td": {"align-left", "align-center", "align-right"},
    "th": {"align-left", "align-center", "align-right"},
    "time": {"when"},
    "ul": {"task-list"},
    "ol": {"task-list"},
}

_FIXED = {
    ("div", "tabindex"): "0",
    ("pre", "tabindex"): "0",
    ("div", "role"): "region",
    ("th", "scope"): "col",
    ("a", "rel"): "noopener noreferrer",
    ("img", "loading"): "lazy",
    ("img", "sizes"): SIZES,
    ("input", "type"): "checkbox",
}


def _is_offer(value: str) -> bool:
    """Whether it is what `room_for` makes of its last address, to the letter."""
    return room_for(value.rpartition(", ")[2].rpartition(" ")[0]).get("srcset") == value


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return value
    if name == "href":
        kind, address = classify(value)
        return None if kind is Address.REFUSED else address
    if name == "src":
        kind, address = classify(value)
        return address if kind is Address.SITE else None
    if name == "srcset":
        return value if _is_offer(value) else None
    fixed = _FIXED.get((tag, name))
    return value if fixed is None or value == fixed else None


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=set(),
    attributes=_ATTRIBUTES,
    attribute_filter=_attribute,
    allowed_classes=_CLASSES,
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
    strip_comments=True,
)


def sanitise(html: str) -> str:
    """Keep only the tags, attributes, classes and addresses above; the text of everything else stays."""
    return _CLEANER.clean(html)
