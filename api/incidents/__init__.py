"""Incidents as they come in: alerts of every sender, and which of them are one incident."""
