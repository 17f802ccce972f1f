"""How good search and answers are: suites of questions measured, kept, compared and shown."""
