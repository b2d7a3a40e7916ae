"""What a new action is made from: plain values, as a form or an importer has them."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class ActionDraft:
    """An action to be added; `owner` is an e-mail address, `team` a slug, blank for none.

    A new action is *proposed*. The fields from `status` on are for actions that began elsewhere or earlier:
    left out, the action is added now, closed now if its status is a closed one, and was never re-dated.
    `came_from_id` is the action that it was split off, or that did not work.
    """

    title: str
    description: str = ""
    kind: str | None = None
    owner: str | None = None
    team: str | None = None
    priority: str | None = None
    due_on: date | None = None
    end_state: str = ""
    tracker_url: str = ""
    tracker_title: str = ""
    status: str = "proposed"
    status_reason: str = ""
    created_at: datetime | None = None
    closed_at: datetime | None = None
    first_due_on: date | None = None
    redated_count: int = 0
    came_from_id: int | None = None
