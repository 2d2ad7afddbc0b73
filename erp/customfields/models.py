"""Models of the chapter "Custom fields"."""
