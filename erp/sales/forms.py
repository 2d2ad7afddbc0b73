"""The form of a sales document and its grid of lines: what is typed, as the services take it."""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from erp.catalog.durations import DurationType
from erp.catalog.models import Product, ProductVariation
from erp.catalog.services import sees_stock
from erp.core.access import visible
from erp.core.admin import TenantForm
from erp.customers.models import Contact, Customer
from erp.sales.choices import DiscountType, InputMode
from erp.sales.grid import Sold, code_of, elements_of, sells
from erp.sales.models import Document, Line
from erp.sales.services.drafting import end_of_day
from erp.various.figures import shown
from erp.various.inputs import NumberField, shown_input
from erp.various.models import Unit, VatRate

__all__ = [
    "DocumentForm",
    "LineForm",
    "Lines",
    "customer_named",
    "line_initial",
    "stock_text",
]

#: A document of more lines is made by the API.
MAX_LINES = 1000
ZERO = Decimal(0)
TAG = re.compile(r"</?[a-z][a-z0-9]*\b[^>]*>", re.IGNORECASE)
HEADING = re.compile(r"^<strong>(.*)</strong>$", re.DOTALL)


class RowField(forms.ChoiceField):
    """A choice among rows that were read once for the whole grid."""

    def __init__(self, rows: Mapping[int, Any], **kwargs: Any) -> None:
        self.rows = rows
        choices = [("", "–"), *((key, label_of(row, rows.values())) for key, row in rows.items())]
        super().__init__(choices=choices, required=False, **kwargs)

    def to_python(self, value: Any) -> Any:
        key = super().to_python(value)
        return self.rows.get(int(key)) if key.isdecimal() else None

    def validate(self, value: Any) -> None:
        """What is no row of the team is taken as nothing chosen by `to_python`; `clean` refuses it."""

    def clean(self, value: Any) -> Any:
        row = super().clean(value)
        if row is None and value:
            raise forms.ValidationError(_t("This choice does not exist."))
        return row

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(initial or "") != str(data or "")


def label_of(row: Any, rows: Iterable[Any]) -> str:
    """A row in a narrow list: a VAT rate is its number, and its name where several have this number."""
    if not isinstance(row, VatRate):
        return str(row)
    is_alone = sum(other.rate == row.rate for other in rows) == 1
    return f"{shown(row.rate)} %" if is_alone else f"{shown(row.rate)} % {row}"


# --- One line -------------------------------------------------------------------------------------

ITEM, OPTION, TEXT, HEADING_KIND, SUBTOTAL, PAGE_BREAK = (
    "item",
    "option",
    "text",
    "heading",
    "subtotal",
    "pagebreak",
)
KINDS = (
    (ITEM, _("Article")),
    (OPTION, _("Option")),
    (TEXT, _("Text")),
    (HEADING_KIND, _("Heading")),
    (SUBTOTAL, _("Subtotal")),
    (PAGE_BREAK, _("Page break")),
)
FLAGS = {
    "is_option": (OPTION,),
    "is_comments": (TEXT, HEADING_KIND),
    "is_subtotal": (SUBTOTAL,),
    "is_pagebreak": (PAGE_BREAK,),
}
#: Columns of a line that are set as typed, and those that may be emptied.
AS_TYPED = (
    "reference", "ean_code", "weight_unit", "quantity", "unit", "secondary_quantity", "secondary_unit",
    "vat_rate", "discount_type", "discount_value", "catalog_costs_u", "various_costs_u", "hourly_person_cost",
    "number_people_needed", "duration", "duration_type",
)  # fmt: skip
MAY_BE_EMPTY = {"weight_unit", "unit", "secondary_quantity", "secondary_unit", "vat_rate"}
#: Prices are typed on one side, that of the document's input mode.
SIDED = ("unit_price", "ecotax_u")
#: What may change on a line whose amounts were given (a deposit).
TEXTS = ("reference", "designation")


