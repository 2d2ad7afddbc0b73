"""Chapter "Opportunities and funnels" of the reference."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OpportunitiesConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.opportunities"
    verbose_name = _("Opportunities and funnels")

    def ready(self) -> None:
        from erp.core import elements
        from erp.customers.services import KEEPERS
        from erp.opportunities.models import Funnel, Opportunity
        from erp.opportunities.services import seed_funnel, why_customer_stays
        from tenants.seeds import seeds

        elements.register("opportunity", Opportunity)
        KEEPERS.append(why_customer_stays)
        seeds(self, Funnel, seed_funnel)
