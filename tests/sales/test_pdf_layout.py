"""What a sales document prints, read from the HTML and, where pages matter, from the PDF."""

import io
import re
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from pypdf import PdfReader

from erp.core.money import Amounts
from erp.core.pdf import render_pdf
from erp.core.printing import Formats
from erp.sales.calculation import DocumentInput, LineInput, compute
from erp.sales.pdf_layout import document_html, layout

# --- Builders: each sample is a snapshot such as validation freezes ---------------------------------------

Snapshot = dict[str, Any]

EURO = {"code": "EUR", "symbol": "€", "decimals": 2}
DOLLAR = {"code": "USD", "symbol": "$", "decimals": 2}
FORMATS = {
    "currency_position": "after",
    "number_format_decimals": ",",
    "number_format_number_thousands": "space",
    "date_format": "DD/MM/YYYY",
}
TEAM = {
    "company_name": "Atelier Lumen",
    "company_type": "SAS",
    "company_siret": "73282932000074",
    "company_rcs": "RCS Besançon 732 829 320",
    "company_vatrate": "FR44732829320",
    "company_naf": "4321A",
    "company_capital": "50000",
    "road1": "8 rue des Granges",
    "postal_code": "25000",
    "town": "Besançon",
    "country": "France",
    "country_code": "FR",
    "phone": "03 81 00 00 00",
    "email": "contact@lumen.example",
    "website": "lumen.example",
    "logo": "logo.png",
}
CUSTOMER = {
    "reference": "C00042",
    "vat_number": "FR83404833048",
    "siret": "40483304800022",
    "is_company": True,
}
BILLING = {
    "name": "Menuiserie du Doubs",
    "contact": "Claire Martin",
    "road": "12 rue de Dole",
    "postal_code": "25300",
    "city": "Pontarlier",
    "country": "France",
    "country_code": "FR",
}
PDF_OPTIONS = {
    "amounts": 1,
    "discounts": 1,
    "comments": 2,
    "units": 1,
    "pictures": 1,
    "number_column": 1,
    "reference_column": 1,
    "ean_column": 1,
    "weight_column": 1,
    "vatrate_column": False,
    "total_quantity": False,
    "contact": 1,
    "country": 1,
    "vatrate_number": 1,
}
INPUT_OPTIONS = {"col_number": False, "col_reference": True, "col_picture": False, "ean": 0, "weight": 0}
BANK = {"iban": "FR7630006000011234567890189", "bic": "AGRIFRPP", "owner": "Atelier Lumen"}
MENTIONS = [
    "Catégorie de l'opération : prestation de services.",
    "Aucun escompte n'est accordé pour paiement anticipé.",
    "Tout retard de paiement entraîne des pénalités au taux annuel de 12 %.",
    "En cas de retard de paiement, une indemnité forfaitaire de 40 € est due pour frais de recouvrement.",
]
LINE_RESULTS = [
    "total_quantity",
    "total_weight",
    "unit_price_ht",
    "unit_price_tva",
    "unit_price_ttc",
    "ecotax_u_ht",
    "ecotax_u_ttc",
    "discount_ht",
    "discount_ttc",
    "unit_price_net_ht",
    "unit_price_net_ttc",
    "subtotal_ht",
    "subtotal_ttc",
    "total_ecotax_ht",
    "total_ecotax_ttc",
    "total_ht",
    "total_tva",
    "total_ttc",
]
TOTALS = [
    "total_content_ht",
    "total_content_tva",
    "total_content_ttc",
    "total_ecotaxe_ht",
    "total_ecotaxe_tva",
    "total_ecotaxe_ttc",
    "global_discount_ht",
    "global_discount_tva",
    "global_discount_ttc",
    "total_ht",
    "total_tva",
    "total_ttc",
    "total_weight",
    "total_quantity_1",
    "total_quantity_2",
    "total_quantity",
    "amount_due",
]
DOCUMENT_INPUTS = [
    "global_discount_type",
    "global_discount_value",
    "escompte_rate",
    "grant_amount",
    "guarantee_holdback_pourcent",
    "advance_payment_type",
    "advance_payment_value",
    "secondary_quantity",
]


def item(designation: str, price: str = "100.00", quantity: str = "1", **values: Any) -> dict[str, Any]:
    """A priced line; `price` is on the document's input side."""
    line = {"designation": designation, "price": price, "quantity": quantity, "vat_rate_value": "20.00"}
    line |= {"discount_type": "pourcent", "discount_value": "0.00"}
    return {**line, "unit_label": None, "reference": None, **values}


def comment(designation: str) -> dict[str, Any]:
    return {"is_comments": True, "designation": designation}


SUBTOTAL = {"is_subtotal": True, "designation": None}
PAGE_BREAK = {"is_pagebreak": True}


def document(kind: str = "invoice", lines: list[dict[str, Any]] | None = None, **values: Any) -> Snapshot:
    """A snapshot with true totals; `values` replace its keys, and single options."""
    lines = [item("Consulting", "100.00", "2")] if lines is None else lines
    snapshot: Snapshot = {
        "kind": kind,
        "is_draft": False,
        "is_deposit": False,
        "reference": {"invoice": "FA-2026-0042", "credit": "AV-2026-0003"}.get(kind, "DOC-2026-0007"),
        "version": 1,
        "date": "2026-11-21",
        "team": TEAM,
        "formats": FORMATS,
        "team_options": {},
        "customer": CUSTOMER,
        "billing_address": BILLING,
        "delivery_address": BILLING,
        "currency": EURO,
        "team_currency": EURO,
        "input_mode": "ht",
        "secondary_quantity_mode": "disable",
        **values,
        "pdf_options": {**PDF_OPTIONS, **values.get("pdf_options", {})},
        "input_options": {**INPUT_OPTIONS, **values.get("input_options", {})},
    }
    return _computed(snapshot, lines, values)


