"""What is told to other systems, and how each of them takes it; sends nothing by itself."""
