"""What people do about an investigation, and what becomes of its verdict."""
