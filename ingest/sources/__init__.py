"""Where documents come from: one adapter a file, all behind one protocol."""
