"""A browser for tests: keeps cookies, sends the CSRF token, and checks every page it is shown."""

from io import BytesIO
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortem.accounts.enums import SignInMethod
from postmortem.accounts.models import Person
from tests.support.pages import Page, check_page

PASSWORD = "a good long password"


def with_files(fields: dict[str, Any]) -> dict[str, Any]:
    """The same with each value that is bytes as a file."""
    files = {name: (BytesIO(value), "sent") for name, value in fields.items() if isinstance(value, bytes)}
    return {**fields, **files}


class Browser:
    """Like a person's browser. `get` and `post` return a `Page`; forms are posted with their CSRF token."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, **kwargs: Any) -> Page:
        return self._page(self.client.get(path, **kwargs))

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, follow: bool = False, **kwargs: Any
    ) -> Page:
        """Post a form. A CSRF token is added; values may be lists for repeated fields, and bytes for files."""
        fields = {"csrf_token": self.csrf_token(), **(data or {})}
        fields = with_files(fields)
        return self._page(self.client.post(path, data=fields, follow_redirects=follow, **kwargs))

    def submit(
        self, path: str, changes: dict[str, Any] | None = None, *, form: int = -1, follow: bool = False
    ) -> Page:
        """Open a page, fill in one of its forms (default: the last) and send it as a browser would."""
        page = self.get(path)
        found = page.forms[form]
        data = {**found.data, **(changes or {})}
        return self._page(self.client.post(found.action or path, data=data, follow_redirects=follow))

    def csrf_token(self) -> str:
        """A token that is valid in this browser's session."""
        from flask_wtf.csrf import generate_csrf

        with self.app.test_request_context(), self.client.session_transaction() as stored:
            from flask import session

            if "csrf_token" in stored:
                session["csrf_token"] = stored["csrf_token"]
            token: str = generate_csrf()
            stored["csrf_token"] = session["csrf_token"]
        return token

    def sign_in(self, person: Person) -> None:
        """Sign in without the form: a session row and its cookie, as the form makes them."""
        from postmortem.accounts.operations_sign_in import start_session

        with self.app.extensions["database"].session(writes=True) as session:
            token = start_session(session, person, method=SignInMethod.PASSWORD)
            session.commit()
        with self.client.session_transaction() as stored:
            stored["_user_id"] = token
            stored["_fresh"] = True

    def _page(self, response: TestResponse) -> Page:
        page = Page(response)
        check_page(page)
        return page
