"""OpenAPI of resources, derived from their declarations."""

from drf_spectacular.openapi import AutoSchema


class ResourceSchema(AutoSchema):
    """Adds the list protocol's parameters and the wire's bodies and answers."""
