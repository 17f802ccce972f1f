"""Postmortems drafted from investigations: statements that cite, and questions where nothing supports one."""
