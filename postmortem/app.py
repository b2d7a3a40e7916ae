"""Puts the application together, in numbered steps."""

import logging
from importlib import import_module

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session

# Tables name each other in foreign keys; all of them must be known before the first write.
import postmortem.models  # noqa: F401
from postmortem import schema
from postmortem.accounts import rules as accounts_rules
from postmortem.accounts import sign_in
from postmortem.accounts.models import Person
from postmortem.config import Config, load_config
from postmortem.db import Database
from postmortem.history.refusals import note_refusal
from postmortem.web import access, converters, drafts, errors, filters, headers, origin, request

# The only list of blueprints. Every module has one named `blueprint`; order is the order of the map.
BLUEPRINTS = (
    "postmortem.site",
    "postmortem.accounts.views",
    "postmortem.accounts.views_oidc",
    "postmortem.accounts.views_proxy",
    "postmortem.accounts.views_reset",
    "postmortem.accounts.views_code",
    "postmortem.accounts.views_confirmation",
    "postmortem.accounts.views_me",
    "postmortem.accounts.views_second_factor",
    "postmortem.accounts.views_people",
    "postmortem.accounts.views_people_access",
    "postmortem.accounts.views_teams",
    "postmortem.accounts.views_services",
    "postmortem.notifications.views_receivers",
    "postmortem.notifications.views_own_receivers",
    "postmortem.notifications.views",
    "postmortem.notifications.views_unsubscribe",
    "postmortem.incidents.views",
    "postmortem.incidents.views_restrictions",
    "postmortem.incidents.views_deletion",
    "postmortem.timeline.views",
    "postmortem.actions.views",
    "postmortem.actions.views_comments",
    "postmortem.actions.views_around",
    "postmortem.actions.views_pictures",
    "postmortem.actions.views_calendar",
    "postmortem.actions.views_bulk",
    "postmortem.actions.views_saved",
    "postmortem.actions.views_export",
    "postmortem.actions.views_verification",
    "postmortem.actions.views_merge",
    "postmortem.actions.views_pile",
    "postmortem.actions.views_policy",
    "postmortem.ideas.views",
    "postmortem.ideas.views_none_needed",
    "postmortem.action_reviews.views",
    "postmortem.action_reviews.views_meeting",
    "postmortem.action_reviews.views_running",
    "postmortem.action_reviews.views_comment",
    "postmortem.action_reviews.views_minutes",
    "postmortem.attachments.views",
    "postmortem.blameless.views_settings",
    "postmortem.writeups.views",
    "postmortem.writeups.views_publishing",
    "postmortem.writeups.views_naming",
    "postmortem.writeups.views_old_addresses",
    "postmortem.writeups.views_deletion",
    "postmortem.writeups.views_months",
    "postmortem.writeups.views_newsletter",
    "postmortem.writeups.views_markdown",
    "postmortem.writeups.views_series",
    "postmortem.writeups.views_blog",
    "postmortem.writeups.views_desk",
    "postmortem.writeups.views_tags",
    "postmortem.writeups.views_templates",
    "postmortem.writeups.views_feeds",
    "postmortem.writeups.views_authors",
    "postmortem.writeups.views_feed_links",
    "postmortem.writeups.views_language",
    "postmortem.reviews.views",
    "postmortem.reviews.views_comments",
    "postmortem.reviews.views_checklist",
    "postmortem.reviews.views_policy",
    "postmortem.reviews.views_meeting",
    "postmortem.reviews.views_survey",
    "postmortem.readers.views",
    "postmortem.readers.views_citations",
    "postmortem.readers.views_questions",
    "postmortem.readers.views_open",
    "postmortem.trash.views",
    "postmortem.trash.views_destroying",
    "postmortem.leaving.views",
    "postmortem.leaving.views_anonymise",
    "postmortem.outbox.views",
    "postmortem.permissions.views",
    "postmortem.permissions.views_explain",
    "postmortem.history.views",
    "postmortem.settings.views",
)
# label, endpoint, and the paths it is current for
NAVIGATION: tuple[tuple[str, str, str | tuple[str, ...]], ...] = (
    ("Failing Forward", "blog.front_page", "/"),
    ("Incidents", "incidents.index", "/incidents/"),
    ("Actions", "actions.index", "/actions/"),
    ("Questions", "open_questions.index", "/questions"),
    ("People", "people.index", ("/people/", "/teams/", "/services/")),
)
# What the start page of administration leads to: label, endpoint, one sentence.
SETTINGS_PAGES: tuple[tuple[str, str, str], ...] = (
    ("People", "people.index", "Who works here, their roles and how they sign in."),
    ("Teams", "teams.index", "Who owns services, incidents and actions."),
    ("Services", "services.index", "What can break, and whose it is."),
    ("Restriction rules", "restrictions.index", "Which incidents are restricted from the start."),
    ("Policy of actions", "policy.index", "When actions are due, when ideas may become one, what is stale."),
    ("Templates", "templates.index", "What write-ups start from: sections, and what to think about in each."),
    ("Help with language", "language_settings.index", "Which words are marked while people write."),
    (
        "Reviews of write-ups",
        "review_policy.index",
        "Which need a review, by how many, and what the checklist asks.",
    ),
    ("Requests for access", "access_requests.index", "Who asked to see something, and the answer."),
    ("Who sees what, and why", "permissions.index", "Whether somebody sees something, and by which rule."),
    ("Mail and deliveries", "deliveries.index", "What waits to be sent, what was given up, and a test mail."),
    ("Receivers", "receivers.index", "Webhooks, Slack and Microsoft Teams that are told what happens."),
    ("History", "history.index", "Every change by anybody, sign-ins and refusals."),
    ("Trash", "trash.index", "What was deleted, by whom, and the way back."),
)
MAX_BODY_BYTES = 4 * 1024 * 1024


