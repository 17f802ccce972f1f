"""Readers of recordings whose layout is not ours, one layout a module."""
