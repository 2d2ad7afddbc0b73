"""Models of the chapter "Opportunities and funnels"."""
