"""Chapter "Charges" of the reference."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChargesConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.charges"
    verbose_name = _("Charges")

    def ready(self) -> None:
        from erp.charges.figures import tiles
        from erp.charges.models import Charge
        from erp.charges.services.charges import why_customer_stays
        from erp.core import elements
        from erp.core.admin.panels import TILES
        from erp.customers.services import KEEPERS

        elements.register("charge", Charge)
        KEEPERS.append(why_customer_stays)
        TILES.append(tiles)
