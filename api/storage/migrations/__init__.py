"""Changes of the tables, in order, run by alembic when the database is opened."""
