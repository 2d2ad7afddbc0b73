"""Connectors mirror the product's objects to and from external providers; one package per provider."""
