"""OpenAPI 3.1 of the resources, derived from their declarations: nothing about the wire is said twice.

A field of the wire that converts its value in its own way may state `answer_schema` and `body_schema`.
"""

from erp.core.schema.operations import ApiKeyScheme, ResourceSchema, without_slashes

__all__ = ["ApiKeyScheme", "ResourceSchema", "without_slashes"]
