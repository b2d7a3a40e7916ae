"""The access matrix: for each route and method, what it is about, who gets in at the door, and who may go on.

Written down by hand from the product's rules and the documents, not from the program: the program is held against it.
"""

from dataclasses import dataclass

from tests.support.stage import ROLES

ANSWERS, FORBIDDEN, MISSING, SIGN_IN = "answers", "403", "404", "sign in"
GONE = "410"
PUBLIC, READING = "public", "reading"
RANKS = ("reader", "contributor", "facilitator", "admin")
INSIDERS = {"filer", "lead", "participant", "owner", "member", "admin"}
SIGNED_OUT = {"anonymous", "deactivated"}


@dataclass(frozen=True)
class Cell:
    """One route and method. `door` is public, reading or the least role; `about` a kind of thing; `may` a rule below.

    `instead` is what everybody who gets in is answered where the stage has nothing for the route, `signed_in` where
    those who are signed in are answered something else.
    """

    door: str
    about: str = ""
    may: str = ""
    instead: str = ""
    signed_in: str = ""


def _both(door: str, about: str = "", may: str = "") -> dict[str, Cell]:
    return {"GET": Cell(door, about, may), "POST": Cell(door, about, may)}


def _get(door: str, about: str = "", may: str = "", instead: str = "") -> dict[str, Cell]:
    return {"GET": Cell(door, about, may, instead)}


def _post(door: str, about: str = "", may: str = "", instead: str = "") -> dict[str, Cell]:
    return {"POST": Cell(door, about, may, instead)}


