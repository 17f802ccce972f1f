"""What log lines say: templates, rates, sequences and stack traces, in the window against healthy time."""