def _computed(snapshot: Snapshot, lines: list[dict[str, Any]], values: dict[str, Any]) -> Snapshot:
    inputs = {name: _decimal(values[name]) for name in DOCUMENT_INPUTS if name in values}
    modes = {name: snapshot[name] for name in ("input_mode", "secondary_quantity_mode")}
    result = compute(DocumentInput(lines=[_input(snapshot, line) for line in lines], **modes, **inputs))
    totals = {name: str(getattr(result, name)) for name in TOTALS}
    totals["global_discount_type"] = values.get("global_discount_type", "pourcent")
    totals["global_discount_value"] = values.get("global_discount_value", "0.00")
    notices = {Decimal(line.get("vat_rate_value", 0)): line.get("vat_legal_notice") for line in lines}
    totals["vatrates"] = [
        {side: str(getattr(row, side)) for side in ("rate", "ht", "tva", "ttc")}
        | {"legal_notice": notices.get(row.rate)}
        for row in result.vatrates
    ]
    computed = (
        "escompte_amount_ht",
        "escompte_amount_ttc",
        "guarantee_holdback_amount",
        "advance_payment_amount",
    )
    amounts = {name: str(getattr(result, name)) for name in computed}
    contents = [
        {"line_number": number, **line, **{name: str(getattr(found, name)) for name in LINE_RESULTS}}
        for number, (line, found) in enumerate(zip(lines, result.lines, strict=True), 1)
    ]
    return {**snapshot, **amounts, "totals": totals, "contents": contents}


def _decimal(value: str) -> Decimal | str:
    return value if value in ("pourcent", "amount") else Decimal(value)


def _input(snapshot: Snapshot, line: dict[str, Any]) -> LineInput:
    flags = {name: line.get(name, False) for name in LineInput.__dataclass_fields__ if name.startswith("is_")}
    if any(line.get(flag) for flag in ("is_comments", "is_subtotal", "is_pagebreak")):
        return LineInput(**flags)
    side = snapshot["input_mode"]
    names = ("discount_value", "secondary_quantity", "weight_unit")
    decimals = {name: Decimal(line[name]) for name in names if line.get(name)}
    prices = {
        f"unit_price_{side}": Decimal(line["price"]),
        f"ecotax_u_{side}": Decimal(line.get("ecotax", 0)),
    }
    return LineInput(
        **flags,
        **decimals,
        **prices,
        quantity=Decimal(line["quantity"]),
        vat_rate=Decimal(line["vat_rate_value"]),
        discount_type=line.get("discount_type", "pourcent"),
        fixed=line.get("fixed"),
    )


def payable(**values: Any) -> Snapshot:
    """An invoice with everything a professional customer reads on it."""
    terms = {
        "due_date": "2026-12-21",
        "delivery_date": "2026-11-18",
        "payment_term": "30 jours",
        "payment_methods": ["Virement bancaire", "Chèque"],
        "bank_account": BANK,
        "legal_mentions": MENTIONS,
        "team_user": "Julie Faivre",
        "customer_reference": "BC 7781",
        "affair": "AFF-0012",
    }
    return document(**{"lines": WORKS, **terms, **values})


WORKS = [
    comment("<b>Lot 1 - Électricité</b>"),
    item("Dépose de l'ancien tableau", "180.00", "1", reference="DEP-01", unit_label="forfait"),
    item("Tableau 3 rangées, câblé et repéré", "645.50", "1", reference="TAB-3R", unit_label="u"),
    item(
        "Point lumineux simple allumage",
        "74.90",
        "12",
        reference="PL-SA",
        unit_label="u",
        discount_value="10",
    ),
    SUBTOTAL,
    comment("<b>Lot 2 - Isolation</b>"),
    item("Laine de bois 145 mm<br>Pose entre montants", "38.25", "46.5", reference="LB-145", unit_label="m²")
    | {"vat_rate_value": "5.50"},
    SUBTOTAL,
]


def long_invoice(**values: Any) -> Snapshot:
    lines = [item(f"Article numéro {n}", f"{10 + n}.90", "3", reference=f"ART-{n:03}") for n in range(1, 61)]
    return payable(lines=lines, **values)


def quotation(**values: Any) -> Snapshot:
    lines = [*WORKS, item("Prise extérieure étanche", "96.00", "2", is_option=True, reference="PR-EXT")]
    terms = "".join(f"<p><b>Article {n}.</b> {LOREM}</p>" for n in range(1, 15))
    facts = {"title": "Rénovation de l'atelier", "expire_at": "2026-12-31", "advance_payment_value": "30"}
    facts |= {"advance_payment_type": "pourcent"}
    term = {"label": "Conditions générales de vente", "content": terms}
    return payable(kind="quotation", lines=lines, sale_term=term, due_date=None, **facts, **values)


LOREM = (
    "Les prix s'entendent nets, hors frais de port. Les délais sont donnés à titre indicatif. "
    "Le client vérifie l'état des biens à la livraison et formule ses réserves par écrit. "
    "La propriété passe au paiement complet."
)


def retail(**values: Any) -> Snapshot:
    """Prices typed in with VAT, for a consumer."""
    lines = [
        item("Lampe de bureau", "89.90", "2", ecotax="0.30", reference="LMP-2"),
        item("Livre", "24.00", "1", vat_rate_value="5.50", reference="LIV-9"),
    ]
    customer = {**CUSTOMER, "is_company": False, "siret": None, "vat_number": None}
    facts = {"lines": lines, "customer": customer, "input_mode": "ttc"}
    facts |= {"legal_mentions": []}
    return payable(**{**facts, "global_discount_value": "5", **values})


