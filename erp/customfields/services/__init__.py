"""What can happen to custom fields and to their values."""

from erp.customfields.services.fields import create_field, update_field
from erp.customfields.services.values import copy_values, write_values

__all__ = ["copy_values", "create_field", "update_field", "write_values"]
