"""Chapter "Sales" of the reference."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class SalesConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.sales"
    verbose_name = _("Sales")

    def ready(self) -> None:
        from erp.core import elements
        from erp.customers.services import KEEPERS
        from erp.sales import seal
        from erp.sales.models import PROXIES
        from erp.sales.services import documents, payments

        for name, model in PROXIES.items():
            elements.register(str(name), model)
        KEEPERS.extend((documents.why_customer_stays, payments.why_customer_stays))
        # Tables that triggers name cannot be made anew: the seal is lifted while migrations run.
        pre_migrate.connect(seal.unseal, sender=self, dispatch_uid="sales_unseal")
        post_migrate.connect(seal.seal, sender=self, dispatch_uid="sales_seal")