def export(**values: Any) -> Snapshot:
    """To Great Britain, in dollars, without VAT."""
    notice = "Exonération de TVA, article 262 I du CGI"
    rate = {"vat_rate_value": "0.00", "vat_legal_notice": notice}
    lines = [item("Control cabinet", "12450.00", "3", **rate), item("Commissioning", "95.125", "16", **rate)]
    address = {"name": "Thornton Ltd", "road": "4 King Street", "postal_code": "M2 4LQ", "city": "Manchester"}
    address |= {"country": "United Kingdom", "country_code": "GB"}
    customer = {**CUSTOMER, "vat_number": "GB123456789", "siret": None}
    facts = {
        "billing_address": address,
        "delivery_address": address,
        "currency": DOLLAR,
        "customer": customer,
    }
    formats = {
        **FORMATS,
        "currency_position": "before",
        "number_format_decimals": ".",
        "date_format": "YYYY-MM-DD",
    }
    money = {"exchange_rate": "0.92150", "total_tva_team_currency": "0.00", "formats": formats}
    return payable(lines=lines, language="en", **{**facts, **money, **values})


def deposit(**values: Any) -> Snapshot:
    sources = [{"kind": "quotation", "reference": "DEV-2026-0107", "date": "2026-10-02"}]
    lines = [item("Acompte de 30 % sur le devis DEV-2026-0107", "1290.00")]
    return payable(lines=lines, is_deposit=True, source_documents=sources, **values)


def final_bill(**values: Any) -> Snapshot:
    """Deducts a deposit, then a grant and a holdback from what is to be paid."""
    deduction = item("Acompte FA-2026-0017 du 05/10/2026", "1290.00", "-1")
    deduction["fixed"] = Amounts(Decimal("-1290.00"), Decimal("-258.00"), Decimal("-1548.00"))
    grant = {"grant_label": "MaPrimeRénov'", "grant_amount": "500.00", "grant_pdf_mentions": "Prime versée."}
    holdback = {"guarantee_holdback_pourcent": "5", "guarantee_holdback_duration": 12}
    return payable(lines=[*WORKS, deduction], **grant, **holdback, **values)


def credit(**values: Any) -> Snapshot:
    sources = [{"kind": "invoice", "reference": "FA-2026-0042", "date": "2026-11-21"}]
    return document("credit", [item("Lampe de bureau", "74.92", "1")], source_documents=sources, **values)


def delivery(**values: Any) -> Snapshot:
    lines = [
        item(
            "Laine de bois 145 mm",
            "38.25",
            "46.5",
            unit_label="m²",
            weight_unit="7.2",
            quantity_to_deliver="12.5",
        ),
        item("Vis 5x80", "0.12", "800", unit_label="u", weight_unit="0.01", quantity_to_deliver="0"),
    ]
    site = {**BILLING, "name": "Chantier Les Oiseaux", "road": "3 chemin des Oiseaux", "city": "Ornans"}
    options = {"sales_pdf_delivery_prices": False, "sales_pdf_delivery_remaining_quantity": True}
    parcel = {"package_qty": "3", "delivery_mode": "Transporteur", "delivery_tracking": "1Z999AA1"}
    facts = {"delivery_address": site, "team_options": options, "input_options": {"weight": 4}, **parcel}
    return document("delivery", **{"lines": lines, **facts, **values})


def everything(**values: Any) -> Snapshot:
    """All columns at once, on a draft."""
    shown = dict.fromkeys(("number_column", "reference_column", "ean_column", "weight_column", "pictures"), 2)
    options = {**shown, "discounts": 2, "units": 3, "vatrate_column": True, "total_quantity": True}
    extra = {
        "reference": "LMP-2026-B",
        "ean_code": "3760123456789",
        "weight_unit": "1.250",
        "picture": "logo.png",
    }
    extra |= {
        "unit_label": "pièce",
        "secondary_unit_label": "jours",
        "secondary_quantity": "3",
        "ecotax": "0.30",
    }
    lines = [
        item(f"Location de projecteur LED {LOREM[:80]}", "1124.50", "12", discount_value="12.5", **extra)
    ]
    lines += [
        comment(LOREM),
        item("Remise fixe", "20.00", "2", discount_type="amount", discount_value="5", **extra),
    ]
    facts = {"pdf_options": options, "is_draft": True, "reference": None, "secondary_quantity_mode": "line"}
    return payable(lines=lines, **{**facts, **values})


def long_text(**values: Any) -> Snapshot:
    """A line higher than a page, and texts everywhere else."""
    text = "".join(f"<p>{n}. {LOREM}</p>" for n in range(40))
    facts = {"title": LOREM, "comments": f"<p>{LOREM}</p><ul><li>Un</li><li>Deux</li></ul>"}
    return payable(lines=[item("Court"), item(text, "12.00"), item("Après")], **facts, **values)


SAMPLES = {
    "invoice": payable,
    "long": long_invoice,
    "quotation": quotation,
    "retail": retail,
    "export": export,
    "deposit": deposit,
    "final": final_bill,
    "credit": credit,
    "delivery": delivery,
    "everything": everything,
    "text": long_text,
}


def logo() -> bytes:
    picture = Image.new("RGB", (420, 140), "white")
    ImageDraw.Draw(picture).ellipse((10, 10, 130, 130), fill="#1f4e66")
    ImageDraw.Draw(picture).rectangle((160, 50, 410, 90), fill="#8aa7b5")
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


# --- Reading ----------------------------------------------------------------------------------------------


