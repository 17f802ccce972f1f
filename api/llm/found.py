"""What must not leave the machine, and where it stands in a text."""

from dataclasses import dataclass
from enum import StrEnum


class Category(StrEnum):
    """What a value is; its name opens the placeholder that stands for it."""

    SECRET = "SECRET"
    EMAIL = "EMAIL"
    IP = "IP"
    HOST = "HOST"
    PERSON = "PERSON"
    PRIVATE = "PRIVATE"


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A value at characters `[start, end)`."""

    start: int
    end: int
    category: Category
