"""Runbooks and past incidents beside an investigation: where to look, never what is so."""
