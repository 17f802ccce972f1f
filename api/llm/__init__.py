"""Language models: what is asked of one, whoever serves it, and the budgets it has to keep."""
