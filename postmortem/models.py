"""Imports every noun's models, so that migrations and tests see one metadata."""

from postmortem.accounts import models as accounts
from postmortem.action_reviews import models as action_reviews
from postmortem.actions import models as actions
from postmortem.actions import models_around as around_actions
from postmortem.attachments import models as attachments
from postmortem.blameless import models as blameless
from postmortem.db import Base
from postmortem.history import models as history
from postmortem.ideas import models as ideas
from postmortem.incidents import models as incidents
from postmortem.notifications import models as notifications
from postmortem.outbox import models as outbox
from postmortem.permissions import models as permissions
from postmortem.readers import models as readers
from postmortem.reviews import models as reviews
from postmortem.tags import models as tags
from postmortem.timeline import models as timeline
from postmortem.web import models as web
from postmortem.writeups import models as writeups
from postmortem.writeups import models_around as around_writeups

__all__ = [
    "Base",
    "accounts",
    "action_reviews",
    "actions",
    "around_actions",
    "around_writeups",
    "attachments",
    "blameless",
    "history",
    "ideas",
    "incidents",
    "notifications",
    "outbox",
    "permissions",
    "readers",
    "reviews",
    "tags",
    "timeline",
    "web",
    "writeups",
]

metadata = Base.metadata
