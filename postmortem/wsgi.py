"""The application for a WSGI server: `postmortem serve` starts it, and any other server can."""

from postmortem.app import create_app

app = create_app()
