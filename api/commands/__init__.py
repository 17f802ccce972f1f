"""The commands of the groundwatch script, one module each."""
