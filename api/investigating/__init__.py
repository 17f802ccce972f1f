"""Investigations as a service: asked for, worked on in the background, followed, taken up again, kept."""