def create_app(config: Config | None = None) -> Flask:
    """The application. Raises config.BadSettings, and access.UndeclaredAccess when a view is unguarded."""
    # 1. Settings
    config = config or load_config()
    app = Flask("postmortem", template_folder=str(schema.shipped("templates")), static_folder="static")
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES,
        LARGER_BODIES={},
        SEND_FILE_MAX_AGE_DEFAULT=24 * 3600,
        SESSION_COOKIE_NAME="__Host-postmortem" if config.is_https else "postmortem",
        SESSION_COOKIE_SECURE=config.is_https,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=24 * 3600,
        # Where a form comes from is looked at by web/origin.py, which needs no Referer.
        WTF_CSRF_SSL_STRICT=False,
        PUBLIC_READING=config.public_reading,
        DEVELOPMENT=config.development,
        BASE_URL=config.base_url,
        TEMPLATES_AUTO_RELOAD=config.development,
        NAVIGATION=NAVIGATION,
        SETTINGS_PAGES=SETTINGS_PAGES,
        CAN_ADMINISTER=accounts_rules.is_admin,
        CAN_FILE_INCIDENT=accounts_rules.is_contributor,
        LOAD_SAMPLES=_load_samples,
        NOTE_REFUSAL=note_refusal,
    )
    app.extensions["config"] = config
    app.url_map.converters["int"] = converters.IdConverter
    app.logger.setLevel(logging.INFO)

    # 2. Database
    request.init_app(app, Database(config.database_url, secret_key=config.secret_key))

    # 3. Pages' foundation: Host check and headers, then where forms come from, then who is signed in
    headers.init_app(app, config.allowed_hosts, is_https=config.is_https, is_public=config.public_reading)
    origin.init_app(app, config.allowed_hosts, is_https=config.is_https)
    csrf = CSRFProtect(app)
    sign_in.init_app(app)
    filters.init_app(app)
    drafts.init_app(app)
    errors.init_app(app)

    # 4. Views
    _register_views(app, csrf)

    # 5. The gate, last: every view must have declared who may call it
    access.init_app(app)
    return app


def _register_views(app: Flask, csrf: CSRFProtect) -> None:
    """All blueprints; a module may name a view of its own that programs send forms to, without a token of ours.

    And it may name endpoints that take larger bodies than others, with how many bytes.
    """
    for name in (*BLUEPRINTS, "postmortem.web.patterns") if app.config["DEVELOPMENT"] else BLUEPRINTS:
        module = import_module(name)
        app.register_blueprint(module.blueprint)
        if view := getattr(module, "WITHOUT_CSRF_TOKEN", None):
            csrf.exempt(view)
        app.config["LARGER_BODIES"].update(getattr(module, "LARGER_BODIES", {}))


def _load_samples(session: Session, person: Person) -> None:
    from postmortem.imports.demo import load_samples

    load_samples(session, actor=person)
