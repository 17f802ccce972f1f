"""Which change is to blame: what each one does, what the trouble says, when both began, and what else explains it."""
