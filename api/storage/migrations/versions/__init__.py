"""One module a change; its revision number orders it."""
