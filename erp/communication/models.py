"""Models of the chapter "Communication"."""
