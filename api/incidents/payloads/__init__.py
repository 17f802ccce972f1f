"""What each system sends when something is wrong, read into alerts."""