def html_text(snapshot: Snapshot, language: str = "en") -> str:
    """The words of the page, spaces made plain."""
    body = document_html(snapshot, language).partition("<body>")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def pdf_pages(snapshot: Snapshot, language: str = "en") -> list[str]:
    pdf = render_pdf(document_html(snapshot, language), base_assets={"logo.png": logo()})
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def heads(snapshot: Snapshot) -> list[str]:
    return [column["key"] for column in layout(snapshot, "en")["columns"]]


def printed_rows(snapshot: Snapshot) -> list[dict[str, Any]]:
    return [row for rows in layout(snapshot, "en")["groups"] for row in rows]


def column(snapshot: Snapshot, key: str) -> list[str]:
    """The texts of a column, with plain spaces; what stands under them after a slash."""
    cells = [cell for row in printed_rows(snapshot) for cell in row.get("cells", []) if cell["key"] == key]
    return [plain("/".join(filter(None, (cell.get("text"), cell.get("under"))))) for cell in cells]


def totals(snapshot: Snapshot) -> dict[str, str]:
    return {plain(row["label"]): plain(row["value"]) for row in layout(snapshot, "en")["totals"]}


def facts(snapshot: Snapshot) -> dict[str, str]:
    return {pair["label"]: plain(pair["value"]) for pair in layout(snapshot, "en")["meta"]}


def plain(text: str) -> str:
    return " ".join(text.split())


def with_options(**options: Any) -> Snapshot:
    extra = {"reference": "LMP", "ean_code": "3760123456789", "weight_unit": "2", "picture": "logo.png"}
    lines = [item("Lamp", "100.00", "3", unit_label="pc", discount_value="10", **extra)]
    return document(lines=lines, pdf_options=options)


# --- Numbers and dates ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "written"),
    [
        ({}, "-1 234,50 €"),
        ({"number_format_number_thousands": "none"}, "-1234,50 €"),
        ({"number_format_decimals": "."}, "-1 234.50 €"),
        ({"currency_position": "before"}, "-€1 234,50"),
        ({"currency_position": "none"}, "-1 234,50"),
    ],
)
def test_money_is_written_as_the_team_wants(parameters: dict[str, str], written: str) -> None:
    assert plain(Formats.of({**FORMATS, **parameters}, EURO).money("-1234.5")) == written


def test_thousands_are_held_together_by_narrow_no_break_spaces() -> None:
    assert Formats.of(FORMATS, EURO).money("1234567.8") == "1\u202f234\u202f567,80\u00a0€"


@pytest.mark.parametrize(
    ("date_format", "written"),
    [
        ("DD-MM-YYYY", "05-11-2026"),
        ("YYYY-MM-DD", "2026-11-05"),
        ("DD/MM/YYYY", "05/11/2026"),
        ("YYYY/MM/DD", "2026/11/05"),
    ],
)
def test_dates_are_written_as_the_team_wants(date_format: str, written: str) -> None:
    assert Formats.of({**FORMATS, "date_format": date_format}, EURO).date("2026-11-05") == written


def test_a_moment_is_not_a_date() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        Formats.of(FORMATS, EURO).date("2026-11-05T22:00:00.000000Z")


def test_unit_prices_keep_their_decimals_and_amounts_those_of_the_currency() -> None:
    formats = Formats.of(FORMATS, EURO)
    assert formats.price("0.12345") == "0,12345"
    assert formats.price("12.50000") == "12,50"
    assert formats.number("46.50000") == "46,5"
    assert formats.amount("2.345") == "2,35"
    assert Formats.of(FORMATS, {"code": "JPY", "symbol": "¥", "decimals": 0}).money("200.00") == "200\u00a0¥"


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=5))
def test_a_written_number_reads_back_as_itself(value: Decimal) -> None:
    written = Formats.of(FORMATS, EURO).number(value)
    assert Decimal(written.replace("\u202f", "").replace(",", ".")) == value


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)))
def test_a_written_date_reads_back_as_itself(day: date) -> None:
    written = Formats.of({**FORMATS, "date_format": "YYYY-MM-DD"}, EURO).date(day.isoformat())
    assert date.fromisoformat(written) == day


# --- Options of the PDF -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("input_mode", "amounts", "head", "total"),
    [
        ("ht", 1, "Total excl. VAT", "200,00"),
        ("ttc", 1, "Total incl. VAT", "200,00"),
        ("ht", 2, "Total excl. VAT", "200,00"),
        ("ttc", 2, "Total excl. VAT", "166,67"),
        ("ht", 3, "Total incl. VAT", "240,00"),
        ("ttc", 3, "Total incl. VAT", "200,00"),
    ],
)
def test_amounts_are_as_typed_or_excluding_or_including_vat(
    input_mode: str, amounts: int, head: str, total: str
) -> None:
    snapshot = document(input_mode=input_mode, pdf_options={"amounts": amounts})
    assert layout(snapshot, "en")["columns"][-1]["label"] == head
    assert column(snapshot, "total") == [total]


def test_discounts_1_is_a_negative_line_under_the_full_price() -> None:
    snapshot = with_options(discounts=1)
    assert "discount" not in heads(snapshot)
    assert column(snapshot, "unit_price") == ["100,00", ""]
    assert column(snapshot, "designation")[1] == "Discount 10 %"
    assert column(snapshot, "total") == ["300,00", "-30,00"]


def test_discounts_2_is_a_column_beside_the_discounted_unit_price() -> None:
    snapshot = with_options(discounts=2)
    assert column(snapshot, "discount") == ["10 %"]
    assert column(snapshot, "unit_price") == ["90,00"]
    assert column(snapshot, "total") == ["270,00"]
    assert "Net unit price excl. VAT" in html_text(snapshot)


