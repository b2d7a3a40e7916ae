"""Pictures of what becomes of actions, by team and kind; each with its numbers as a table and as CSV."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.actions import pictures, queries_pictures
from postmortem.actions.enums import ACTION_KIND_LABELS
from postmortem.actions.forms_pictures import PicturesForm
from postmortem.actions.pictures import Picture
from postmortem.errors import NotVisible, Refused
from postmortem.text.csv import csv_line
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.kept import remembered
from postmortem.web.request import db_session

blueprint = Blueprint("pictures", __name__, url_prefix="/actions/pictures")
# Months to look back on, beside the usual twelve.
PERIODS = (("3", "3 months"), ("36", "3 years"))


@dataclass(frozen=True)
class _Asked:
    form: PicturesForm
    is_valid: bool

    @property
    def filters(self) -> dict[str, str]:
        return {field.name: field.data for field in self.form if field.data}


@blueprint.get("")
@access.signed_in
def index() -> ResponseReturnValue:
    session = db_session()
    asked = _asked(session)
    chosen = {
        name: dict(_choices(asked.form[name])).get(value, value) for name, value in asked.filters.items()
    }
    page = render_template(
        "actions/pictures.html",
        form=asked.form,
        is_valid=asked.is_valid,
        pictures=_pictures(session, asked) if asked.is_valid else (),
        filters=[
            {
                "label": label,
                "remove_url": _address({key: value for key, value in asked.filters.items() if key != name}),
            }
            for name, label in chosen.items()
        ],
        csv_filters=asked.filters,
    )
    return page, 200 if asked.is_valid else 422


@blueprint.get("/<key>.csv")
@access.signed_in
def as_csv(key: str) -> ResponseReturnValue:
    """The numbers of one picture, for the same filters."""
    session = db_session()
    asked = _asked(session)
    if not asked.is_valid:
        raise Refused(
            "This address asks for a team, a kind or a period that is not here. Start from the pictures."
        )
    table = next((each.table for each in _pictures(session, asked) if each.key == key), None)
    if table is None:
        raise NotVisible
    lines = [csv_line(table.headings), *map(csv_line, table.rows)]
    headers = {"Content-Disposition": f'attachment; filename="actions-{key}.csv"'}
    return Response("".join(lines), content_type="text/csv; charset=utf-8", headers=headers)


def _asked(session: Session) -> _Asked:
    form = PicturesForm(request.args)
    form.team.offer([("none", "No team"), *queries_pictures.teams(session)])
    form.kind.offer((key.value, label) for key, label in ACTION_KIND_LABELS.items())
    form.months.offer(PERIODS)
    return _Asked(form, bool(form.validate()))


def _pictures(session: Session, asked: _Asked) -> list[Picture]:
    # Ages hold for the hour, so that what was summed up can be kept as long as nobody writes.
    person, today = current_person(), clock.today()
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    narrowed = {"team": asked.form.team.data or "", "kind": asked.form.kind.data or ""}
    months = pictures.months_until(today, int(asked.form.months.data or pictures.MONTHS))
    found = remembered(
        session,
        ("pictures of actions", person.id, hour, *months, *narrowed.values()),
        lambda: queries_pictures.sums(
            session,
            person,
            born_after=pictures.born_after(hour),
            redatings=len(pictures.REDATED_STEPS) - 1,
            today=today,
            months=months,
            **narrowed,
        ),
    )
    return [
        pictures.created_against_closed(months, found),
        pictures.age_of_open(found),
        pictures.done_in_time(found),
        pictures.redated(found),
        pictures.redated_by_group(found),
    ]


def _choices(field: Any) -> list[tuple[str, str]]:
    return [(str(choice.value), str(choice.label)) for choice in field.choices]


def _address(filters: dict[str, str]) -> str:
    return f"{url_for('pictures.index')}{'?' if filters else ''}{urlencode(filters)}"
