"""Documents in, searchable knowledge out: sources, parsing, splitting, embedding, index generations."""
