"""Lists that other chapters choose from: those of the world, the same for every team, and each team's own."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from functools import lru_cache
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from stdnum import bic, iban
from stdnum.exceptions import ValidationError as NumberError

from erp.core.global_lists import GlobalLink, GlobalQuerySet
from erp.core.models import TenantModel

__all__ = [
    "BankAccount",
    "ChargeCategory",
    "Civility",
    "Country",
    "Currency",
    "PaymentMethod",
    "PaymentTerm",
    "PdfModel",
    "SaleCategory",
    "SaleCategoryAccount",
    "SaleTerm",
    "Tag",
    "TaskCategory",
    "Timezone",
    "Unit",
    "VatRate",
]


#: Colours reach style sheets: nothing but six hexadecimal digits may pass.
hex_color = RegexValidator(r"\A#[0-9a-fA-F]{6}\Z", _("Give a colour as #1f4e79."))


def name_column() -> str:
    """The column of a global list's names in the language in force."""
    return "name_en" if (get_language() or "").startswith("en") else "name_fr"


class GlobalList(models.Model):
    """A list of the world: ids are stable for ever, names come in French and English."""

    #: Why these rows belong to no team (the tenancy test asks every model).
    global_reason: ClassVar[str] = "facts of the world, the same for every team"

    id = models.PositiveIntegerField(primary_key=True)
    name_fr = models.CharField(_("French name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100)

    objects = GlobalQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language in force."""
        return str(getattr(self, name_column()))


class Country(GlobalList):
    """A country or territory (ISO 3166). France is 67."""

    code = models.CharField(_("code"), max_length=2, unique=True)
    ue_member = models.BooleanField(_("member of the European Union"), default=False)

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")


class Currency(GlobalList):
    """A currency (ISO 4217). The Euro is 51. `country` is empty when several countries use it."""

    code = models.CharField(_("code"), max_length=3, unique=True)
    symbol = models.CharField(_("symbol"), max_length=8)
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=2)
    country = GlobalLink(Country, models.PROTECT, null=True, related_name="+", verbose_name=_("country"))

    class Meta:
        verbose_name = _("currency")
        verbose_name_plural = _("currencies")


class Timezone(GlobalList):
    """A timezone of the IANA database. Europe/Paris is 76."""

    timezone = models.CharField(_("timezone"), max_length=50, unique=True)
    #: Standard offset from Greenwich ("+01:00"), kept to be sorted, searched and filtered.
    diff = models.CharField(_("difference"), max_length=6)

    class Meta:
        verbose_name = _("timezone")
        verbose_name_plural = _("timezones")

    @staticmethod
    def zone(key: int) -> ZoneInfo:
        """The zone of a timezone's id."""
        return _zone(key)


@lru_cache(maxsize=512)
def _zone(key: int) -> ZoneInfo:
    return ZoneInfo(Timezone.objects.values_list("timezone", flat=True).get(pk=key))


class Titled(TenantModel):
    """A row that people know by one text, kept without spaces around it."""

    #: The attribute that holds the text.
    title: ClassVar[str] = "name"

    class Meta(TenantModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return str(getattr(self, self.title))

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        setattr(self, self.title, (getattr(self, self.title) or "").strip())
        super().clean_fields(exclude)


class TenantList(Titled):
    """A team's own list, whose rows have a label."""

    title = "label"

    label = models.CharField(_("label"), max_length=150)

    class Meta(Titled.Meta):
        abstract = True
        ordering = ["label"]


class DefaultList(TenantList):
    """A list of which one row may be the one selected by default."""

    use_default = models.BooleanField(_("selected by default"), default=False)

    class Meta(TenantList.Meta):
        abstract = True


class Unit(DefaultList):
    """A unit of quantity; keeps its UN/ECE Recommendation 20 code for electronic invoices."""

    unece_code = models.CharField(_("UN/ECE code"), max_length=3, blank=True)

    class Meta(DefaultList.Meta):
        verbose_name = _("unit")
        verbose_name_plural = _("units")


class Civility(Titled):
    """How a person is addressed."""

    name = models.CharField(_("name"), max_length=50)
    short_name = models.CharField(_("short name"), max_length=20)
    use_default = models.BooleanField(_("selected by default"), default=False)

    class Meta(Titled.Meta):
        abstract = False
        ordering = ["name"]
        verbose_name = _("civility")
        verbose_name_plural = _("civilities")


class VatRate(TenantModel):
    """A VAT rate in percent, with the mention that the law asks to print when it is used."""

    class Category(models.TextChoices):
        STANDARD = "S", _("Standard rate")
        EXEMPT = "E", _("Exempt")
        REVERSE_CHARGE = "AE", _("Reverse charge")
        INTRA_COMMUNITY = "K", _("Intra-Community supply")
        EXPORT = "G", _("Export outside the EU")
        OUT_OF_SCOPE = "O", _("Outside the scope of VAT")
        ZERO = "Z", _("Zero rated")

    rate = models.DecimalField(
        _("rate (%)"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    label = models.CharField(_("label"), max_length=150, blank=True)
    legal_notice = models.TextField(_("legal notice"), blank=True)
    use_default = models.BooleanField(_("selected by default"), default=False)
    status = models.BooleanField(_("active"), default=True)
    #: UNCL 5305 category, for electronic invoices (BT-118, BT-151).
    category = models.CharField(
        _("VAT category"), max_length=2, choices=Category.choices, default=Category.STANDARD
    )

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["-rate"]
        verbose_name = _("VAT rate")
        verbose_name_plural = _("VAT rates")

    def __str__(self) -> str:
        return self.label or f"{self.rate.normalize():f} %"

    def clean(self) -> None:
        """The category agrees with the rate (EN 16931, BR-S-05, BR-E-05, BR-Z-05 and alike)."""
        if self.rate:
            self.category = self.Category.STANDARD
        elif self.category == self.Category.STANDARD:
            self.category = self.Category.EXEMPT if self.legal_notice else self.Category.ZERO


class PaymentTerm(TenantList):
    """When an invoice is due: after some days, then at the end of the month or on a day of the next."""

    day_number = models.PositiveSmallIntegerField(_("days"), default=0, validators=[MaxValueValidator(3650)])
    end_month = models.BooleanField(_("end of the month"), default=False)
    end_month_day = models.PositiveSmallIntegerField(
        _("day of the following month"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
    )

    class Meta(TenantList.Meta):
        verbose_name = _("payment term")
        verbose_name_plural = _("payment terms")


class PaymentMethod(TenantList):
    """A means of payment."""

    class Type(models.IntegerChoices):
        OTHER = 0, _("Other")
        CARD = 1, _("Bank card")
        CHECK = 2, _("Check")
        CASH = 3, _("Cash")
        DIRECT_DEBIT = 4, _("Direct debit")
        TRANSFER = 5, _("Bank transfer")

    type = models.PositiveSmallIntegerField(_("type"), choices=Type.choices, default=Type.OTHER)
    pdf_content = models.TextField(_("text on documents"), blank=True)

    class Meta(TenantList.Meta):
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")


class SaleTerm(TenantList):
    """General terms of sale, printed with documents (sanitised HTML)."""

    content = models.TextField(_("content"))

    class Meta(TenantList.Meta):
        verbose_name = _("sale term")
        verbose_name_plural = _("sale terms")


class BankAccount(Titled):
    """A bank account of the team, printed on invoices."""

    name = models.CharField(_("name"), max_length=150)
    owner = models.CharField(_("owner"), max_length=150, blank=True)
    iban = models.CharField(_("IBAN"), max_length=42, blank=True)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    sepa_id = models.CharField(_("SEPA creditor identifier"), max_length=35, blank=True)
    account_number = models.CharField(_("account number"), max_length=34, blank=True)
    bank_code = models.CharField(_("bank code"), max_length=20, blank=True)
    use_default = models.BooleanField(_("selected by default"), default=False)

    class Meta(Titled.Meta):
        abstract = False
        ordering = ["name"]
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")

    def clean(self) -> None:
        """Keep the IBAN (ISO 13616) and the BIC (ISO 9362) without spaces; refuse those that cannot be."""
        errors: dict[str, str] = {}
        try:
            self.iban = iban.validate(self.iban) if self.iban else ""
        except NumberError:
            errors["iban"] = _t("This IBAN is not valid: check it for a typing mistake.")
        try:
            self.bic = bic.validate(self.bic) if self.bic else ""
        except NumberError:
            errors["bic"] = _t("This BIC is not valid: it has 8 or 11 letters and digits.")
        if errors:
            raise ValidationError(errors)


class PdfModel(TenantList):
    """A layout of printed documents: for which kinds it serves, and for which it is the default."""

    kinds: ClassVar[tuple[str, ...]] = ("quotation", "command", "proforma", "delivery", "invoice", "credit")

    use_quotation = models.BooleanField(_("for quotations"), default=True)
    use_command = models.BooleanField(_("for orders"), default=True)
    use_proforma = models.BooleanField(_("for proformas"), default=True)
    use_delivery = models.BooleanField(_("for deliveries"), default=True)
    use_invoice = models.BooleanField(_("for invoices"), default=True)
    use_credit = models.BooleanField(_("for credits"), default=True)
    use_quotation_default = models.BooleanField(_("default for quotations"), default=False)
    use_command_default = models.BooleanField(_("default for orders"), default=False)
    use_proforma_default = models.BooleanField(_("default for proformas"), default=False)
    use_delivery_default = models.BooleanField(_("default for deliveries"), default=False)
    use_invoice_default = models.BooleanField(_("default for invoices"), default=False)
    use_credit_default = models.BooleanField(_("default for credits"), default=False)
    #: Colour of titles and rules on the page.
    accent_color = models.CharField(_("colour"), max_length=7, default="#1f4e79", validators=[hex_color])

    class Meta(TenantList.Meta):
        verbose_name = _("PDF model")
        verbose_name_plural = _("PDF models")

    def clean(self) -> None:
        """A default must serve: refuse it for kinds of documents that the model is not for."""
        text = _t("This model does not serve for these documents: it cannot be their default.")
        wrong = [kind for kind in self.kinds if self.is_default(kind) and not getattr(self, f"use_{kind}")]
        if wrong:
            raise ValidationError({f"use_{kind}_default": text for kind in wrong})

    def is_default(self, kind: str) -> bool:
        """Whether this is the model selected by default for a kind of document."""
        return bool(getattr(self, f"use_{kind}_default"))


class Category(TenantList):
    """A tree of categories, two levels or more."""

    account_number = models.CharField(_("account number"), max_length=20, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="childs", verbose_name=_("parent")
    )

    class Meta(TenantList.Meta):
        abstract = True

    def clean(self) -> None:
        """Refuse a parent that is the category itself or below it."""
        seen = {self.pk}
        ancestor = self.parent
        while ancestor is not None:
            if ancestor.pk in seen:
                raise ValidationError(
                    {"parent": _t("A category cannot be below itself: choose another parent.")}
                )
            seen.add(ancestor.pk)
            ancestor = ancestor.parent


class ChargeCategory(Category):
    """What a purchase is, for accounting."""

    class Meta(Category.Meta):
        verbose_name = _("charge category")
        verbose_name_plural = _("charge categories")


class SaleCategory(Category):
    """What a sale is, for accounting: one account, or one per VAT rate."""

    account_by_vatrate = models.BooleanField(_("one account per VAT rate"), default=False)

    class Meta(Category.Meta):
        verbose_name = _("sale category")
        verbose_name_plural = _("sale categories")


class SaleCategoryAccount(TenantModel):
    """The account of a sale category for one VAT rate."""

    category = models.ForeignKey(
        SaleCategory, models.CASCADE, related_name="accounts", verbose_name=_("category")
    )
    vatrate = models.ForeignKey(VatRate, models.PROTECT, related_name="+", verbose_name=_("VAT rate"))
    account_number = models.CharField(_("account number"), max_length=20)

    class Meta(TenantModel.Meta):
        abstract = False
        ordering = ["pk"]
        verbose_name = _("account by VAT rate")
        verbose_name_plural = _("accounts by VAT rate")
        constraints = [
            models.UniqueConstraint(
                fields=["category", "vatrate"], condition=Q(deleted_at=None), name="sale_account_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.vatrate} → {self.account_number}"


class Tag(Titled):
    """A word attached to rows, made by naming it."""

    name = models.CharField(_("name"), max_length=100)

    class Meta(Titled.Meta):
        abstract = False
        ordering = ["name"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [
            models.UniqueConstraint(
                fields=["team", "name"],
                condition=Q(deleted_at=None),
                name="tag_once",
                violation_error_message=_("This tag already exists."),
            )
        ]

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """The only constraint is about the name: its error belongs there."""
        try:
            super().validate_constraints(exclude)
        except ValidationError as error:
            raise ValidationError({"name": error.messages}) from error


class TaskCategory(DefaultList):
    """What a task is about (reference: Task Category)."""

    color = models.CharField(_("colour"), max_length=7, default="#64748b", validators=[hex_color])

    class Meta(DefaultList.Meta):
        verbose_name = _("task category")
        verbose_name_plural = _("task categories")


def standard_offset(name: str, year: int) -> str:
    """The standard (winter) difference of a zone with Greenwich: "+01:00"."""
    zone = ZoneInfo(name)
    offsets = [datetime.datetime(year, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)]
    minutes = min(int(offset.total_seconds() // 60) for offset in offsets if offset is not None)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
