"""What can happen to lists: global ones are loaded by every migration, a team's own are seeded when it is made."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import nh3
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from erp.core import services as core
from erp.core.scope import current_team
from erp.various import data
from erp.various.models import (
    ChargeCategory,
    Civility,
    Country,
    Currency,
    PaymentMethod,
    PaymentTerm,
    PdfModel,
    SaleCategory,
    SaleCategoryAccount,
    SaleTerm,
    Tag,
    TaskCategory,
    Timezone,
    Unit,
    VatRate,
    standard_offset,
)

__all__ = ["due_date", "load_global_lists", "save_sale_category", "seed_lists", "tags_named"]

#: What team rich text may contain: text, not layout. No style, no address, no picture.
RICH_TEXT_TAGS = {"b", "br", "div", "em", "h1", "h2", "h3", "h4", "i", "li", "ol", "p", "s", "span", "strong", "sub",
                  "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul"}


def clean_html(text: str) -> str:
    """Team rich text without anything that could run, load or link."""
    return nh3.clean(text, tags=RICH_TEXT_TAGS, attributes={}, url_schemes=set())


# --- Global lists ---------------------------------------------------------------------------------


def load_global_lists(**kwargs: Any) -> None:
    """Write countries, currencies and timezones as the data files have them; safe to repeat."""
    _upsert(Country, data.load("countries"))
    countries = dict(Country.objects.values_list("code", "pk"))
    _upsert(Currency, [_currency(row, countries) for row in data.load("currencies")])
    year = timezone.now().year
    _upsert(Timezone, [{**row, "diff": standard_offset(row["timezone"], year)} for row in data.load("timezones")])


def _currency(row: dict[str, Any], countries: dict[str, int]) -> dict[str, Any]:
    country = row.pop("country")
    return {**row, "country_id": countries[country] if country else None}


def _upsert(model: Any, rows: list[dict[str, Any]]) -> None:
    fields = [name for name in rows[0] if name != "id"]
    model.objects.bulk_create(
        [model(**row) for row in rows], update_conflicts=True, unique_fields=["id"], update_fields=fields
    )


# --- A new team's lists ---------------------------------------------------------------------------


@transaction.atomic
def seed_lists() -> None:
    """Give the current team the lists that a French company expects, in the installation's language."""
    language = settings.LANGUAGE_CODE[:2]
    for model, name in ((Unit, "units"), (PaymentTerm, "payment_terms"), (PaymentMethod, "payment_methods"),
                        (TaskCategory, "task_categories"), (PdfModel, "pdf_models"), (SaleTerm, "sale_terms"),
                        (Civility, "civilities")):
        _seed(model, data.load(name), language)
    _seed(VatRate, [_vat_rate(row, language) for row in data.load("vat_rates")], language)
    for model in (ChargeCategory, SaleCategory):
        _seed_tree(model, data.load(f"{model.__name__.removesuffix('Category').lower()}_categories"), language)


def _seed(model: Any, rows: list[dict[str, Any]], language: str) -> None:
    model.objects.bulk_create([model(**localised(row, language)) for row in rows])


def localised(row: dict[str, Any], language: str) -> dict[str, Any]:
    """A data row with its texts in one language: {"label_fr", "label_en"} become {"label"}."""
    suffix = f"_{'en' if language == 'en' else 'fr'}"
    values = {name: value for name, value in row.items() if not name.endswith(("_fr", "_en"))}
    return values | {name.removesuffix(suffix): value for name, value in row.items() if name.endswith(suffix)}


def _vat_rate(row: dict[str, Any], language: str) -> dict[str, Any]:
    mention = row.pop("legal_mention")
    text = data.legal_mention(mention, timezone.now().date())[f"text_{language}"] if mention else ""
    return {**row, "rate": Decimal(row["rate"]), "legal_notice": text}


def _seed_tree(model: Any, rows: list[dict[str, Any]], language: str) -> None:
    made: dict[str, Any] = {}
    for row in rows:
        parent = made.get(row.pop("parent"))
        made[row["account_number"]] = model.objects.create(**localised(row, language), parent=parent)


# --- Tags -----------------------------------------------------------------------------------------


def tags_named(names: Iterable[str]) -> list[Tag]:
    """The team's tags of these names; unknown ones are made."""
    wanted = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    known = {tag.name: tag for tag in Tag.objects.filter(name__in=wanted)}
    return [known.get(name) or Tag.objects.create(name=name) for name in wanted]


def change_tags(relation: Any, values: dict[str, Any]) -> None:
    """Apply `tags` (the whole set), `attach_tags` and `detach_tags` (taken out of `values`) to a row's tags."""
    whole, attach, detach = (values.pop(name, None) for name in ("tags", "attach_tags", "detach_tags"))
    if whole is not None:
        relation.set(tags_named(whole))
    if attach:
        relation.add(*tags_named(attach))
    if detach:
        relation.remove(*Tag.objects.filter(name__in=detach))


# --- Sale categories ------------------------------------------------------------------------------


@transaction.atomic
def save_sale_category(row: SaleCategory, values: dict[str, Any]) -> SaleCategory:
    """Save a sale category with its accounts by VAT rate (`accounts` replaces the whole list)."""
    accounts = values.pop("accounts", None)
    core.save(row, values)
    if accounts is not None:
        row.accounts.all().delete()
        SaleCategoryAccount.objects.bulk_create([SaleCategoryAccount(category=row, **account) for account in accounts])
    return row


# --- Payment terms --------------------------------------------------------------------------------


def due_date(term: PaymentTerm | None, date: datetime.date) -> datetime.date:
    """When a document of this date is due: days, then end of month, then the day of the following month."""
    if term is None:
        return date
    due = date + datetime.timedelta(days=term.day_number)
    if not term.end_month:
        return due
    if term.end_month_day is None:
        return due.replace(day=calendar.monthrange(due.year, due.month)[1])
    following = due.replace(day=1) + datetime.timedelta(days=32)
    last = calendar.monthrange(following.year, following.month)[1]
    return following.replace(day=min(term.end_month_day, last))


def default_pdf_model(kind: str) -> PdfModel | None:
    """The team's layout for a kind of document: its default, else any that serves."""
    models = PdfModel.objects.filter(**{f"use_{kind}": True})
    return models.order_by(f"-use_{kind}_default", "pk").first()


def default_vat_rate() -> VatRate | None:
    """The VAT rate selected by default in the current team."""
    return VatRate.objects.filter(status=True).order_by("-use_default", "-rate").first()


def team_today() -> datetime.date:
    """Today in the current team's timezone."""
    return timezone.now().astimezone(current_team().timezone).date()
