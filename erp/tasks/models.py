"""Models of the chapter "Tasks"."""
