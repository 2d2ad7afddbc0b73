"""Equipment and technicians of worksites."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.core.columns import LIVING
from erp.core.models import TenantModel


class Material(TenantModel):
    """What a worksite needs and gives back: a scaffold, a lift (reference: Material)."""

    #: Copied to the team's sandbox.
    is_list: ClassVar[bool] = True

    reference = models.CharField(_("reference"), max_length=100, blank=True)
    name = models.CharField(_("name"), max_length=255)

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["name"]
        verbose_name = _("equipment")
        verbose_name_plural = _("equipment")
        indexes = [models.Index(fields=["team", "-created_at"], condition=LIVING, name="material_living")]

    def __str__(self) -> str:
        return self.name


class Technician(TenantModel):
    """Somebody who works on site without being a user of the team (reference: Technician)."""

    #: Copied to the team's sandbox.
    is_list: ClassVar[bool] = True

    name = models.CharField(_("name"), max_length=255)
    email = models.EmailField(_("e-mail"), blank=True)

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["name"]
        verbose_name = _("technician")
        verbose_name_plural = _("technicians")
        indexes = [models.Index(fields=["team", "-created_at"], condition=LIVING, name="technician_living")]

    def __str__(self) -> str:
        return self.name
