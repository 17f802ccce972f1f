"""Changes and events: what a change touches, and what of it speaks for the trouble at hand."""
