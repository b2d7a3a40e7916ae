"""Imports every noun's models, so that migrations and tests see one metadata."""

from postmortem.accounts import models as accounts
from postmortem.actions import models as actions
from postmortem.db import Base
from postmortem.history import models as history
from postmortem.incidents import models as incidents
from postmortem.outbox import models as outbox
from postmortem.permissions import models as permissions
from postmortem.tags import models as tags
from postmortem.timeline import models as timeline
from postmortem.web import models as web
from postmortem.writeups import models as writeups

__all__ = [
    "Base",
    "accounts",
    "actions",
    "history",
    "incidents",
    "outbox",
    "permissions",
    "tags",
    "timeline",
    "web",
    "writeups",
]

metadata = Base.metadata
