"""How a request for access stands."""

from enum import StrEnum


class RequestState(StrEnum):
    OPEN = "open"
    GRANTED = "granted"
    DECLINED = "declined"
