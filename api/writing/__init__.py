"""A language model's sentences, each checked by code against the passages it cites."""
