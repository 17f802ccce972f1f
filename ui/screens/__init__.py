"""One module for each page of the app or view of it, layout only; a folder called pages would be run by Streamlit."""
