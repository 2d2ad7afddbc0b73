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
        from erp.opportunities.models import Opportunity
        from erp.opportunities.services import why_customer_stays
        from tenants.signals import team_created

        elements.register("opportunity", Opportunity)
        KEEPERS.append(why_customer_stays)
        team_created.connect(_seed, dispatch_uid="opportunities_team_created")


def _seed(sender: object, **kwargs: object) -> None:
    """A new team has one funnel."""
    from erp.opportunities.services import create_funnel

    create_funnel(
        {
            "name": "Ventes",
            "steps": [
                {"name": "Premier contact", "probability": 10},
                {"name": "Besoin confirmé", "probability": 30},
                {"name": "Devis envoyé", "probability": 50},
                {"name": "Négociation", "probability": 75},
                {"name": "Accord", "probability": 95},
            ],
        }
    )
