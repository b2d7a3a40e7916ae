"""One-time keys of create forms."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from postmortem.db import Base, UTCDateTime


class FormKey(Base):
    """A create form that was posted: posting it again leads to `location`, and makes nothing."""

    __tablename__ = "form_keys"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    location: Mapped[str] = mapped_column(String(500))
    used_at: Mapped[datetime] = mapped_column(UTCDateTime(), index=True)
