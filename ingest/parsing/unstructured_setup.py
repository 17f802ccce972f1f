"""Make unstructured work without a network: no model download, no notice, no usage report."""

import logging
import os
from functools import cache


@cache
def prepare_unstructured() -> None:
    """Put a blank English pipeline where unstructured would download a spaCy model; call before use.

    The model serves only to tell narrative text from other text, a distinction not used here.
    Imports spaCy and unstructured (2 to 3 s the first time).
    """
    os.environ.setdefault("UNSTRUCTURED_DISABLE_NOTICE", "1")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    # It warns of texts too long for its guesses about prose, which are not used here.
    logging.getLogger("unstructured").setLevel(logging.ERROR)
    import spacy
    from unstructured.nlp import tokenize

    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    # unstructured has no seam for this; the name is private, so a test watches it.
    tokenize._get_nlp = lambda: pipeline  # type: ignore[assignment]  # a cached function there