_RECEIVER_BUTTONS = ("rotate", "test_call", "switch_on", "switch_off", "replay", "delete")
SEVERAL = {
    # Signing in, and what stands before it.
    "sign_in.login": {"GET": Cell(PUBLIC), "POST": Cell(PUBLIC)},
    "sign_in.logout": _post(PUBLIC, instead=SIGN_IN),
    "sign_in.password": {
        "GET": Cell(PUBLIC, instead=MISSING),
        "POST": Cell(PUBLIC, instead=MISSING),
    },
    "sign_in.set_up": {"GET": Cell(PUBLIC, instead=MISSING), "POST": Cell(PUBLIC, instead=MISSING)},
    "code.login_code": {
        "GET": Cell(PUBLIC, instead=SIGN_IN, signed_in=ANSWERS),
        "POST": Cell(PUBLIC, instead=SIGN_IN, signed_in=ANSWERS),
    },
    "reset.forgot": _both(PUBLIC),
    "reset.sent": _get(PUBLIC),
    "oidc.start": _post(PUBLIC, instead=MISSING),
    "oidc.callback": _get(PUBLIC, instead=MISSING),
    "proxy.start": _post(PUBLIC, instead=MISSING),
    "site.health": _get(PUBLIC),
    "site.ready": _get(PUBLIC),
    # One's own.
    "me.start": _get("reader"),
    "me.profile": _both("reader"),
    "me.password": _both("reader"),
    "me.sessions": _get("reader"),
    "me.end_session": _post("reader", "sign-in"),
    "me.end_other_sessions": _post("reader"),
    "confirmation.confirm": _both("reader"),
    "confirmation.sign_in_again": _post("reader", instead=SIGN_IN),
    "second_factor.show": _get("reader"),
    "second_factor.begin": _post("reader"),
    "second_factor.qr_code": _get("reader", instead=MISSING),
    "second_factor.switch_on": _post("reader"),
    "second_factor.recovery_codes": _post("reader"),
    "second_factor.switch_off": _post("reader"),
    # What one is told; whatever is followed here is for everybody, but for tags, which their own tests look at.
    "notifications.choose": _both("reader"),
    "notifications.follow": _post("reader"),
    "notifications.unfollow": _post("reader"),
    # Whoever has a mail's link: the stage has none.
    "unsubscribing.unsubscribe": {
        "GET": Cell(PUBLIC, instead=MISSING),
        "POST": Cell(PUBLIC, instead=MISSING),
    },
    # The directory.
    "people.index": _get("reader"),
    "people.show": _get("reader", "person"),
    "people.new": _both("admin"),
    "people.edit": _both("admin", "person"),
    "people.deactivate": _post("admin", "person"),
    "people.reactivate": _post("admin", "person"),
    "people.link": _post("admin", "person"),
    "people.mail_link": _post("admin", "person"),
    "people_access.end_sessions": _post("admin", "person"),
    "people_access.reset_second_factor": _post("admin", "person"),
    "oidc.unlink": _post("admin", "person"),
    "merging.choose": _get("admin", "person"),
    "merging.merge": _both("admin", "person"),
    "anonymising.anonymise": _both("admin", "person"),
    "teams.index": _get("reader"),
    "teams.show": _get("reader", "team"),
    "teams.new": _both("admin"),
    "teams.edit": _both("admin", "team"),
    "services.index": _get("reader"),
    "services.show": _get("reader", "service"),
    "services.new": _both("admin"),
    "services.edit": _both("admin", "service"),
    # Incidents and what hangs on them.
    "incidents.index": _get("reader"),
    "incidents.new": _both("contributor"),
    "incidents.show": _get("reader", "incident"),
    "incidents.edit": _both("reader", "incident", "contributes"),
    # Sent twice, the second says so again; so the form finds what its sender deleted.
    "incident_deletion.delete": {
        "GET": Cell("contributor", "incident", "answers for it"),
        "POST": Cell("contributor", "incident to bring back", "answers for it"),
    },
    "incident_deletion.restore": _post("contributor", "incident to bring back"),
    "timeline.new_event": _both("contributor", "incident"),
    # A form that was open while somebody deleted the thing gets its text back, and may bring the thing back with it.
    "timeline.edit_event": {
        "GET": Cell("contributor", "event"),
        "POST": Cell("contributor", "event, also gone"),
    },
    "timeline.delete_event": _post("contributor", "event, also gone"),
    "timeline.restore_event": _post("contributor", "event, also gone"),
    "timeline.new_factor": _both("contributor", "incident"),
    "timeline.edit_factor": {
        "GET": Cell("contributor", "factor"),
        "POST": Cell("contributor", "factor, also gone"),
    },
    "timeline.delete_factor": _post("contributor", "factor, also gone"),
    "timeline.restore_factor": _post("contributor", "factor, also gone"),
    "actions.index": _get("reader"),
    "actions.new": _both("reader", "incident", "contributes"),
    "actions.show": _get("reader", "action"),
    "actions.edit": {
        "GET": Cell("reader", "action", "contributes or owns"),
        "POST": Cell("reader", "action, also gone", "contributes or owns"),
    },
    "actions.delete": _post("reader", "action, also gone", "contributes or owns"),
    "actions.restore": _post("reader", "action, also gone", "contributes or owns"),
    # Readers may say something, too; only who wrote it may put it otherwise.
    "action_comments.add": _post("reader", "action"),
    "action_comments.edit": {
        "GET": Cell("reader", "comment", "wrote it"),
        "POST": Cell("reader", "comment, also gone", "wrote it"),
    },
    "action_comments.delete": _post("reader", "comment, also gone", "wrote it or facilitates"),
    "action_comments.restore": _post("reader", "comment, also gone", "wrote it or facilitates"),
    "actions_around.add_link": _post("reader", "action", "contributes or owns"),
    "actions_around.remove_link": _post("reader", "action", "contributes or owns"),
    "actions_around.restore_link": _post("reader", "action", "contributes or owns"),
    "actions_around.hint": _post("reader"),
    "actions_around.watch": _post("reader", "action"),
    "actions_around.unwatch": _post("reader", "action"),
    "verification.verify": _both("reader", "action", "contributes or owns"),
    "action_merging.merge": _both("reader", "action", "contributes or owns"),
    "action_merging.unmerge": _post("reader", "action", "contributes or owns"),
    "pile.leavers": {"GET": Cell("reader"), "POST": Cell("contributor")},
    "ideas.add": _both("contributor", "incident"),
    "ideas.edit": {
        "GET": Cell("contributor", "idea"),
        "POST": Cell("contributor", "idea, also gone"),
    },
    "ideas.delete": _post("contributor", "idea, also gone"),
    "ideas.restore": _post("contributor", "idea, also gone"),
    "ideas.promote": _both("contributor", "idea"),
    "none_needed.say": _both("contributor", "incident"),
    "none_needed.take_back": _post("contributor", "incident"),
    "none_needed.missing": _get("reader"),
    "actions_bulk.change": _post("reader"),
    "actions_export.as_csv": _get("reader"),
    "pictures.index": _get("reader"),
    "pictures.as_csv": _get("reader"),
    "calendar.index": _both("reader"),
    # Somebody else's is not there, for admins neither.
    "calendar.revoke": _post("reader", instead=MISSING),
    "calendar.feed": _get(PUBLIC, instead=MISSING),
    "saved_views.new": _both("reader"),
    "saved_views.show": _get("reader", "view"),
    "saved_views.edit": _both("reader", "view", "saved it"),
    "saved_views.delete": _post("reader", "view", "saved it"),
    "action_reviews.index": {"GET": Cell("reader"), "POST": Cell("facilitator")},
    "meeting.show": _get("reader", "action review"),
    "meeting.state": _get("reader", "action review"),
    # What is sent to them says about which action, and is refused without (422).
    "meeting.decide": _post("reader", "action review"),
    "meeting_comments.comment": _post("reader", "action review"),
    "meeting.undo": _post("reader", "action review", "contributes or owns"),
    "running.here": _post("reader", "action review"),
    "running.pause": _post("facilitator", "action review"),
    "running.resume": _post("facilitator", "action review"),
    "running.end": _post("facilitator", "action review"),
    "running.notes": {
        "GET": Cell("reader", "action review"),
        "POST": Cell("contributor", "action review"),
    },
    "minutes.show": _get("reader", "action review"),
    "minutes.as_markdown": _get("reader", "action review"),
    "minutes.as_writeup": _post("contributor", "action review"),
    # Images, each seen with what it belongs to.
    "images.show": _get(READING, "image"),
    "images.of_writeup": _both("contributor", "writeup", "works on it"),
    "images.of_event": _both("reader", "event", "contributes"),
    **{f"images.{each}": _post("reader", "image", "changes it") for each in ("edit", "delete", "restore")},
    # Write-ups and the blog.
    "blog.front_page": _get(READING),
    "blog.index": _get(READING),
    "blog.archive": _get(READING),
    # Whoever could read what was withdrawn is told that it was.
    "blog.show": _get(READING, "writeup, also withdrawn"),
    "blog.history": _get(READING, "writeup"),
    "markdown.show": _get(READING, "writeup, published"),
    "feeds.everything": _get(READING),
    "feeds.archive": _get(READING),
    "feeds.tag": _get(READING),
    "feeds.team": _get(READING),
    "feeds.service": _get(READING),
    "feeds.author": _get(READING),
    "feed_links.index": _both("reader"),
    # Somebody else's is not there, for admins neither.
    "feed_links.revoke": _post("reader", instead=MISSING),
    "feed_links.feed": _get(PUBLIC, instead=MISSING),
    "authors.index": _get(READING),
    "authors.show": _get(READING),
    "tags.index": _get(READING),
    "tags.show": _get(READING),
    "writeups.new": _both("contributor"),
    "writeups.preview": _post("contributor"),
    "language.look": _post("contributor"),
    "language.show": _get("contributor", "writeup", "works on it"),
    "language.keep": _post("contributor", "writeup", "works on it"),
    "language.unkeep": _post("contributor", "writeup", "works on it"),
    "writeups.edit": _both("contributor", "writeup", "works on it"),
    "desk.autosave": _post("contributor", "writeup", "works on it"),
    "desk.unsaved": _get("contributor", "writeup", "works on it", instead=MISSING),
    "desk.discard": _post("contributor", "writeup", "works on it"),
    "desk.lookup": _get("contributor", "writeup", "works on it"),
    "publishing.publish": _both("contributor", "writeup", "works on it"),
    "naming.choose": _post("contributor", "writeup", "works on it"),
    "naming.consent": _both("reader", "writeup"),
    "series.place": _both("contributor", "writeup", "works on it"),
    "months.index": _get(READING),
    "newsletter.show": _get("reader"),
    "newsletter.number": _get("reader", instead=MISSING),
    "months.choose": _both("facilitator", "writeup"),
    "months.take_back": _post("facilitator"),
    "publishing.take_back": _post("contributor", "writeup", "works on it"),
    "publishing.withdraw": _both("contributor", "writeup", "works on it"),
    "writeup_deletion.delete": {
        "GET": Cell("contributor", "writeup", "works on it"),
        "POST": Cell("contributor", "writeup to bring back", "works or worked on it"),
    },
    "writeup_deletion.restore": _post("contributor", "writeup to bring back"),
    # Reviews, of the working copy: there for those who work on it and those who are asked.
    "reviews.show": _get("reader", "working copy"),
    **{
        f"reviews.{each}": _post("reader", "working copy", "works on it")
        for each in ("ask", "facilitator", "skip", "ask_again")
    },
    "reviews.verdict": _post("reader", "working copy"),
    "review_checklist.show": _both("reader", "working copy"),
    "review_meeting.plan": _both("reader", "working copy", "works on it"),
    "review_meeting.cancel": _post("reader", "working copy", "works on it"),
    "review_survey.show": _both("reader", "working copy"),
    "review_meeting.as_calendar": _get("reader", "working copy"),
    "reviews.take_back": _post("reader", "review request", "works on it"),
    "review_comments.add": _post("reader", "working copy"),
    **{
        f"review_comments.{each}": _post("reader", "review comment")
        for each in ("answer", "resolve", "reopen")
    },
    "review_comments.apply": _post("reader", "review comment", "works on it"),
    "review_comments.decline": _post("reader", "review comment", "suggested it or works on it"),
    "review_comments.delete": _post("reader", "review comment", "said it or facilitates"),
    "review_comments.restore": _post("reader", "review comment", "said it or facilitates"),
    # What readers give back: under what is published, for who is signed in.
    "readers.helped": _post("reader", "writeup, published", "did not write it"),
    "readers.visit": _post("reader", "writeup, published"),
    "citations.used": _both("reader", "writeup, published"),
    "citations.edit": _both("reader", "citation", "cited it or wrote it"),
    "citations.delete": _post("reader", "citation, also gone", "cited it or wrote it"),
    "citations.restore": _post("reader", "citation, also gone", "cited it or wrote it"),
    "reader_questions.index": _both("reader", "writeup, published"),
    "reader_questions.answer": _post("reader", "reader's question"),
    **{
        f"reader_questions.{each}": _post("reader", "reader's question", "asked it or works on it")
        for each in ("close", "reopen")
    },
    **{
        f"reader_questions.edit_{what}": {
            "GET": Cell("reader", f"reader's {what}", "said it"),
            "POST": Cell("reader", f"reader's {what}, also gone", "said it"),
        }
        for what in ("question", "answer")
    },
    **{
        f"reader_questions.{act}_{what}": _post(
            "reader", f"reader's {what}, also gone", "said it or facilitates"
        )
        for what in ("question", "answer")
        for act in ("delete", "restore")
    },
    "open_questions.index": _get(READING),
    "open_questions.settle": _both("reader", "open question", "works on it"),
    "open_questions.reopen": _post("reader", "open question", "works on it"),
    # Asking for access, and administration.
    "access_requests.ask": _both("reader"),
    "access_requests.answer": _get("reader", "request"),
    "access_requests.grant": _post("reader", "request"),
    "access_requests.decline": _post("reader", "request"),
    "access_requests.index": _get("admin"),
    "permissions.index": _get("admin"),
    "policy.index": _both("admin"),
    "policy.reset": _post("admin"),
    "review_policy.index": _both("admin"),
    "review_policy.reset": _post("admin"),
    "templates.index": _get("admin"),
    "templates.new": _both("admin"),
    "templates.edit": _get("admin", instead=MISSING) | _post("admin", instead=MISSING),
    "templates.move": _post("admin", instead=MISSING),
    "templates.off": _post("admin", instead=MISSING),
    "templates.on": _post("admin", instead=MISSING),
    "templates.reset": _post("admin", instead=MISSING),
    "language_settings.index": _both("admin"),
    "language_settings.reset": _post("admin"),
    "restrictions.index": _both("admin"),
    "restrictions.remove": _post("admin", instead=MISSING),
    "restrictions.restore": _post("admin", instead=MISSING),
    "settings.index": _get("admin"),
    # A receiver of the site is none of somebody's own, and nobody else's own one is there for an admin either.
    "receivers.index": _get("admin"),
    "receivers.show": _get("admin", "receiver"),
    "receivers.new": _both("admin"),
    "receivers.edit": _both("admin", "receiver"),
    **{f"receivers.{each}": _post("admin", "receiver") for each in _RECEIVER_BUTTONS},
    "own_receivers.index": _get("reader"),
    "own_receivers.show": _get("reader", "receiver, one's own"),
    "own_receivers.new": _both("reader"),
    "own_receivers.edit": _both("reader", "receiver, one's own"),
    **{f"own_receivers.{each}": _post("reader", "receiver, one's own") for each in _RECEIVER_BUTTONS},
    "history.index": _get("admin"),
    "history.as_csv": _get("admin"),
    "history.as_json": _get("admin"),
    "deliveries.index": _get("admin"),
    "deliveries.again": _post("admin", instead=MISSING),
    "deliveries.all_again": _post("admin"),
    "deliveries.test_mail": _post("admin"),
    "trash.index": _get("admin"),
    # What is not in the trash any more was brought back already, and the page says so.
    "trash.restore": _post("admin"),
    "destroying.destroy": _both("admin", "trashed incident"),
}


