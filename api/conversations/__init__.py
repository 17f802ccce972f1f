"""A conversation's next question as one that stands alone, with a language model or without."""
