"""A language model that looks further into one investigation, and may state nothing that the code would not."""
