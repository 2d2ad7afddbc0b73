"""What can happen to lists: loading those of the world, giving a new team its own, and their rules."""

from __future__ import annotations

import calendar
import datetime
import html
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import nh3
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.html import linebreaks
from django.utils.translation import gettext as _

from erp.core import services as core
from erp.core.errors import Invalid
from erp.core.models import TenantModel
from erp.core.scope import current_team
from erp.various import data
from erp.various.models import (
    Category,
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

__all__ = [
    "change_tags",
    "clean_html",
    "default_pdf_model",
    "default_vat_rate",
    "delete_category",
    "delete_tag",
    "due_date",
    "html_of_text",
    "load_global_lists",
    "save_pdf_model",
    "save_sale_category",
    "save_sale_term",
    "seed_lists",
    "tags_named",
    "team_today",
    "text_of_html",
]

#: What team rich text may contain: text, not layout. No style, no address, no picture.
RICH_TEXT_TAGS = {
    "b",
    "br",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "i",
    "li",
    "ol",
    "p",
    "s",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
}


def clean_html(text: str) -> str:
    """Team rich text without anything that could run, load or link."""
    return nh3.clean(text, tags=RICH_TEXT_TAGS, attributes={}, url_schemes=set())


#: Where a reader of rich text sees a new line.
_LINE_ENDS = re.compile(r"<br\s*/?>|</(?:div|li|tr|h[1-4])>", re.IGNORECASE)
_PARAGRAPH_ENDS = re.compile(r"</p>", re.IGNORECASE)


_MARKUP = re.compile(r"</?[a-z][a-z0-9]*[^<>]*>", re.IGNORECASE)


def text_of_html(text: str) -> str:
    """Rich text as a reader sees it, without its markup."""
    bare = nh3.clean(_LINE_ENDS.sub("\n", _PARAGRAPH_ENDS.sub("\n\n", text)), tags=set())
    return re.sub(r"\n{3,}", "\n\n", html.unescape(bare).replace("\xa0", " ")).strip()


def html_of_text(text: str) -> str:
    """Typed text as rich text: paragraphs and lines; what has markup already stays as it is."""
    text = text.strip()
    if not text or _MARKUP.search(text):
        return text
    return clean_html(linebreaks(text.replace("\r\n", "\n"), autoescape=True).replace("\n\n", ""))


# --- Global lists ---------------------------------------------------------------------------------


def load_global_lists(**kwargs: Any) -> None:
    """Write countries, currencies and timezones as the data files have them; safe to repeat."""
    _upsert(Country, data.load("countries"))
    countries = dict(Country.objects.values_list("code", "pk"))
    _upsert(Currency, [_currency(row, countries) for row in data.load("currencies")])
    year = timezone.now().year
    _upsert(
        Timezone, [{**row, "diff": standard_offset(row["timezone"], year)} for row in data.load("timezones")]
    )


def _currency(row: dict[str, Any], countries: dict[str, int]) -> dict[str, Any]:
    country = row.pop("country")
    return {**row, "country_id": countries[country] if country else None}


def _upsert(model: Any, rows: list[dict[str, Any]]) -> None:
    fields = [name for name in rows[0] if name != "id"]
    model.objects.bulk_create(
        [model(**row) for row in rows], update_conflicts=True, unique_fields=["id"], update_fields=fields
    )


# --- A new team's lists ---------------------------------------------------------------------------


#: Models seeded row by row from the data file of this name.
PLAIN_SEEDS: tuple[tuple[type[TenantModel], str], ...] = (
    (Unit, "units"),
    (PaymentTerm, "payment_terms"),
    (PaymentMethod, "payment_methods"),
    (TaskCategory, "task_categories"),
    (PdfModel, "pdf_models"),
    (SaleTerm, "sale_terms"),
    (Civility, "civilities"),
)


@transaction.atomic
def seed_lists() -> None:
    """Give the current team the lists that a French company expects, in the installation's language."""
    language = settings.LANGUAGE_CODE[:2]
    for model, name in PLAIN_SEEDS:
        _seed(model, data.load(name), language)
    _seed(VatRate, [_vat_rate(row) for row in data.load("vat_rates")], language)
    _seed_tree(ChargeCategory, data.load("charge_categories"), language)
    _seed_tree(SaleCategory, data.load("sale_categories"), language)


def _seed(model: Any, rows: list[dict[str, Any]], language: str) -> None:
    model.objects.bulk_create([model(**localised(row, language)) for row in rows])


def localised(row: dict[str, Any], language: str) -> dict[str, Any]:
    """A data row with its texts in English or else French: {"label_fr", "label_en"} become {"label"}."""
    suffix = "_en" if language == "en" else "_fr"
    values = {name: value for name, value in row.items() if not name.endswith(("_fr", "_en"))}
    return values | {name.removesuffix(suffix): value for name, value in row.items() if name.endswith(suffix)}


def _vat_rate(row: dict[str, Any]) -> dict[str, Any]:
    """A rate of the data files with the wording in force today of the mention that it needs."""
    key = row.pop("legal_mention")
    mention = data.legal_mention(key, timezone.now().date()) if key else {"text_fr": "", "text_en": ""}
    notices = {"legal_notice_fr": mention["text_fr"], "legal_notice_en": mention["text_en"]}
    return {**row, **notices, "rate": Decimal(row["rate"])}


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
    return [known.get(name) or Tag.objects.get_or_create(name=name)[0] for name in wanted]


def change_tags(relation: Any, values: dict[str, Any]) -> None:
    """Change a row's tags by the names in `tags` (the whole set), `attach_tags` and `detach_tags`.

    These are taken out of `values`, so that what is left can be saved.
    """
    whole, attach, detach = (values.pop(name, None) for name in ("tags", "attach_tags", "detach_tags"))
    if whole is not None:
        relation.set(tags_named(whole))
    if attach:
        relation.add(*tags_named(attach))
    if detach:
        relation.remove(*Tag.objects.filter(name__in=[name.strip() for name in detach]))


@transaction.atomic
def delete_tag(tag: Tag) -> None:
    """Delete a tag and take it off every row that has it."""
    relations: Iterable[Any] = Tag._meta.get_fields(include_hidden=True)
    for relation in relations:
        if relation.many_to_many and relation.auto_created:
            link = relation.field.m2m_reverse_field_name()
            relation.through._base_manager.filter(**{link: tag}).delete()
    core.delete(tag)


# --- Categories -----------------------------------------------------------------------------------


@transaction.atomic
def save_sale_category(row: SaleCategory, values: dict[str, Any]) -> SaleCategory:
    """Save a sale category with its accounts by VAT rate (`accounts` replaces the whole list).

    Raises Invalid (422) when two accounts are for the same VAT rate.
    """
    values = dict(values)
    accounts = values.pop("accounts", None)
    core.save(row, values)
    if accounts is not None:
        _one_account_per_rate(accounts)
        SaleCategoryAccount.objects.filter(category=row).hard_delete()
        SaleCategoryAccount.objects.bulk_create(
            SaleCategoryAccount(category=row, vatrate=one["vatrate"], account_number=one["account_number"])
            for one in accounts
        )
    return row


def _one_account_per_rate(accounts: list[dict[str, Any]]) -> None:
    seen: set[VatRate] = set()
    for place, account in enumerate(accounts):
        if account["vatrate"] in seen:
            raise Invalid({f"accounts.{place}.vatrate": _("This VAT rate already has an account.")})
        seen.add(account["vatrate"])


@transaction.atomic
def delete_category(row: Category) -> None:
    """Delete a category; those below it move up to its own parent."""
    core.delete(row)
    type(row).objects.filter(parent=row).update(parent=row.parent)


# --- What is printed ------------------------------------------------------------------------------


def save_sale_term(row: SaleTerm, values: dict[str, Any]) -> SaleTerm:
    """Save terms of sale, their text cleaned of what is not text."""
    if "content" in values:
        values = {**values, "content": clean_html(values["content"])}
    return core.save(row, values)


@transaction.atomic
def save_pdf_model(row: PdfModel, values: dict[str, Any]) -> PdfModel:
    """Save a PDF model; of each kind of document, the last one made the default is the only one."""
    core.save(row, values)
    for kind in PdfModel.kinds:
        if row.is_default(kind):
            flag = f"use_{kind}_default"
            PdfModel.objects.filter(**{flag: True}).exclude(pk=row.pk).update(**{flag: False})
    return row


def default_pdf_model(kind: str) -> PdfModel | None:
    """The team's layout for a kind of document: its default, else any that serves."""
    models = PdfModel.objects.filter(**{f"use_{kind}": True})
    return models.order_by(f"-use_{kind}_default", "pk").first()


# --- Payment terms --------------------------------------------------------------------------------


def due_date(term: PaymentTerm | None, date: datetime.date) -> datetime.date:
    """When a document of this date is due: its days later, then the end of that month, or the wanted day of
    the next month (its last day when the month is too short). Without a term it is due at once."""
    if term is None:
        return date
    due = date + datetime.timedelta(days=term.day_number)
    if term.end_month_day is not None:
        return _on_day(due.replace(day=1) + datetime.timedelta(days=32), term.end_month_day)
    return _on_day(due, 31) if term.end_month else due


def _on_day(date: datetime.date, day: int) -> datetime.date:
    """The day of a date's month, or the month's last."""
    return date.replace(day=min(day, calendar.monthrange(date.year, date.month)[1]))


def default_vat_rate() -> VatRate | None:
    """The VAT rate selected by default in the current team."""
    return VatRate.objects.filter(status=True).order_by("-use_default", "-rate").first()


def team_today() -> datetime.date:
    """Today in the current team's timezone."""
    return timezone.now().astimezone(current_team().timezone).date()