def test_discounts_3_is_a_column_beside_the_undiscounted_unit_price() -> None:
    snapshot = with_options(discounts=3)
    assert column(snapshot, "discount") == ["10 %"]
    assert column(snapshot, "unit_price") == ["100,00"]
    assert column(snapshot, "total") == ["270,00"]


def test_a_discount_by_amount_is_shown_per_unit() -> None:
    lines = [item("Lamp", "100.00", "3", discount_type="amount", discount_value="7.50")]
    assert column(document(lines=lines, pdf_options={"discounts": 3}), "discount") == ["7,50"]


def test_without_a_discount_there_is_no_column_and_no_line_for_it() -> None:
    assert all("discount" not in heads(document(pdf_options={"discounts": mode})) for mode in (1, 2, 3))
    assert len(printed_rows(document(pdf_options={"discounts": 1}))) == 1


@pytest.mark.parametrize(("mode", "spans"), [(1, (1, 1, 4)), (2, (0, 6, 0))])
def test_comments_take_the_description_column_or_the_whole_width(
    mode: int, spans: tuple[int, int, int]
) -> None:
    lines = [comment("Ground floor"), item("Lamp", reference="LMP")]
    snapshot = document(lines=lines, pdf_options={"comments": mode, "vatrate_column": True})
    assert heads(snapshot) == ["reference", "designation", "quantity", "unit_price", "vat", "total"]
    row = printed_rows(snapshot)[0]
    assert (row["html"], (row["before"], row["span"], row["after"])) == ("Ground floor", spans)


@pytest.mark.parametrize(("mode", "quantity"), [(1, ["3 pc"]), (2, ["3/pc"]), (3, ["3"])])
def test_units_stand_beside_under_or_in_a_column(mode: int, quantity: list[str]) -> None:
    snapshot = with_options(units=mode, discounts=3)
    assert column(snapshot, "quantity") == quantity
    assert column(snapshot, "unit") == (["pc"] if mode == 3 else [])


@pytest.mark.parametrize(
    ("option", "key", "entry", "text"),
    [
        ("number_column", "number", {"col_number": True}, "1"),
        ("reference_column", "reference", {"col_reference": True}, "LMP"),
        ("ean_column", "ean_code", {"ean": 4}, "3760123456789"),
        ("weight_column", "weight", {"weight": 1}, "6"),
    ],
)
def test_columns_follow_the_form_or_are_shown_or_hidden(
    option: str, key: str, entry: dict[str, Any], text: str
) -> None:
    extra = {"reference": "LMP", "ean_code": "3760123456789", "weight_unit": "2"}
    lines = [item("Lamp", "100.00", "3", **extra)]
    without = dict.fromkeys(entry, False)

    def shown(value: int, inputs: dict[str, Any]) -> list[str]:
        return column(document(lines=lines, pdf_options={option: value}, input_options=inputs), key)

    assert shown(1, entry) == [text]
    assert shown(1, without) == []
    assert shown(2, without) == [text]
    assert shown(3, entry) == []


@pytest.mark.parametrize(
    ("value", "entry", "shown"), [(1, True, 1), (1, False, 0), (2, False, 1), (3, True, 0)]
)
def test_pictures_follow_the_form_or_are_shown_or_hidden(value: int, entry: bool, shown: int) -> None:
    lines = [item("Lamp", picture="lamp 1.png")]
    snapshot = document(lines=lines, pdf_options={"pictures": value}, input_options={"col_picture": entry})
    assert document_html(snapshot, "en").count('src="asset:lamp%201.png"') == shown


def test_the_vat_rate_column_appears_when_forced_or_when_rates_differ() -> None:
    assert "vat" not in heads(document())
    assert column(document(pdf_options={"vatrate_column": True}), "vat") == ["20 %"]
    assert column(document(lines=[item("A"), item("B", vat_rate_value="5.50")]), "vat") == ["20 %", "5,5 %"]


@pytest.mark.parametrize("mode", ["line", "global"])
def test_the_total_quantity_is_shown_with_a_secondary_quantity(mode: str) -> None:
    lines = [item("Chair", "4.00", "10", secondary_quantity="3", secondary_unit_label="days")]
    values = {"lines": lines, "secondary_quantity_mode": mode, "secondary_quantity": "3"}
    shown = document(**values, secondary_unit_label="days", pdf_options={"total_quantity": True})
    assert column(shown, "total_quantity") == ["30"]
    assert totals(shown)["Total quantity"] == "30"
    assert "total_quantity" not in heads(document(**values))
    assert column(shown, "secondary_quantity") == (["3 days"] if mode == "line" else [])
    assert facts(shown).get("For all quantities") == ("× 3 days" if mode == "global" else None)


@pytest.mark.parametrize(
    ("value", "is_company", "shown"), [(1, True, True), (1, False, False), (2, False, True), (3, True, False)]
)
def test_contact_automatic_shown_hidden(value: int, is_company: bool, shown: bool) -> None:
    customer = {**CUSTOMER, "is_company": is_company}
    snapshot = document(customer=customer, pdf_options={"contact": value})
    assert ("For the attention of Claire Martin" in html_text(snapshot)) is shown


@pytest.mark.parametrize(
    ("value", "code", "shown"), [(1, "FR", False), (1, "BE", True), (2, "FR", True), (3, "BE", False)]
)
def test_country_automatic_shown_hidden(value: int, code: str, shown: bool) -> None:
    address = {**BILLING, "country": "Wallonia", "country_code": code}
    snapshot = document(billing_address=address, delivery_address=address, pdf_options={"country": value})
    assert ("WALLONIA" in html_text(snapshot)) is shown


