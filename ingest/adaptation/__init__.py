"""Fit the embedding of questions to an organisation's own documents: pairs, training, trial, promotion."""
