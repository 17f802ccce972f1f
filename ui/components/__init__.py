"""The pieces that pages are made of; those that return markup escape whatever came from a document."""
