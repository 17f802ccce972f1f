"""Notifications at work: what happened is found, kept until it is delivered, and sent."""