@pytest.mark.parametrize(
    ("value", "kind", "code", "shown"),
    [
        (1, "invoice", "FR", True),
        (1, "credit", "FR", True),
        (1, "quotation", "FR", False),
        (1, "quotation", "BE", True),
        (2, "quotation", "FR", True),
        (3, "invoice", "FR", False),
    ],
)
def test_customer_vat_number_automatic_shown_hidden(value: int, kind: str, code: str, shown: bool) -> None:
    address = {**BILLING, "country_code": code}
    snapshot = document(kind, billing_address=address, pdf_options={"vatrate_number": value})
    assert (facts(snapshot).get("Customer VAT number") == "FR83404833048") is shown


# --- Lines ------------------------------------------------------------------------------------------------


def test_hidden_lines_are_not_printed_but_count() -> None:
    snapshot = document(lines=[item("Kit", "10.00"), item("Screw", "5.00", is_hidden=True)])
    assert "Screw" not in html_text(snapshot)
    assert totals(snapshot)["Total excl. VAT"] == "15,00 €"


def test_options_are_marked_and_priced_and_left_out_of_the_totals() -> None:
    snapshot = document("quotation", [item("Roof", "900.00"), item("Gutter", "80.00", is_option=True)])
    assert "Option Gutter" in html_text(snapshot)
    assert column(snapshot, "total") == ["900,00", "80,00"]
    assert totals(snapshot)["Total excl. VAT"] == "900,00 €"
    assert "Lines marked as options are not included in the totals." in layout(snapshot, "en")["mentions"]


def test_subtotals_add_up_the_lines_above() -> None:
    row = printed_rows(document(lines=[item("A", "10.00"), item("B", "5.00"), SUBTOTAL]))[-1]
    assert (row["html"], row["amount"]) == ("Subtotal", "15,00")


def test_a_page_break_starts_a_page_with_the_head_repeated() -> None:
    pages = pdf_pages(document(lines=[item("First part"), PAGE_BREAK, item("Second part")]))
    assert ["First part" in page for page in pages] == [True, False]
    assert ["Second part" in page for page in pages] == [False, True]
    assert all("Description" in page for page in pages)


def test_page_breaks_at_the_ends_or_in_a_row_leave_no_empty_page() -> None:
    lines = [PAGE_BREAK, item("Only part"), PAGE_BREAK, PAGE_BREAK]
    assert len(pdf_pages(document(lines=lines))) == 1


def test_eco_participation_is_told_per_line_and_in_total() -> None:
    snapshot = document(lines=[item("Lamp", "89.00", "2", ecotax="0.30")])
    assert "Eco-participation added: 0,30 € each, 0,60 € in all, excl. VAT." in html_text(snapshot)
    assert totals(snapshot) == {
        "Lines excl. VAT": "178,00 €",
        "Eco-participation excl. VAT": "0,60 €",
        "Total excl. VAT": "178,60 €",
        "VAT": "35,72 €",
        "Total incl. VAT": "214,32 €",
    }


def test_a_unit_under_a_quantity_is_not_broken() -> None:
    line = item("Consommation", unit_label="Kilowattheure")
    assert "Kilowattheure" in pdf_pages(document(lines=[line], pdf_options={"units": 2}))[0]


def test_a_weight_of_nothing_is_left_out() -> None:
    lines = [item("Poutre", weight_unit="12.5"), item("Transport")]
    assert column(document(lines=lines, pdf_options={"weight_column": 2}), "weight") == ["12,5", ""]


def test_prices_of_the_other_side_are_in_cents_where_these_suffice() -> None:
    lines = [item("Repas", "9.99", "1"), item("Repas", "9.99", "12"), item("Bon", "0.01", "5")]
    printed = document(lines=lines, input_mode="ttc", pdf_options={"amounts": 2})
    assert column(printed, "unit_price") == ["8,33", "8,325", "0,00833"]


def test_heads_begin_with_a_capital_in_french_too() -> None:
    text = html_text(
        document(lines=[item("A", ean_code="3760123456789")], pdf_options={"ean_column": 2}), "fr"
    )
    assert "Taux de TVA" in text
    assert "Code EAN" in text


def test_rich_text_passes_in_three_places_and_nowhere_else() -> None:
    markup = "<b>bold</b>"
    snapshot = document(
        lines=[item(markup, reference=markup, unit_label=markup)],
        comments=markup,
        sale_term={"label": markup, "content": markup},
        title=markup,
        customer_reference=markup,
        billing_address={**BILLING, "name": markup, "city": markup},
        team={**TEAM, "company_name": markup},
        legal_mentions=[markup],
        payment_methods=[markup],
        reference=markup,
    )
    html = document_html(snapshot, "en").partition("<body>")[2]
    assert html.count(markup) == 3
    assert html.count("&lt;b&gt;bold&lt;/b&gt;") > 8


def test_line_breaks_of_plain_descriptions_are_kept() -> None:
    lines = [item("One\nTwo"), item("<p>Three</p>\n<p>Four</p>")]
    html = document_html(document(lines=lines), "en")
    assert "One<br>Two" in html
    assert "<p>Three</p>\n<p>Four</p>" in html


# --- Totals and payment -----------------------------------------------------------------------------------


def test_the_global_discount_stands_between_lines_and_total() -> None:
    assert totals(document(global_discount_value="5")) == {
        "Lines excl. VAT": "200,00 €",
        "Discount 5 %": "-10,00 €",
        "Total excl. VAT": "190,00 €",
        "VAT": "38,00 €",
        "Total incl. VAT": "228,00 €",
    }