def expected(who: str, cell: Cell, state: str) -> str:
    """What this person is answered for a thing in this state; `missing` is one that is not there."""
    if cell.door == PUBLIC:
        return (cell.signed_in if who not in SIGNED_OUT else "") or cell.instead or ANSWERS
    if who in SIGNED_OUT and cell.door != READING:
        return SIGN_IN
    if cell.door != READING and rank(who) < RANKS.index(cell.door):
        return FORBIDDEN
    if cell.about and not sees(who, cell.about, state):
        return GONE if cell.about == "writeup, also withdrawn" and _could_read(who, state) else MISSING
    if cell.may and not _MAY[cell.may](who, state):
        return FORBIDDEN
    return cell.instead or ANSWERS


def rank(who: str) -> int:
    return RANKS.index(ROLES[who]) if who not in SIGNED_OUT else -1


def sees(who: str, about: str, state: str) -> bool:
    """Whether the thing exists for this person, by PRODUCT's rules."""
    if state == "missing":
        return False
    return _SEES[about](who, state)


def _incident(who: str, state: str) -> bool:
    return who not in SIGNED_OUT and (state == "open" or (state == "restricted" and who in INSIDERS))


def _part(who: str, state: str) -> bool:
    return not state.startswith("gone") and _incident(who, state)


