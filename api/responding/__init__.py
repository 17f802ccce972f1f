"""Incidents as they are worked on: alerts taken in, investigations begun, and what people do about them."""
