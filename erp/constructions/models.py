"""Models of the chapter "Constructions"."""
