"""The agent and its doors: retrieval, answers, HTTP, command line."""
