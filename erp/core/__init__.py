"""The machinery every chapter stands on. `core` imports no chapter."""