def kind_of(line: Line) -> str:
    """Which of KINDS a line is."""
    if line.is_comments:
        return HEADING_KIND if HEADING.match(line.designation) else TEXT
    flags = ((line.is_subtotal, SUBTOTAL), (line.is_pagebreak, PAGE_BREAK), (line.is_option, OPTION))
    return next((kind for flag, kind in flags if flag), ITEM)


def text_of(line: Line) -> str:
    """A designation to edit: text when it has no layout, else its HTML."""
    found = HEADING.match(line.designation) if line.is_comments else None
    text = found.group(1) if found else line.designation
    return text if TAG.search(text) else html.unescape(text)


def html_of(text: str, kind: str) -> str:
    """The designation that a typed text stands for."""
    text = text.strip() if TAG.search(text) else html.escape(text.strip(), quote=False)
    return f"<strong>{text}</strong>" if kind == HEADING_KIND and text else text


def line_initial(line: Line, mode: str) -> dict[str, Any]:
    """What the inputs of a line hold."""
    values: dict[str, Any] = {
        name: getattr(line, f"{name}_id" if name in ("unit", "secondary_unit", "vat_rate") else name)
        for name in AS_TYPED
    }
    values |= {name: getattr(line, f"{name}_{mode}") for name in SIDED}
    values["discount_value"] = line.discount_value or None
    return values | {
        "affair_content": line.affair_content_id,
        "catalog": code_of(line.element, line.variation),
        "catalog_price": shown_input(values["unit_price"], True) if line.is_price_automatic else "",
        "kind": kind_of(line),
        "designation": text_of(line),
    }


