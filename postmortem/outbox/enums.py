"""What can be owed. Each kind has its handler in the noun that it is about."""

from enum import StrEnum


class DeliveryKind(StrEnum):
    """The column holds text: a row of a later version's kind must not stop this one."""

    PASSWORD_RESET = "password_reset"  # noqa: S105
    INVITATION = "invitation"
    NOTICE = "notice"
    TEST_MAIL = "test_mail"
    # News on its way: to be worked out for whom, then one row for each mail and each receiver.
    NEWS = "news"
    # One piece of news for one person; all that waited for a person's digest.
    NEWS_MAIL = "news_mail"
    DIGEST = "digest"
    # One piece of news for one receiver; and that a receiver was switched off, for one person.
    NEWS_CALL = "news_call"
    RECEIVER_OFF = "receiver_off"
    # An invitation to the meeting of a review, a change of it, or that it is cancelled: for one guest.
    REVIEW_MEETING = "review_meeting"
    # The newsletter of a week, to be shared out, and then one row for each reader.
    NEWSLETTER = "newsletter"
    NEWSLETTER_MAIL = "newsletter_mail"


KIND_LABELS: dict[str, str] = {
    DeliveryKind.PASSWORD_RESET: "Forgotten password",
    DeliveryKind.INVITATION: "Link to set a password",
    DeliveryKind.NOTICE: "Notice about an account",
    DeliveryKind.TEST_MAIL: "Test mail",
    DeliveryKind.NEWS: "News, to be shared out",
    DeliveryKind.NEWS_MAIL: "News for a person",
    DeliveryKind.DIGEST: "Digest",
    DeliveryKind.NEWS_CALL: "News for a receiver",
    DeliveryKind.RECEIVER_OFF: "A receiver was switched off",
    DeliveryKind.REVIEW_MEETING: "Invitation to a review meeting",
    DeliveryKind.NEWSLETTER: "Newsletter of the week, to be shared out",
    DeliveryKind.NEWSLETTER_MAIL: "Newsletter of the week",
}
