"""Customers, prospects, suppliers and subcontractors, their addresses, and the people to contact there."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import reduce
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.core import company_numbers
from erp.core.columns import LIVING
from erp.core.global_lists import GlobalLink
from erp.core.models import TenantModel
from erp.customfields.carriers import CustomFieldCarrier
from erp.various.models import Civility, Country, DefaultList, Tag
from tenants.models import TeamUser

__all__ = [
    "NATURES",
    "Contact",
    "ContactFunction",
    "Customer",
    "CustomerActivity",
    "CustomerAddress",
    "CustomerOrigin",
    "CustomerType",
]

#: What a customer may be to the team; each has a permission key, a number series and columns of its name.
NATURES = ("customer", "prospect", "provider", "subcontractor")
#: Natures that `customer-limitation` narrows to one's own.
LIMITED_NATURES = ("customer", "prospect")


class CustomerType(DefaultList):
    """What kind of customer one is: a company, a person, or both (a sole trader)."""

    is_company = models.BooleanField(_("has a company name"), default=False)
    is_person = models.BooleanField(_("has a first and a last name"), default=False)

    class Meta(DefaultList.Meta):
        verbose_name = _("customer type")
        verbose_name_plural = _("customer types")

    def clean(self) -> None:
        if not (self.is_company or self.is_person):
            raise ValidationError({"is_company": _t("A customer type is a company, a person, or both.")})

    def why_kept(self) -> str | None:
        """A type says which attributes its customers have, so it stays as long as there are any."""
        if Customer.objects.filter(type=self).exists():
            return _t("Customers have this type: give them another one before deleting it.")
        return None


class CustomerActivity(DefaultList):
    """The trade that a customer is in."""

    class Meta(DefaultList.Meta):
        verbose_name = _("customer activity")
        verbose_name_plural = _("customer activities")


class CustomerOrigin(DefaultList):
    """How a customer came to the team."""

    class Meta(DefaultList.Meta):
        verbose_name = _("customer origin")
        verbose_name_plural = _("customer origins")


class ContactFunction(DefaultList):
    """What a contact does at the customer's."""

    class Meta(DefaultList.Meta):
        verbose_name = _("contact function")
        verbose_name_plural = _("contact functions")


