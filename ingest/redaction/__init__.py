"""Take secrets out of a text before anything is stored or logged, and leave a typed mark in their place."""