def test_vat_is_summed_up_by_rate() -> None:
    lines = [item("Lamp", "100.00"), item("Book", "20.00", vat_rate_value="5.50")]
    assert [tuple(map(plain, row.values())) for row in layout(document(lines=lines), "en")["vat_rows"]] == [
        ("20 %", "100,00", "20,00", "120,00"),
        ("5,5 %", "20,00", "1,10", "21,10"),
    ]


def test_deposit_grant_and_holdback_lead_to_what_is_to_be_paid() -> None:
    snapshot = final_bill()
    assert column(snapshot, "quantity")[-1] == "-1"
    assert column(snapshot, "total")[-1] == "-1 290,00"
    assert list(totals(snapshot).items()) == [
        ("Total excl. VAT", "2 123,05 €"),
        ("VAT", "166,70 €"),
        ("Total incl. VAT", "2 289,75 €"),
        ("MaPrimeRénov'", "-500,00 €"),
        ("Guarantee holdback (5 %)", "-114,49 €"),
        ("To pay", "1 675,26 €"),
    ]
    mentions = layout(snapshot, "en")["mentions"]
    assert "Guarantee holdback: 114,49\u00a0€, released 12 months after acceptance." in mentions
    assert "Prime versée." in mentions


def test_a_quotation_asks_for_its_deposit() -> None:
    assert totals(quotation())["Deposit on order (30 %)"] == "1 151,33 €"


def test_the_payment_block_tells_how_to_pay() -> None:
    assert {pair["label"]: plain(pair["value"]) for pair in layout(payable(), "en")["payment"]} == {
        "Payment term": "30 jours",
        "Payment methods": "Virement bancaire, Chèque",
        "Account holder": "Atelier Lumen",
        "IBAN": "FR76 3000 6000 0112 3456 7890 189",
        "BIC": "AGRIFRPP",
    }


@pytest.mark.parametrize("kind", ["credit", "delivery"])
def test_documents_that_ask_for_no_money_have_no_payment_block(kind: str) -> None:
    assert layout(payable(kind=kind), "en")["payment"] == []


def test_another_currency_tells_its_rate_and_the_vat_in_the_teams_own() -> None:
    values = {"currency": DOLLAR, "exchange_rate": "0.92150", "total_tva_team_currency": "36.86"}
    snapshot = document(**values)
    assert facts(snapshot)["Currency"] == "USD"
    assert facts(snapshot)["Exchange rate"] == "1 USD = 0,9215 EUR"
    assert totals(snapshot)["VAT in EUR"] == "36,86 €"
    assert totals(snapshot)["Total incl. VAT"] == "240,00 $"


def test_without_symbols_the_currency_is_named() -> None:
    mentions = layout(document(formats={**FORMATS, "currency_position": "none"}), "en")["mentions"]
    assert "Amounts are in EUR." in mentions


# --- Mentions ---------------------------------------------------------------------------------------------


def test_an_invoice_bears_everything_the_law_asks_for() -> None:
    text = html_text(payable())
    required = [
        "FA-2026-0042",
        "21/11/2026",
        "18/11/2026",
        "21/12/2026",
        "Atelier Lumen, SAS with a capital of 50 000 €",
        "SIRET 732 829 320 00074",
        "RCS Besançon 732 829 320",
        "APE code 4321A",
        "VAT number FR44732829320",
        "8 rue des Granges",
        "Menuiserie du Doubs",
        "12 rue de Dole",
        "404 833 048 00022",
        "FR83404833048",
        *MENTIONS,
    ]
    assert [mention for mention in required if mention not in text] == []


def test_an_early_payment_discount_is_offered_in_figures() -> None:
    payment = {
        pair["label"]: plain(pair["value"]) for pair in layout(payable(escompte_rate="2"), "en")["payment"]
    }
    assert payment["Early payment discount"] == "2 %: 68,26 € excl. VAT, 76,76 € incl. VAT"
    assert totals(payable(escompte_rate="2")) == totals(payable())


def test_legal_notices_of_vat_rates_are_printed_once() -> None:
    assert html_text(export()).count("article 262 I du CGI") == 1


def test_a_pro_forma_says_that_it_is_no_invoice() -> None:
    assert "This pro forma is not an invoice" in html_text(payable(kind="proforma"))


def test_the_delivery_address_is_added_where_it_differs() -> None:
    assert layout(document(), "en")["other"] is None
    elsewhere = {**BILLING, "road": "3 chemin des Oiseaux"}
    assert "Delivery address Menuiserie du Doubs" in html_text(document(delivery_address=elsewhere))


# --- Kinds of documents -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("quotation", "Quotation"),
        ("command", "Order"),
        ("proforma", "Pro forma invoice"),
        ("delivery", "Delivery note"),
        ("invoice", "Invoice"),
        ("credit", "Credit note"),
    ],
)
def test_each_kind_has_its_title(kind: str, title: str) -> None:
    assert f"<title>{title} " in document_html(document(kind), "en")


def test_a_deposit_invoice_names_itself_and_its_quotation() -> None:
    assert layout(deposit(), "en")["title"] == "Deposit invoice"
    assert facts(deposit())["Quotation"] == "DEV-2026-0107 of 02/10/2026"


def test_a_credit_note_names_the_invoice_it_corrects() -> None:
    assert facts(credit())["Invoice corrected"] == "FA-2026-0042 of 21/11/2026"
    assert totals(credit())["Total credited incl. VAT"] == "89,90 €"


