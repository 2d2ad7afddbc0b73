"""A class for each kind of document, on the one table."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from erp.core.models import TenantManager, TenantModel
from erp.sales.choices import Kind
from erp.sales.models.documents import Document


class KindManager(TenantManager):
    """Documents of one kind."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(kind=self.model.only_kind)


class ProxyMeta(TenantModel.Meta):
    abstract = False
    proxy = True


def _proxy(kind: Kind, name: str, plural: Any) -> type[Document]:
    """A document class of one kind."""
    meta = type("Meta", (ProxyMeta,), {"verbose_name": kind.label, "verbose_name_plural": plural})
    return type(
        name,
        (Document,),
        {
            "__module__": __name__,
            "__doc__": f"A {kind.value}.",
            "Meta": meta,
            "only_kind": kind,
            "CUSTOM_FIELD_USAGES": (kind.value,),
            "objects": KindManager(),
            "all_objects": KindManager(with_deleted=True),
        },
    )


Quotation = _proxy(Kind.QUOTATION, "Quotation", _("Quotations"))
Command = _proxy(Kind.COMMAND, "Command", _("Orders"))
Proforma = _proxy(Kind.PROFORMA, "Proforma", _("Proforma invoices"))
Delivery = _proxy(Kind.DELIVERY, "Delivery", _("Delivery notes"))
Invoice = _proxy(Kind.INVOICE, "Invoice", _("Invoices"))
Credit = _proxy(Kind.CREDIT, "Credit", _("Credits"))

PROXIES: dict[str, type[Document]] = {
    model.only_kind: model  # type: ignore[misc]
    for model in (Quotation, Command, Proforma, Delivery, Invoice, Credit)
}
