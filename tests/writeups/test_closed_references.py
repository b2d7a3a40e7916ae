"""Before publishing: what the text names that not all readers may see, without saying what there is."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.operations import delete_action
from postmortem.history.operations import CLI
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
WARNED = "which not all readers may see"


def test_what_is_closed_deleted_or_nothing_is_named_alike(
    session: Session, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    opened = make_incident(session, author)
    closed = make_incident(session, author, "Xylophone", restricted=True)
    there, gone = make_action(session, opened, "Add an alarm"), make_action(session, opened, "Long gone")
    hidden = make_action(session, closed, "Xylophone too")
    delete_action(session, gone, actor=CLI)
    session.commit()
    body = f"- {hidden.reference} **it**, [{closed.reference}](/x) `{gone.reference}` INC-4711\n"
    body += f"- {opened.reference}, {there.reference}\n"
    make_writeup(session, outsider, "Names", body=body, tldr=f"As in {closed.reference}.")
    text = sign_in(outsider).get("/writeups/names/publish").text
    assert (
        f"Names {closed.reference}, INC-4711, {gone.reference} and {hidden.reference}, {WARNED}. "
        "What the text says of them" in text
    )
    assert "Xylophone" not in text


def test_what_is_open_or_has_its_own_warning_is_not(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    opened = make_incident(session, author)
    closed = make_incident(session, author, "Restricted", restricted=True)
    action = make_action(session, closed, "Add an alarm")
    body = f"{opened.reference} and {closed.reference} and {action.reference}, RFC-1 and XINC-7."
    writeup = make_writeup(session, author, "Names", body=body, incidents=[closed])
    text = sign_in(author).get(f"/writeups/{writeup.slug}/publish").text
    assert "which is restricted" in text and WARNED not in text
    make_writeup(session, author, "One", body="See INC-999.")
    assert (
        f"Names INC-999, {WARNED}. What the text says of it,"
        in sign_in(author).get("/writeups/one/publish").text
    )


def test_many_are_counted(session: Session, author: Person, sign_in: SignIn) -> None:
    body = " ".join(f"INC-{number}" for number in range(1000, 1030))
    make_writeup(session, author, "Many", body=f"{body} INC-99999999999999 ACT-4294967296")
    text = sign_in(author).get("/writeups/many/publish").text
    assert "INC-1018, INC-1019 and 10 more, which" in text


def test_titles_of_what_was_restricted_since_are_told_to_whoever_sees_it_and_nobody_else(
    session: Session, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    closed = make_incident(session, author, "Payroll was sent: to everybody", restricted=True)
    make_incident(session, author, "Payroll was sent to", restricted=True)
    make_incident(session, author, "Outage", restricted=True)
    make_incident(session, author, "Open and quoted, too")
    body = "## Minutes\n\n- **Payroll was *sent*: to\n  everybody**: moved. Outage. Open and quoted, too."
    for person in (author, outsider):
        make_writeup(session, person, f"Minutes of {person.id}", body=body)
    page = sign_in(author).get(f"/writeups/minutes-of-{author.id}/publish").text
    assert "titles of incidents that are restricted by now" in page
    told = page[page.index("restricted by now") :]
    assert f"{closed.reference} Payroll was sent: to everybody" in told
    assert "INC-3 Outage" not in page and "INC-4 Open" not in page
    page = sign_in(outsider).get(f"/writeups/minutes-of-{outsider.id}/publish").text
    assert "restricted by now" not in page
    assert closed.reference not in page
    # What it is about has a warning of its own.
    make_writeup(session, author, "About it", body=body, incidents=[closed])
    assert f"{closed.reference} Payroll" not in sign_in(author).get("/writeups/about-it/publish").text