def _also_gone(who: str, state: str) -> bool:
    return _incident(who, state.removeprefix("gone from "))


def _to_bring_back(who: str, state: str) -> bool:
    """Admins, and whoever deleted it: the filer. What is not deleted is there for whoever sees it, and stays."""
    return who in ("filer", "admin") if state.startswith("deleted") else _incident(who, state)


def _working_copy(who: str, state: str) -> bool:
    """Whoever works on it, and who is asked to review it: but of neither who does not see its incident."""
    kind, about = state.split(" about ")
    is_asked = who == "reviewer" and kind != "deleted" and (about == "nothing" or _incident(who, about))
    return is_asked or _works_on(who, state)


def _works_on(who: str, state: str) -> bool:
    state, about = state.split(" about ")
    is_theirs = who in ("filer", "facilitator", "admin")
    return state != "deleted" and is_theirs and (about == "nothing" or _incident(who, about))


def _writeup(who: str, state: str) -> bool:
    kind = state.split(" about ")[0]
    if who in SIGNED_OUT:
        return kind == "public"
    return kind in ("published", "public") or _working_copy(who, state)


def _published(who: str, state: str) -> bool:
    kind = state.split(" about ")[0]
    return kind == "public" or (kind == "published" and who not in SIGNED_OUT)


def _citation(who: str, state: str) -> bool:
    """Of what is published, for who is signed in."""
    return who not in SIGNED_OUT and state.split(" about ")[0] in ("published", "public")


