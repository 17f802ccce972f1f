"""Tags of the form name:value as labels."""

from api.incidents.payloads.fields import Field


def tags_of(tags: Field) -> tuple[tuple[str, str], ...]:
    """Return tags, in a list or separated by commas, as labels; one without a value has its own name as value."""
    if tags.is_empty:
        return ()
    listed = [one.text() for one in tags.each()] if isinstance(tags.value, list) else tags.text().split(",")
    parts = (tag.strip().partition(":") for tag in listed[:200] if tag.strip())
    return tuple(sorted({name: value or name for name, _, value in parts}.items()))
