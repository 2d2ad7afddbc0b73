"""Fields that a team adds to its customers, documents and the rest, their options, and their values."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.core.models import TenantModel
from erp.customfields.choices import CHOICE_TYPES, FieldType, Usage

__all__ = ["CustomField", "CustomFieldOption", "CustomFieldValue"]

LIVING = Q(deleted_at=None)


class CustomField(TenantModel):
    """A field that the team added (reference: Custom Field)."""

    #: Copied to the team's sandbox.
    is_list: ClassVar[bool] = True

    label = models.CharField(_("label"), max_length=150)
    type = models.CharField(_("type"), max_length=20, choices=FieldType.choices)
    is_required = models.BooleanField(_("required"), default=False)
    #: Values of `Usage`, in their order.
    usage = models.JSONField(_("used on"), default=list)

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["label"]
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        indexes = [
            models.Index(fields=["team", "label", "id"], condition=LIVING, name="custom_field_label"),
            models.Index(fields=["team", "updated_at", "id"], name="custom_field_updated"),
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        unknown = [item for item in self.usage if item not in Usage.values]
        if unknown or not self.usage:
            text = _t("Give at least one of: %(names)s.") % {"names": ", ".join(Usage.values)}
            raise ValidationError({"usage": text})
        self.usage = [usage for usage in Usage.values if usage in self.usage]

    @property
    def has_options(self) -> bool:
        """Whether values are chosen among options."""
        return self.type in CHOICE_TYPES

    def is_for(self, usages: Collection[str]) -> bool:
        """Whether the field is meant for something that has these usages."""
        return any(usage in usages for usage in self.usage)


class CustomFieldOption(TenantModel):
    """What can be chosen in a field. A removed one is offered no more, but stays where it was chosen."""

    #: Copied to the team's sandbox.
    is_list: ClassVar[bool] = True

    field = models.ForeignKey(
        CustomField, models.CASCADE, related_name="options", verbose_name=_("custom field")
    )
    value = models.CharField(_("value"), max_length=255)
    position = models.PositiveSmallIntegerField(_("position"), default=0, editable=False)

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["position", "id"]
        verbose_name = _("option")
        verbose_name_plural = _("options")

    def __str__(self) -> str:
        return self.value


class CustomFieldValue(TenantModel):
    """One value of a field on one row; checkboxes have one for each option that is ticked.

    The row is named by its model and id, so that one table serves every chapter; `services.values` alone
    writes here, for a row it was given. The column that holds the value follows from the field's type.
    """

    field = models.ForeignKey(
        CustomField, models.CASCADE, related_name="values", verbose_name=_("custom field")
    )
    carrier = models.CharField(_("kind of element"), max_length=40, editable=False)
    row_id = models.PositiveBigIntegerField(_("element"), editable=False)
    text = models.TextField(_("text"), blank=True)
    number = models.DecimalField(_("number"), max_digits=15, decimal_places=5, null=True, blank=True)
    date = models.DateField(_("date"), null=True, blank=True)
    option = models.ForeignKey(
        CustomFieldOption, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("option")
    )
    linked_id = models.PositiveBigIntegerField(_("linked element"), null=True, blank=True)

    class Meta(TenantModel.Meta):
        abstract = False
        verbose_name = _("value of a custom field")
        verbose_name_plural = _("values of custom fields")
        indexes = [
            models.Index(fields=["team", "carrier", "row_id"], name="custom_value_row"),
            models.Index(
                fields=["field", "number"], condition=Q(number__isnull=False), name="custom_value_number"
            ),
            models.Index(fields=["field", "date"], condition=Q(date__isnull=False), name="custom_value_date"),
            models.Index(
                fields=["field", "linked_id"], condition=Q(linked_id__isnull=False), name="custom_value_link"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["carrier", "row_id", "field"],
                condition=Q(option=None),
                name="custom_value_once",
            ),
            models.UniqueConstraint(
                fields=["carrier", "row_id", "field", "option"],
                condition=Q(option__isnull=False),
                name="custom_choice_once",
            ),
        ]

    #: The row that `linked_id` names, set by whoever reads values; None when the actor may not see it.
    linked: Any = None

    def __str__(self) -> str:
        return f"{self.field} ({self.carrier} {self.row_id})"