class LineForm(forms.Form):
    """A line as typed; inputs that the page did not show are left as they are."""

    affair_content = forms.IntegerField(required=False, widget=forms.HiddenInput)
    catalog = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    #: The price that the catalog gave: while the price says the same, nobody typed one.
    catalog_price = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=KINDS, label=_("Kind"))
    reference = forms.CharField(required=False, max_length=100, label=_("Reference"))
    designation = forms.CharField(required=False, widget=forms.Textarea({"rows": 1}), label=_("Designation"))
    ean_code = forms.CharField(required=False, max_length=50, label=_("EAN code"))
    weight_unit = NumberField(
        required=False, decimal_places=2, max_digits=15, label=_("Weight"), widget=forms.TextInput
    )
    quantity = NumberField(required=False, label=_("Quantity"), widget=forms.TextInput)
    secondary_quantity = NumberField(required=False, label=_("Second quantity"), widget=forms.TextInput)
    unit_price = NumberField(required=False, is_price=True, label=_("Unit price"), widget=forms.TextInput)
    discount_value = NumberField(
        required=False, decimal_places=2, max_digits=15, label=_("Discount"), widget=forms.TextInput
    )
    discount_type = forms.ChoiceField(
        required=False,
        choices=((DiscountType.PERCENT, "%"), (DiscountType.AMOUNT, "±")),
        label=_("Discount in"),
    )
    ecotax_u = NumberField(
        required=False,
        is_price=True,
        decimal_places=2,
        max_digits=15,
        label=_("Eco-participation"),
        widget=forms.TextInput,
    )
    catalog_costs_u = NumberField(required=False, is_price=True, label=_("Unit cost"), widget=forms.TextInput)
    various_costs_u = NumberField(
        required=False, is_price=True, label=_("Various costs"), widget=forms.TextInput
    )
    hourly_person_cost = NumberField(
        required=False, is_price=True, label=_("Hourly cost"), widget=forms.TextInput
    )
    number_people_needed = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=10_000,
        label=_("Technicians"),
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    duration = NumberField(required=False, label=_("Duration"), widget=forms.TextInput)
    duration_type = forms.ChoiceField(required=False, choices=DurationType.choices, label=_("Duration in"))

    def __init__(self, data: Any, *, prefix: str, lists: LineLists, line: Line | None, mode: str) -> None:
        self.line, self.lists = line, lists
        initial = line_initial(line, mode) if line else lists.blank
        super().__init__(data, prefix=prefix, initial=initial, use_required_attribute=False)
        self.fields["unit"] = RowField(lists.with_row("units", line and line.unit), label=_("Unit"))
        self.fields["secondary_unit"] = RowField(
            lists.with_row("units", line and line.secondary_unit), label=_("Second unit")
        )
        self.fields["vat_rate"] = RowField(
            lists.with_row("vat_rates", line and line.vat_rate), label=_("VAT")
        )
        for name, field in self.fields.items():
            field.widget.attrs.update({"data-field": name, "aria-label": field.label})
            if self.is_fixed and name not in (*TEXTS, "affair_content", "catalog", "catalog_price"):
                field.disabled = True

    @property
    def is_fixed(self) -> bool:
        """Whether the line deducts or asks for a deposit: its amounts were given, not typed."""
        return self.line is not None and self.line.is_fixed and self.line.is_deposit

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed in a new line."""
        usual = {"vat_rate", "quantity", "discount_type", "duration_type", "catalog_price"}
        names = set(self.changed_data) - usual
        return self.line is None and not names

    @property
    def shown_kind(self) -> str:
        """The kind that the page shows, for its style."""
        return str(self["kind"].value() or ITEM)

    @property
    def sells(self) -> str:
        """What the line sells of the catalog, for its style."""
        return sells(str(self["catalog"].value() or ""))

    @property
    def shown_total(self) -> str:
        """The total on the side that is typed; text lines have none."""
        if self.line is None or self.line.is_comments or self.line.is_pagebreak:
            return ""
        return shown(
            getattr(self.line, f"{'subtotal' if self.line.is_subtotal else 'total_net'}_{self.lists.mode}"), 2
        )

    @property
    def picture(self) -> int | None:
        """The file of the stored line's picture, when the document's options show pictures."""
        if self.line is None or not self.lists.options.get("col_picture"):
            return None
        return self.line.picture_id

    @property
    def stock(self) -> str:
        """What is left of the product, in words."""
        if self.line is None or self.line.product is None:
            return ""
        return stock_text(self.line.product, self.lists.options, self.line.variation)

    @cached_property
    def row_errors(self) -> list[str]:
        """Errors that are about no input that is shown."""
        return [str(text) for name in ("__all__", "affair_content") for text in self.errors.get(name, ())]

    def clean_catalog(self) -> Sold | None:
        code = self.cleaned_data["catalog"]
        if not code:
            return None
        line = self.line
        if line is not None and line.element is not None and code == code_of(line.element, line.variation):
            return line.element, line.variation
        if (sold := self.lists.elements.get(code)) is None:
            raise forms.ValidationError(_t("This element of the catalog does not exist."))
        return sold

    def row(self, mode: str) -> dict[str, Any]:
        """The line as `create_document` and `update_document` take it; prices on the side of `mode`."""
        data, kind = self.cleaned_data, self.cleaned_data["kind"]
        row: dict[str, Any] = {"designation": html_of(data["designation"], kind)}
        if data["affair_content"] is not None:
            row["affair_content"] = data["affair_content"]
        if self.is_fixed:
            return row | {"reference": data["reference"]}
        row |= {flag: kind in kinds for flag, kinds in FLAGS.items()}
        row["catalog"], row["variation"] = data["catalog"] or (None, None)
        row |= {name: data[name] for name in AS_TYPED if self._counts(name)}
        row |= {f"{name}_{mode}": data[name] for name in SIDED if self._counts(name)}
        return self._from_sheet(row) if data["catalog"] is not None and self.line is None else row

    def clean(self) -> dict[str, Any]:
        """An input that was emptied on an existing line stands for nothing; a quantity has to be given."""
        data = super().clean() or {}
        if self.line is None or self.is_fixed or data.get("kind") not in (ITEM, OPTION):
            return data
        if self._was_shown("quantity") and data.get("quantity", ZERO) is None:
            self.add_error("quantity", _t("This field is required."))
        for name in (*AS_TYPED, *SIDED):
            if name not in MAY_BE_EMPTY and data.get(name, ZERO) is None:
                data[name] = 0 if name == "number_people_needed" else ZERO
        return data

    def _is_catalog_price(self) -> bool:
        """Whether the price is still the one that the catalog gave."""
        given = self.data.get(self.add_prefix("catalog_price"))
        return bool(given) and given == self.data.get(self.add_prefix("unit_price"))

    def _was_shown(self, name: str) -> bool:
        return self.add_prefix(name) in self.data

    def _counts(self, name: str) -> bool:
        """Whether an input was shown, and says something."""
        if name == "unit_price" and self._is_catalog_price():
            return False
        is_text = self.line is not None and name in ("reference", "ean_code")
        says = is_text or name in MAY_BE_EMPTY or self.cleaned_data[name] not in (None, "")
        return self._was_shown(name) and says

    @staticmethod
    def _from_sheet(row: dict[str, Any]) -> dict[str, Any]:
        """A new line of the catalog: what was left empty comes from the sheet of its element."""
        given = {name: value for name, value in row.items() if value not in (None, "")}
        if "duration" not in given:
            given.pop("duration_type", None)  # a unit that is always chosen says nothing by itself
        return given


def stock_text(
    product: Product, options: Mapping[str, Any], variation: ProductVariation | None = None
) -> str:
    """What is left of a product, or of its variation, as the document's options ask; "" when nobody keeps
    count or may know."""
    if not product.with_stock or not sees_stock():
        return ""
    row = variation or product
    theoretical = _t("theoretical stock %(quantity)s") % {"quantity": shown(row.stock_theoretical_quantity)}
    real = _t("stock %(quantity)s") % {"quantity": shown(row.stock_quantity)}
    choice = options.get("stock_display", 1)
    return ", ".join([text for text, choices in ((theoretical, (1, 3)), (real, (2, 3))) if choice in choices])


# --- All lines ------------------------------------------------------------------------------------


class LineLists:
    """What the inputs of all lines choose from, read once."""

    def __init__(self, options: Mapping[str, Any], mode: str, codes: Iterable[str]) -> None:
        self.options, self.mode = options, mode
        self.units = {row.pk: row for row in visible(Unit)}
        self.vat_rates = {row.pk: row for row in visible(VatRate)}
        self.elements = elements_of(codes)
        standard = next((rate for rate in self.vat_rates.values() if rate.use_default), None)
        self.blank = {
            "kind": ITEM, "quantity": Decimal(1), "vat_rate": standard and standard.pk,
            "discount_type": DiscountType.PERCENT, "duration_type": DurationType.HOUR,
        }  # fmt: skip

    def with_row(self, name: str, row: Any) -> dict[int, Any]:
        """The choices, and the row that a line has already, though it be deleted."""
        rows: dict[int, Any] = getattr(self, name)
        return rows if row is None or row.pk in rows else {**rows, row.pk: row}


class Lines:
    """The grid: the document's lines or, bound, those typed, in the order of the page."""

    prefix = "contents"
    COUNT = "contents-TOTAL"

    def __init__(self, document: Document, options: Mapping[str, Any], mode: str, data: Any = None) -> None:
        self.known: dict[int, Line] = {}
        if document.pk:
            links = ("product__unit", "variation", "service", "unit", "secondary_unit", "vat_rate")
            self.known = {line.affair_content_id: line for line in document.contents.select_related(*links)}
        self.data: Any = data if data is not None and self.COUNT in data else None
        self.lists = LineLists(options, mode, self._typed_codes())
        self.forms = list(self._bound_forms() if self.data is not None else self._stored_forms())

    def _typed_codes(self) -> set[str]:
        names = [name for name in self.data or () if re.fullmatch(r"contents-\d+-catalog", name)]
        return {self.data[name] for name in names}

    def _stored_forms(self) -> Iterator[LineForm]:
        for number, line in enumerate(self.known.values()):
            yield self._form(number, None, line)

    def _bound_forms(self) -> Iterator[LineForm]:
        count = self.data[self.COUNT]
        for number in range(min(int(count), MAX_LINES) if count.isdecimal() and len(count) < 9 else 0):
            key = self.data.get(f"{self.prefix}-{number}-affair_content") or ""
            yield self._form(number, self.data, self.known.get(int(key)) if key.isdecimal() else None)

    def _form(self, number: Any, data: Any, line: Line | None) -> LineForm:
        return LineForm(
            data, prefix=f"{self.prefix}-{number}", lists=self.lists, line=line, mode=self.lists.mode
        )

    @property
    def blank(self) -> LineForm:
        """What the page adds: names have `__n__` for the number."""
        return self._form("__n__", None, None)

    @cached_property
    def filled(self) -> list[LineForm]:
        """The lines in which something was typed."""
        return [form for form in self.forms if not form.is_blank]

    def is_valid(self) -> bool:
        """Whether every line can be read."""
        return self.data is None or not [form for form in self.filled if not form.is_valid()]

    def has_changed(self) -> bool:
        """Whether a line was changed, added, moved or taken away."""
        if self.data is None:
            return False
        present = [form.line.affair_content_id if form.line else None for form in self.filled]
        return present != list(self.known) or any(form.has_changed() for form in self.filled)

    def rows(self, mode: str) -> list[dict[str, Any]]:
        """All lines as the services take them."""
        return [form.row(mode) for form in self.filled]

    def take(self, refusal: Any) -> None:
        """Show a service's errors beside the inputs they are about."""
        for path in list(refusal.errors):
            plain = re.sub(r"^(contents\.\d+)\.(unit_price|ecotax_u)_(ht|ttc)$", r"\1.\2", path)
            refusal.errors[plain] = refusal.errors.pop(path)
        refusal.take_lines(SimpleNamespace(prefix=self.prefix, forms=self.filled))


