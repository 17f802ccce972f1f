"""About how many tokens a text has, where nobody has counted them."""

_BYTES_PER_TOKEN = 4
"""The usual rule of thumb for English; other languages have fewer bytes a token, and more tokens a letter."""


def estimated_tokens(*texts: str) -> int:
    """Return about how many tokens texts have, rounded up for each."""
    return sum(tokens_of_bytes(len(text.encode("utf-8", "replace"))) for text in texts)


def tokens_of_bytes(count: int) -> int:
    """Return about how many tokens so many bytes of UTF-8 are, rounded up."""
    return -(-count // _BYTES_PER_TOKEN)