class Person(TenantModel):
    """Someone to write to or to call: the attributes that customers and contacts share."""

    civility = models.ForeignKey(
        Civility, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("civility")
    )
    firstname = models.CharField(_("first name"), max_length=100, blank=True)
    lastname = models.CharField(_("last name"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    mobile = models.CharField(_("mobile"), max_length=50, blank=True)
    fax = models.CharField(_("fax"), max_length=50, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.CharField(_("website"), max_length=255, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="+", verbose_name=_("tags"))
    newsletter_inscription = models.BooleanField(_("subscribed to the newsletter"), default=False)

    class Meta(TenantModel.Meta):
        abstract = True

    @property
    def fullname(self) -> str:
        """Civility, first name and last name, as on an envelope."""
        civility = self.civility.short_name if self.civility else ""
        return " ".join(part for part in (civility, self.firstname, self.lastname) if part)


def reference(label: Any) -> models.CharField[Any, Any]:
    """A number given by a series; null until then, so that one index serves uniqueness and sorting."""
    return models.CharField(label, max_length=35, null=True, blank=True, editable=False)


class Customer(CustomFieldCarrier, Person):
    """A customer, prospect, supplier (provider) or subcontractor, or several of these at once."""

    CUSTOM_FIELD_USAGES = NATURES

    #: Company name, or last name and first name: kept by `save` for sorting and searching.
    name = models.CharField(_("name"), max_length=255, blank=True, editable=False)
    is_customer = models.BooleanField(_("customer"), default=False)
    is_prospect = models.BooleanField(_("prospect"), default=False)
    is_provider = models.BooleanField(_("supplier"), default=False)
    is_subcontractor = models.BooleanField(_("subcontractor"), default=False)
    customer_reference = reference(_("customer reference"))
    prospect_reference = reference(_("prospect reference"))
    provider_reference = reference(_("supplier reference"))
    subcontractor_reference = reference(_("subcontractor reference"))
    type = models.ForeignKey(CustomerType, models.PROTECT, related_name="+", verbose_name=_("type"))
    company_name = models.CharField(_("company name"), max_length=255, blank=True)
    company_type = models.CharField(_("legal form"), max_length=50, blank=True)
    company_siret = models.CharField(_("SIRET"), max_length=20, blank=True)
    company_rcs = models.CharField(_("RCS"), max_length=100, blank=True)
    company_vatrate = models.CharField(_("VAT number"), max_length=20, blank=True)
    company_naf = models.CharField(_("NAF code"), max_length=10, blank=True)
    company_capital = models.CharField(_("capital"), max_length=50, blank=True)
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    activity = models.ForeignKey(
        CustomerActivity, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("activity")
    )
    origin = models.ForeignKey(
        CustomerOrigin, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("origin")
    )
    team_user = models.ForeignKey(
        TeamUser, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("salesperson")
    )
    address_invoice = models.ForeignKey(
        "CustomerAddress",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("invoice address"),
    )
    address_delivery = models.ForeignKey(
        "CustomerAddress",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("delivery address"),
    )
    #: Settings by the names of erp/customers/parameters.py; those not set are the team's.
    configs = models.JSONField(_("settings"), default=dict, blank=True)
    customer_account = models.CharField(_("customer account"), max_length=20, blank=True)
    provider_account = models.CharField(_("supplier account"), max_length=20, blank=True)
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True, editable=False)

    class Meta(Person.Meta):
        abstract = False
        ordering = ["name"]
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = [
            models.Index(fields=["team", "created_at", "id"], condition=LIVING, name="customer_created"),
            models.Index(fields=["team", "updated_at", "id"], name="customer_updated"),
            models.Index(fields=["team", "name", "id"], condition=LIVING, name="customer_name"),
            models.Index(fields=["team", "company_name"], name="customer_company"),
            models.Index(fields=["team", "company_siret"], name="customer_siret"),
            models.Index(fields=["team", "email"], name="customer_email"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["team", f"{nature}_reference"], name=f"{nature}_reference_once")
            for nature in NATURES
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name = self.display_name()[:255]
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "name"}
        super().save(*args, **kwargs)

    def clean(self) -> None:
        errors: dict[str, str] = {}
        for name, check in (
            ("company_siret", company_numbers.siret),
            ("company_vatrate", company_numbers.vat_number),
        ):
            try:
                setattr(self, name, check(getattr(self, name)))
            except ValueError as error:
                errors[name] = str(error)
        if self.type.is_company and not self.company_name:
            errors["company_name"] = _t("This type of customer needs a company name.")
        if self.type.is_person and not self.lastname:
            errors["lastname"] = _t("This type of customer needs a last name.")
        if errors:
            raise ValidationError(errors)

    def display_name(self) -> str:
        """The company's name, or the person's with the last name first."""
        person = f"{self.lastname} {self.firstname}".strip()
        return (self.company_name or person) if self.type.is_company else (person or self.company_name)

    @property
    def natures(self) -> tuple[str, ...]:
        """What this customer is to the team, among NATURES."""
        return tuple(nature for nature in NATURES if getattr(self, f"is_{nature}"))

    @property
    def custom_field_usages(self) -> Sequence[str]:
        """A customer has the custom fields of each of its natures."""
        return self.natures

    def parameter(self, name: str) -> Any:
        """A setting (see parameters.py) for this customer: its own, else the team's; links as ids."""
        from erp.customers.parameters import CUSTOMER, TEAM_NAMES

        own = CUSTOMER.value(self.configs, name)
        shared = TEAM_NAMES.get(name, name)
        return self.team.parameter(shared) if shared and own in (None, []) else own

    @property
    def siren(self) -> str:
        """The SIREN of the company: the first nine digits of its SIRET."""
        return self.company_siret[:9]

    @classmethod
    def restrict(cls, queryset: models.QuerySet[Any], actor: Any) -> models.QuerySet[Any]:
        """Hide natures of level 0, and others' customers from an actor limited to own ones."""
        seen = [nature for nature in NATURES if actor.level(nature) >= 1]
        if not seen:
            return queryset.none()
        if len(seen) < len(NATURES):
            queryset = queryset.filter(reduce(operator.or_, (Q(**{f"is_{nature}": True}) for nature in seen)))
        if actor.level("customer-limitation") < 1:
            own = Q(team_user=actor.pk) | Q(team_user__in=actor.team_users.values("pk"))
            queryset = queryset.filter(own | Q(**{f"is_{nature}": False for nature in LIMITED_NATURES}))
        return queryset


def narrows(actor: Any) -> bool:
    """Whether `Customer.restrict` hides anything from an actor."""
    return actor.level("customer-limitation") < 1 or any(actor.level(nature) < 1 for nature in NATURES)


class CustomerAddress(TenantModel):
    """An address of a customer. Which one serves for invoices, and for deliveries, the customer says."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="addresses", verbose_name=_("customer")
    )
    label = models.CharField(_("label"), max_length=150, blank=True)
    road1 = models.CharField(_("road"), max_length=255, blank=True)
    road2 = models.CharField(_("road (2)"), max_length=255, blank=True)
    road3 = models.CharField(_("road (3)"), max_length=255, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20)
    town = models.CharField(_("town"), max_length=100)
    country = GlobalLink(Country, models.PROTECT, related_name="+", verbose_name=_("country"))

    #: Uses, each a link of the customer: so a customer has at most one address of each use.
    USES: ClassVar[tuple[str, ...]] = ("invoice", "delivery")

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["label"]
        verbose_name = _("address")
        verbose_name_plural = _("addresses")

    def __str__(self) -> str:
        return self.label or f"{self.road1}, {self.postal_code} {self.town}".removeprefix(", ")

    @property
    def use_for_invoice(self) -> bool:
        """Whether invoices go to this address."""
        return self.pk is not None and self.customer.address_invoice_id == self.pk

    @property
    def use_for_delivery(self) -> bool:
        """Whether deliveries go to this address."""
        return self.pk is not None and self.customer.address_delivery_id == self.pk


class Contact(CustomFieldCarrier, Person):
    """A person to contact, attached to any number of customers."""

    CUSTOM_FIELD_USAGES = ("contact",)

    lastname = models.CharField(_("last name"), max_length=100)
    function = models.ForeignKey(
        ContactFunction, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("function")
    )
    road1 = models.CharField(_("road"), max_length=255, blank=True)
    road2 = models.CharField(_("road (2)"), max_length=255, blank=True)
    road3 = models.CharField(_("road (3)"), max_length=255, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    town = models.CharField(_("town"), max_length=100, blank=True)
    country = GlobalLink(
        Country, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("country")
    )
    comments = models.TextField(_("comments"), blank=True)
    customers = models.ManyToManyField(
        Customer, blank=True, related_name="contacts", verbose_name=_("customers")
    )

    class Meta(Person.Meta):
        abstract = False
        ordering = ["lastname", "firstname"]
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [
            models.Index(fields=["team", "created_at", "id"], condition=LIVING, name="contact_created"),
            models.Index(fields=["team", "updated_at", "id"], name="contact_updated"),
            models.Index(fields=["team", "lastname", "firstname"], condition=LIVING, name="contact_name"),
        ]

    def __str__(self) -> str:
        return self.fullname

    @classmethod
    def restrict(cls, queryset: models.QuerySet[Any], actor: Any) -> models.QuerySet[Any]:
        """Hide contacts all of whose customers are hidden; all of them, without the right to see any."""
        if actor.level("contact") < 1:
            return queryset.none()
        if not narrows(actor):
            return queryset
        seen = Customer.restrict(Customer.objects.all(), actor).values("pk")
        alone = ~Q(pk__in=cls.customers.through.objects.values("contact"))
        return queryset.filter(
            alone | Q(pk__in=cls.customers.through.objects.filter(customer__in=seen).values("contact"))
        )
