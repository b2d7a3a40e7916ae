"""What the server does for texts that a browser keeps while they are typed (static/drafts.js).

The browser keeps them under a key that stands for the person and says nothing about them, and sends a random
name of the kept text with the form. When the form has done its work, the answer names it in a cookie: only
then is it thrown away. A refused form, a broken connection or an expired sign-in names nothing.
"""

import hashlib
import hmac
import re

from flask import Flask, Response, request

from postmortem.web.access import current_person

FIELD = "draft_id"
COOKIE = "postmortem-saved"
COOKIE_SECONDS = 600
_NAME = re.compile(r"[a-z0-9]{8,32}", re.ASCII)


def init_app(app: Flask) -> None:
    """Give pages the person's key, and answers the name of what was saved."""
    secret = str(app.config["SECRET_KEY"]).encode()

    def draft_key() -> str:
        """Of whoever is signed in; empty for nobody."""
        person = current_person()
        if person is None:
            return ""
        return hmac.new(secret, f"drafts of person {person.id}".encode(), hashlib.sha256).hexdigest()[:24]

    app.jinja_env.globals["draft_key"] = draft_key

    @app.after_request
    def name_what_is_saved(response: Response) -> Response:
        if request.method == "POST" and response.status_code == 303 and FIELD in request.form:
            name = request.form[FIELD]
            # Signed out meanwhile: the redirect leads to the sign-in, and nothing was saved.
            if _NAME.fullmatch(name) and current_person() is not None:
                response.set_cookie(
                    COOKIE,
                    name,
                    max_age=COOKIE_SECONDS,
                    secure=app.config["SESSION_COOKIE_SECURE"],
                    samesite="Lax",
                )
        return response
