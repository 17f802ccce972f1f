"""What do diagrams written as text say: the components they draw, and which uses which."""
