"""The company's settings, its users and its keys, as people see them."""

from tenants.admin.account import AccountAdmin
from tenants.admin.company import TeamAdmin
from tenants.admin.keys import ApiKeyAdmin
from tenants.admin.members import TeamUserAdmin

__all__ = ["AccountAdmin", "ApiKeyAdmin", "TeamAdmin", "TeamUserAdmin"]
