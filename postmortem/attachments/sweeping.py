"""Files that no row knows: uploads that came to nothing, images that were destroyed. They go a day later."""

from datetime import timedelta

from postmortem import clock
from postmortem.attachments.files import sweep
from postmortem.attachments.queries import all_keys
from postmortem.outbox.workplace import Workplace

EVERY = timedelta(hours=1)
_last: dict[str, object] = {}


def sweep_files(workplace: Workplace) -> None:
    """Look through the folder once an hour."""
    now = clock.now()
    last = _last.get("at")
    if isinstance(last, type(now)) and now - last < EVERY:
        return
    _last["at"] = now
    with workplace.reading() as session:
        known = all_keys(session)
    sweep(workplace.config.data_dir, known)


DUTIES = (sweep_files,)
