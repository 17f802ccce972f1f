"""Those who look at one class of source each."""
