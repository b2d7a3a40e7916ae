"""What a test sees of an answer, and what must hold of every HTML page it visits."""

from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser

from werkzeug.test import TestResponse

VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)


@dataclass
class Form:
    """A form of a page: where it goes and what a browser would send untouched."""

    action: str
    method: str
    data: dict[str, list[str]] = field(default_factory=dict)


class _Outline(HTMLParser):
    """Collects ids, headings, forms, labels and text of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.h1: int = 0
        self.title = ""
        self.text: list[str] = []
        self.forms: list[Form] = []
        self.label_for: set[str] = set()
        self.controls: list[dict[str, str]] = []
        self.links: list[str] = []
        self.inline: list[str] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._select_any = False
        self._textarea: str | None = None
        self._stack: list[str] = []
        self._in_label = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._stack.append(tag)
        if "id" in a:
            self.ids.append(a["id"])
        self.h1 += tag == "h1"
        if tag == "a" and "href" in a:
            self.links.append(a["href"])
        if tag == "style" or "style" in a or any(name.startswith("on") for name in a):
            self.inline.append(tag)
        if tag == "script" and "src" not in a:
            self.inline.append(tag)
        if tag == "label":
            self._in_label += 1
            if "for" in a:
                self.label_for.add(a["for"])
        if tag == "form":
            self._form = Form(a.get("action", ""), a.get("method", "get").lower())
            self.forms.append(self._form)
        if tag in ("input", "select", "textarea"):
            a["tag"], a["in_label"] = tag, "yes" if self._in_label else ""
            self.controls.append(a)
        self._collect(tag, a)

    def _collect(self, tag: str, a: dict[str, str]) -> None:
        if self._form is None:
            return
        name = a.get("name", "")
        if tag == "input" and name and a.get("type") not in ("submit", "button"):
            if a.get("type") in ("checkbox", "radio") and "checked" not in a:
                return
            if a.get("type") != "file":
                self._form.data.setdefault(name, []).append(a.get("value", "on"))
        elif tag == "select":
            self._select, self._select_any = name, False
        elif tag == "option" and self._select:
            values = self._form.data.setdefault(self._select, [])
            if "selected" in a:
                if not self._select_any:
                    values.clear()
                values.append(a.get("value", ""))
                self._select_any = True
            elif not values and not self._select_any:
                values.append(a.get("value", ""))
        elif tag == "textarea" and name:
            self._textarea = name
            self._form.data[name] = [""]

    def handle_endtag(self, tag: str) -> None:
        while self._stack and self._stack.pop() != tag:
            pass
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            if self._textarea and self._form:
                # Like a browser: the newline behind the opening tag is not part of the text.
                value = self._form.data[self._textarea][0].replace("\r\n", "\n")
                self._form.data[self._textarea] = [value.removeprefix("\n")]
            self._textarea = None
        elif tag == "label":
            self._in_label -= 1

    def handle_data(self, data: str) -> None:
        if self._textarea and self._form:
            self._form.data[self._textarea][0] += data
        if "title" in self._stack and "svg" not in self._stack:
            self.title += data
        if not {"script", "style", "title"} & set(self._stack):
            self.text.append(data)


def forms_of(html: str) -> list[Form]:
    """The forms of a page, as a browser would send them untouched."""
    parser = _Outline()
    parser.feed(html)
    return parser.forms


class Page:
    """An answer. `text` is the readable text, white space folded."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.location = response.headers.get("Location")
        self.html = response.get_data(as_text=True) if (response.mimetype or "").startswith("text") else ""

    @property
    def sent(self) -> str:
        """All that was sent, also of what is no text."""
        return self.response.get_data().decode("utf-8", "replace")

    @property
    def is_html(self) -> bool:
        return self.response.mimetype == "text/html" and self.location is None

    @cached_property
    def outline(self) -> _Outline:
        parser = _Outline()
        parser.feed(self.html)
        return parser

    @cached_property
    def text(self) -> str:
        return " ".join("".join(self.outline.text).split())

    @property
    def title(self) -> str:
        return " ".join(self.outline.title.split())

    @property
    def forms(self) -> list[Form]:
        """The page's POST forms without the header's sign-out."""
        return [form for form in self.outline.forms if form.method == "post" and form.action != "/logout"]

    @property
    def links(self) -> list[str]:
        return self.outline.links


def check_page(page: Page) -> None:
    """What holds of every HTML page: one h1, a title, unique ids, labelled controls, forms with an action."""
    if not page.is_html:
        return
    outline = page.outline
    assert outline.h1 == 1, f"{outline.h1} h1 on {page.title!r}"
    assert page.title, "a page without a title"
    doubled = {name for name in outline.ids if outline.ids.count(name) > 1}
    assert not doubled, f"ids that stand twice on {page.title!r}: {doubled}"
    assert not outline.inline, f"inline script or style on {page.title!r}: {outline.inline}"
    for control in outline.controls:
        if control.get("type") in ("hidden", "submit", "button"):
            continue
        named = control["in_label"] or control.get("id") in outline.label_for or "aria-label" in control
        assert named or "aria-labelledby" in control, (
            f"a control without a label on {page.title!r}: {control}"
        )
    for form in outline.forms:
        assert form.action, f"a form without an action on {page.title!r}"
        if form.method == "post":
            assert "csrf_token" in form.data, f"a POST form without a token on {page.title!r}: {form.action}"