def _asked_of_readers(who: str, state: str) -> bool:
    """Under what is published, for who is signed in; not what was deleted."""
    return who not in SIGNED_OUT and not state.startswith("gone") and _published(who, state)


def _could_read(who: str, state: str) -> bool:
    """All that was withdrawn was for those who sign in; of what is restricted or deleted by now nothing is said."""
    return who not in SIGNED_OUT and state in ("withdrawn about nothing", "withdrawn about open")


def _writeup_to_bring_back(who: str, state: str) -> bool:
    kind, about = state.split(" about ")
    if kind != "deleted":
        return _writeup(who, state)
    # To admins the trash shows everything; its maker sees it again only where its incident is there for them.
    return who == "admin" or (who == "filer" and (about == "nothing" or _incident(who, about)))


def _image(who: str, state: str) -> bool:
    if state.startswith("event of "):
        return _part(who, state.removeprefix("event of "))
    return _writeup(who, state)


def _changes_image(who: str, state: str) -> bool:
    return rank(who) >= 1 if state.startswith("event of ") else _works_on(who, state)


def _own(who: str, state: str) -> bool:
    return state == who


def _everybody(_who: str, _state: str) -> bool:
    return True


_SEES = {
    "incident": _incident,
    "incident to bring back": _to_bring_back,
    "trashed incident": lambda who, state: who == "admin" and state.startswith("deleted"),
    "action": _part,
    "event": _part,
    "factor": _part,
    "idea": _part,
    "image": _image,
    "action, also gone": _also_gone,
    "comment": _part,
    "comment, also gone": _also_gone,
    "idea, also gone": _also_gone,
    "event, also gone": _also_gone,
    "factor, also gone": _also_gone,
    "writeup": _writeup,
    "writeup, also withdrawn": _writeup,
    "writeup, published": _published,
    "working copy": _working_copy,
    "review request": _working_copy,
    "review comment": _working_copy,
    "citation": _citation,
    "citation, also gone": lambda who, state: _citation(who, state.removeprefix("gone from ")),
    **dict.fromkeys(("reader's question", "reader's answer", "open question"), _asked_of_readers),
    **{
        f"reader's {what}, also gone": lambda who, state: _asked_of_readers(
            who, state.removeprefix("gone from ")
        )
        for what in ("question", "answer")
    },
    "writeup to bring back": _writeup_to_bring_back,
    # Answered by admins, and by whoever filed or leads the incident: they see it anyway.
    "request": lambda who, _state: who in ("admin", "filer", "lead"),
    "sign-in": _own,
    "receiver": lambda _who, state: state == "site",
    "receiver, one's own": _own,
    "view": lambda who, state: who == "filer" or state == "shared",
    "person": _everybody,
    "action review": _everybody,
    "team": _everybody,
    "service": _everybody,
}
_MAY = {
    "contributes": lambda who, _state: rank(who) >= 1,
    "contributes or owns": lambda who, state: rank(who) >= 1 or (who == "owner" and "gone" not in state),
    "wrote it": lambda who, _state: who == "owner",
    "wrote it or facilitates": lambda who, _state: who == "owner" or rank(who) >= 2,
    "answers for it": lambda who, _state: who in ("filer", "lead", "facilitator", "admin"),
    "saved it": lambda who, _state: who in ("filer", "admin"),
    "works on it": _works_on,
    "suggested it or works on it": lambda who, state: who == "reviewer" or _works_on(who, state),
    "did not write it": lambda who, _state: who != "filer",
    "cited it or wrote it": lambda who, _state: who in ("reviewer", "filer") or rank(who) >= 2,
    "said it": lambda who, _state: who == "reviewer",
    "asked it or works on it": lambda who, state: who == "reviewer" or _works_on(who, state),
    "said it or facilitates": lambda who, _state: who == "reviewer" or rank(who) >= 2,
    "changes it": _changes_image,
    "works or worked on it": lambda who, state: state.startswith("deleted") or _works_on(who, state),
}
