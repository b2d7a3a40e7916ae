"""How a handler mails somebody: the one way from a template to the mail server."""

from typing import Any

from postmortem.mail.message import BadAddress, CalendarPart, deliverable, put_together, write_letter
from postmortem.mail.sending import NotSent, Refused, send
from postmortem.outbox.workplace import Delivery, NotDelivered, Undeliverable, Workplace


def mail_to(
    delivery: Delivery,
    workplace: Workplace,
    *,
    name: str,
    address: str,
    letter: str,
    unsubscribe_url: str = "",
    calendar: CalendarPart | None = None,
    **context: Any,
) -> None:
    """Send the mail `templates/emails/<letter>/`. Raises NotDelivered or Undeliverable.

    Call it outside any transaction. `base_url` is there for every template; links begin with it.
    With `unsubscribe_url` mail programs offer to leave; the templates have it too. `calendar` is an invitation.
    """
    smtp = workplace.config.smtp
    if smtp is None:
        raise NotDelivered("No mail server is set (POSTMORTEM_SMTP_HOST).")
    known = {"name": name, "base_url": workplace.config.base_url, "unsubscribe_url": unsubscribe_url}
    texts = write_letter(letter, {**known, **context})
    try:
        to_address = deliverable(address)
        message = put_together(
            texts,
            to_name=name,
            to_address=to_address,
            sender=smtp.sender,
            delivery_id=delivery.delivery_id,
            unsubscribe_url=unsubscribe_url,
            calendar=calendar,
        )
        send(message, to_address, smtp)
    except BadAddress as error:
        raise Undeliverable("No mail can be sent to this address, or from POSTMORTEM_SMTP_FROM.") from error
    except Refused as error:
        raise Undeliverable(str(error)) from error
    except NotSent as error:
        raise NotDelivered(str(error)) from error
