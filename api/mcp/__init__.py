"""The Model Context Protocol: the knowledge as tools and resources for the assistants of others."""
