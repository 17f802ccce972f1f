"""What the API stores for people: feedback, in SQLite or PostgreSQL."""
