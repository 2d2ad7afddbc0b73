"""Models of the chapter "Charges"."""