# --- The document ---------------------------------------------------------------------------------


class DocumentForm(TenantForm):
    """A sales document with its lines."""

    #: Options of a new document, set per request by the admin; an existing one has its own.
    options: Mapping[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        document: Document = self.instance
        if isinstance(self.initial.get("expire_at"), datetime.datetime):
            self.initial["expire_at"] = timezone.localtime(self.initial["expire_at"]).date()
        self._limit_contacts()
        self.mode = self._mode()
        self.lines = Lines(
            document, document.input_options or self.options, self.mode, self.data if self.is_bound else None
        )

    def _mode(self) -> str:
        """Which side prices are on: as typed, else as stored."""
        typed = self.data.get(self.add_prefix("input_mode")) if self.is_bound else None
        stored = self.initial.get("input_mode") or self.instance.input_mode
        return str(typed if typed in InputMode.values else stored)

    def _limit_contacts(self) -> None:
        """Contacts are those of the customer."""
        if "contact" not in self.fields:
            return
        key = self.data.get(self.add_prefix("customer")) if self.is_bound else self.initial.get("customer")
        key = getattr(key, "pk", key)
        offered = (
            visible(Contact).filter(customers=key) if str(key or "").isdecimal() else visible(Contact).none()
        )
        self.fields["contact"].queryset = offered  # type: ignore[attr-defined]
        if self.instance.contact_id and not self.is_bound:
            self._keep_current_choices()

    def clean_expire_at(self) -> datetime.datetime | None:
        date = self.cleaned_data["expire_at"]
        return end_of_day(date) if date else None

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def _post_clean(self) -> None:
        if self.refusal is not None:
            self.lines.take(self.refusal)
        if not self.lines.is_valid():
            self.add_error(None, _t("Some lines need to be corrected: the reasons are beside them."))
        elif self.lines.data is not None:
            self.cleaned_data["contents"] = self.lines.rows(self.mode)
        super()._post_clean()

    @property
    def changed_data(self) -> list[str]:
        """Names of what was changed, `contents` for the lines."""
        names: list[str] = super().changed_data
        return [*names, "contents"] if self.lines.has_changed() else names


def customer_named(key: Any) -> Customer | None:
    """The customer of an id from the page, among those that may be seen."""
    return (
        visible(Customer).filter(pk=key).first()
        if str(key or "").isdecimal() and len(str(key)) < 19
        else None
    )
