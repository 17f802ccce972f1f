"""When ingestion runs: Prefect flows over the plain functions of ingest."""
