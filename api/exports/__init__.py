"""Conversations as files that need nothing of Groundwatch to be read."""
