"""Chapter "Constructions" of the reference."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConstructionsConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.constructions"
    verbose_name = _("Worksites")

    def ready(self) -> None:
        from erp.constructions.agenda import register_source
        from erp.constructions.models import Construction
        from erp.constructions.services import why_customer_stays
        from erp.core import elements
        from erp.customers.services import KEEPERS

        elements.register("construction", Construction)
        KEEPERS.append(why_customer_stays)
        register_source()
