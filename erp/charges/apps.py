"""Chapter "Charges" of the reference."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChargesConfig(AppConfig):
    """See models.py for what the chapter holds."""

    name = "erp.charges"
    verbose_name = _("Charges")
