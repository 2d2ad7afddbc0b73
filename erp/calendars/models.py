"""Models of the chapter "Calendars"."""
