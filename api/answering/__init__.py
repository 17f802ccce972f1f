"""Question to answer object: evidence selection, sufficiency, citations, conflicts."""
