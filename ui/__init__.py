"""The Streamlit app; it speaks HTTP to the API and nothing else."""
