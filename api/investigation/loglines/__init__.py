"""Log lines: their templates, how often each comes, and the order of events inside a span."""