def test_a_delivery_note_without_prices_has_quantities_only() -> None:
    snapshot = delivery()
    assert heads(snapshot) == ["designation", "weight", "quantity", "remaining"]
    assert column(snapshot, "remaining") == ["12,5", "0"]
    assert totals(snapshot) == {"Total weight": "342,8 kg"}
    assert "€" not in html_text(snapshot).partition("SAS")[0]
    assert facts(snapshot)["Tracking number"] == "1Z999AA1"


def test_a_delivery_note_without_prices_has_no_subtotals() -> None:
    lines = [item("Radiateur"), SUBTOTAL, item("Vanne")]
    assert [row["type"] for row in printed_rows(delivery(lines=lines))] == ["item", "item"]


def test_a_delivery_note_with_prices_and_without_rests() -> None:
    options = {"sales_pdf_delivery_prices": True, "sales_pdf_delivery_remaining_quantity": False}
    snapshot = delivery(team_options=options)
    assert "remaining" not in heads(snapshot)
    assert totals(snapshot)["Total excl. VAT"] == "1 874,63 €"


def test_a_delivery_note_is_addressed_to_the_site() -> None:
    page = layout(delivery(), "en")
    assert page["addressee"]["lines"][0] == "Chantier Les Oiseaux"
    assert page["other"]["lines"][0] == "Menuiserie du Doubs"


@pytest.mark.parametrize(
    ("kind", "title"),
    [("quotation", "Agreed"), ("command", "Agreed"), ("delivery", "Goods received"), ("invoice", None)],
)
def test_what_is_to_be_signed_has_a_box(kind: str, title: str | None) -> None:
    signature = layout(document(kind), "en")["signature"]
    assert (signature and signature["title"]) == title


def test_a_draft_is_marked_on_every_page_and_has_no_number() -> None:
    pages = pdf_pages(long_invoice(is_draft=True, reference=None))
    assert all("DRAFT" in page for page in pages)
    assert "FA-2026" not in " ".join(pages)
    assert "DRAFT" not in pdf_pages(document())[0]


def test_the_accent_colour_is_a_colour_or_nothing() -> None:
    assert '<html lang="en" style="--accent: #1f4e79">' in document_html(
        document(accent_color="#1f4e79"), "en"
    )
    assert '<html lang="en">' in document_html(document(accent_color="red; --x: url(http://a)"), "en")


def test_pictures_may_be_named_by_number() -> None:
    snapshot = document(
        team={**TEAM, "logo": 1234}, lines=[item("Lamp", picture=77)], pdf_options={"pictures": 2}
    )
    html = document_html(snapshot, "fr")
    assert 'src="asset:1234"' in html
    assert 'src="asset:77"' in html


def test_a_later_version_says_so() -> None:
    assert facts(document("quotation", version=3))["Version"] == "3"
    assert "Version" not in facts(document("quotation"))


# --- Pages ------------------------------------------------------------------------------------------------


def test_a_long_invoice_repeats_head_and_identity_and_numbers_its_pages() -> None:
    pages = pdf_pages(long_invoice())
    assert len(pages) == 3
    assert all("Description" in page and "SIRET 732 829 320 00074" in page for page in pages)
    assert [f"{number}/3" in page for number, page in enumerate(pages, 1)] == [True] * 3
    assert all("Invoice FA-2026-0042 · Atelier Lumen" in page for page in pages[1:])


@pytest.mark.parametrize("count", range(14, 26))
def test_totals_never_stand_alone(count: int) -> None:
    lines = [item(f"Article {number:02}") for number in range(count)]
    page = next(page for page in pdf_pages(document(lines=lines)) if "Total incl. VAT" in page)
    assert f"Article {count - 1:02}" in page
    assert f"Article {count - 2:02}" in page


def test_short_terms_of_sale_follow_where_there_is_room() -> None:
    short = {"label": "Conditions", "content": "<p>Le droit français s'applique.</p>"}
    assert len(pdf_pages(document(sale_term=short))) == 1
    above = [item(f"Article {number}") for number in range(18)]
    pages = pdf_pages(document(lines=above, sale_term={**short, "content": f"<p>{LOREM * 3}</p>"}))
    assert "Conditions" not in pages[0]
    assert pages[1].index("Conditions") < pages[1].index(LOREM[:20])


def test_terms_of_sale_have_the_last_page() -> None:
    pages = pdf_pages(quotation())
    assert "Conditions générales de vente" in pages[-1]
    assert "Total incl. VAT" not in pages[-1]


def test_a_text_longer_than_a_page_goes_on_under_the_head() -> None:
    pages = pdf_pages(long_text())
    assert len(pages) >= 3
    assert all(any(f"{number}. Les prix" in page for page in pages) for number in range(40))
    assert sum("Description" in page for page in pages) >= 3


@pytest.mark.parametrize("price", ["9.90", "1234567.12345"])
def test_all_columns_at_once_fit_the_page(price: str) -> None:
    snapshot = everything()
    lines = [
        {**line, "unit_price_net_ht": price, "total_ht": f"{price[:-2]}99"} for line in snapshot["contents"]
    ]
    widths = [entry["width"] for entry in layout({**snapshot, "contents": lines}, "fr")["columns"]]
    assert sum(float(width.removesuffix("pt")) for width in widths if width) <= 510 - 100


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_prints_in_both_languages(name: str, language: str) -> None:
    pdf = PdfReader(io.BytesIO(render_pdf(document_html(SAMPLES[name](), language))))
    assert pdf.trailer["/Root"]["/Lang"] == language
    assert "Menuiserie" in pdf.pages[0].extract_text() or name == "export"


def test_a_snapshot_is_left_as_it_was_and_prints_the_same_twice() -> None:
    snapshot = everything()
    first = document_html(snapshot, "en")
    assert snapshot == everything()
    assert document_html(snapshot, "en") == first
