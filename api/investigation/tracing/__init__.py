"""Spans as calls: how long each component itself takes, what the network adds, and which calls fail or are missing."""
