"""The short form of `python -m stress.hostile_run`: whatever is sent, by whoever, no answer is an error of ours."""

from flask import Flask
from sqlalchemy.orm import Session

from stress.hostile_run import attack


def test_nothing_that_is_sent_breaks_anything(app: Flask, session: Session) -> None:
    report = attack(app, session, 800, seed=20261123)
    assert report.problems == []
    # It got through to the forms and pages, and was not stopped at the door each time.
    assert {200, 303, 400, 403, 404, 422} <= set(report.answers)
    assert report.answers[200] > 40
    assert report.answers[422] > 40
