"""The admin's base: every chapter registers its models with these classes and states a guard.

    @admin.register(Unit)
    class UnitAdmin(TenantAdmin):
        guard = ListKey()
        menu = ("settings", 30)
        list_display = ("label", "use_default")
        search_fields = ("label",)

Rows, choices, filters, autocompletion and deletion are then those that the active team user may
see, and saving goes through `create_row`, `update_row` and `delete_row`: the chapter's services.
"""

from erp.core.admin.actions import RowsReport, row_action
from erp.core.admin.base import TenantAdmin
from erp.core.admin.forms import TenantForm
from erp.core.admin.inlines import TenantStackedInline, TenantTabularInline

__all__ = [
    "RowsReport",
    "TenantAdmin",
    "TenantForm",
    "TenantStackedInline",
    "TenantTabularInline",
    "row_action",
]
