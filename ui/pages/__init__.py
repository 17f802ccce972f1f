"""One module for each page of the app, layout only."""
