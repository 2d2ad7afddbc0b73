"""Permission keys, their levels and labels (reference: "Get all Team User Permissions")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from tenants.models import TeamUser

__all__ = ["CATEGORIES", "PERMISSIONS", "Category", "Permission", "level_of"]


@dataclass(frozen=True)
class Permission:
    """One key. `levels` are (value, label) from least to most; the default is the most."""

    key: str
    name: Any
    category: str
    levels: tuple[tuple[int, Any], ...]

    @property
    def highest(self) -> int:
        return self.levels[-1][0]


@dataclass(frozen=True)
class Category:
    """A group of keys on the settings page."""

    key: str
    name: Any


NONE, SEE, CREATE, EDIT, DELETE = (
    (0, _("No access")),
    (1, _("See")),
    (2, _("See and create")),
    (3, _("See, create and edit")),
    (4, _("See, create, edit and delete")),
)
LEVELS = (NONE, SEE, CREATE, EDIT, DELETE)
SWITCH = ((0, _("No")), (1, _("Yes")))
SUPPORT = ((0, _("No")), (1, _("Own messages")), (2, _("All messages")))

CATEGORIES = (
    Category("customers", _("Customers and suppliers")),
    Category("catalog", _("Catalog and stock")),
    Category("sales", _("Sales")),
    Category("charges", _("Charges")),
    Category("communication", _("Communication")),
    Category("organisation", _("Calendar and tasks")),
    Category("administration", _("Administration")),
)

PERMISSIONS = {
    permission.key: permission
    for permission in (
        Permission(
            "customer-limitation",
            _("Limit to own customers"),
            "customers",
            (
                (0, _("Customers and prospects of whom they are the salesperson or manager")),
                (1, _("All customers and prospects")),
            ),
        ),
        Permission("customer", _("Customers"), "customers", LEVELS),
        Permission("prospect", _("Prospects"), "customers", LEVELS),
        Permission("provider", _("Suppliers"), "customers", LEVELS),
        Permission("subcontractor", _("Subcontractors"), "customers", LEVELS),
        Permission("contact", _("Contacts"), "customers", LEVELS),
        Permission("catalog-products", _("Products"), "catalog", LEVELS),
        Permission("catalog-services", _("Services"), "catalog", LEVELS),
        Permission("catalog-groups", _("Groups of products and services"), "catalog", LEVELS),
        Permission("see-stock", _("See stock"), "catalog", SWITCH),
        Permission("manage-stock", _("Manage stock"), "catalog", SWITCH),
        Permission(
            "sales-limitation",
            _("Limit to own documents"),
            "sales",
            (
                (0, _("Documents of which they are the salesperson or manager")),
                (1, _("All documents")),
            ),
        ),
        Permission("sales-quotation", _("Quotations"), "sales", LEVELS),
        Permission("sales-command", _("Orders"), "sales", LEVELS),
        Permission("sales-proforma", _("Proforma invoices"), "sales", LEVELS),
        Permission("sales-delivery", _("Delivery notes"), "sales", LEVELS),
        Permission("sales-invoice", _("Invoices"), "sales", LEVELS),
        Permission("sales-credit", _("Credits"), "sales", LEVELS),
        Permission("charges", _("Charges and payments"), "charges", LEVELS),
        Permission("mail-access", _("See mails"), "communication", SWITCH),
        Permission("send-mail", _("Send mails"), "communication", SWITCH),
        Permission("receive-mail", _("Receive mails"), "communication", SWITCH),
        Permission("communication-letters", _("Letters"), "communication", SWITCH),
        Permission("communication-reports", _("Reports"), "communication", SWITCH),
        Permission("calendar", _("Calendar"), "organisation", SWITCH),
        Permission("task", _("Tasks"), "organisation", SWITCH),
        Permission(
            "task-access",
            _("Which tasks are seen"),
            "organisation",
            (
                (0, _("Own tasks")),
                (1, _("Tasks of the people they manage")),
                (2, _("All tasks")),
            ),
        ),
        Permission("datas-import", _("Import data"), "administration", SWITCH),
        Permission("datas-export", _("Export data"), "administration", SWITCH),
        Permission("manage-list", _("Manage lists (units, VAT rates, …)"), "administration", SWITCH),
        Permission("manage-users", _("Manage users"), "administration", SWITCH),
        Permission("manage-subscription", _("Manage the subscription"), "administration", SWITCH),
        Permission("app-configuration", _("Change the settings"), "administration", SWITCH),
        Permission("support", _("Support requests"), "administration", LEVELS),
        Permission("support-editmessage", _("Edit support messages"), "administration", SUPPORT),
        Permission("support-delete-message", _("Delete support messages"), "administration", SUPPORT),
    )
}


def level_of(team_user: TeamUser, key: str) -> int:
    """The level a team user has for a key: the owner has the highest, keys not set have the default."""
    permission = PERMISSIONS[key]
    if team_user.is_owner:
        return permission.highest
    return int(team_user.permissions.get(key, permission.highest))
