"""Measures the product's speed on named workloads: `python -m bench` (see README.md beside this file)."""
