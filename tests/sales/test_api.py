"""The sales endpoints: attributes in and out, lists, permissions. The reference decides names and formats."""

import datetime
from decimal import Decimal

import pytest
from django.test.client import encode_multipart

from erp.catalog.services import create_product
from erp.customers.models import Contact
from erp.sales import services
from erp.sales.models import Grant
from erp.various.models import Currency, PaymentTerm, PdfModel, SaleCategory, SaleTerm, Unit
from erp.various.services import team_today

KINDS = ("quotation", "command", "proforma", "delivery", "invoice")

#: Keys of the reference's example of a quotation, without what is present only on request.
QUOTATION = """
id date number version reference is_draft creation_date pdf_model_id title customer_id customer_vatrate
customer_command_reference contact_id billing_address delivery_address comments currency_id currency_code
exchange_rate use_global_vatrate vat_rate_id secondary_quantity_mode secondary_quantity secondary_unit_id
total_content_ht total_content_tva total_content_ttc total_ecotaxe_ht total_ecotaxe_tva total_ecotaxe_ttc
global_discount_type global_discount_value global_discount_type_amount global_discount_ht
global_discount_tva global_discount_ttc total_ht total_tva total_ttc status status_label pdf_status
catalog_costs various_costs total_costs workforce_costs total_charge gross_margin_amount
gross_margin_rate markup_rate total_duration_hour nb_people_needed total_weight total_quantity_1
total_quantity_2 total_quantity input_mode params team_user_id sale_term_id input_options pdf_options
affair_id delivery_status delivery_status_label already_billed pourcent_billed to_bill pourcent_to_bill
penalty_rate penalty_rate_law escompte_rate escompte_amount_ht escompte_amount_tva escompte_amount_ttc
collection_costs_law payment_term_id payment_term_value grant_id grant_amount grant_label
grant_pdf_mentions guarantee_holdback_pourcent guarantee_holdback_amount guarantee_holdback_duration
expire_at accepted_at advance_payment_type advance_payment_value advance_payment_amount contents
"""
WITHOUT = {"proforma": "customer_command_reference"}
MORE = {
    "delivery": "package_qty delivery_mode delivery_tracking",
    "proforma": "customer_proforma_reference",
    "invoice": "due_date is_deposit already_paid stay_to_pay payment_status payment_status_label "
    "guarantee_holdback_to_pay",
    "credit": "due_date invoice_id already_paid stay_to_pay payment_status payment_status_label",
}
LINE = """
id variation_id picture_id affair_content_id is_comments is_subtotal is_pagebreak is_hidden line_number
reference designation comments ean_code sale_category_id weight_unit total_weight discount_type
discount_value unit_price_ht unit_price_tva unit_price_ttc ecotax_u_ht ecotax_u_tva ecotax_u_ttc
unit_price_net_ht unit_price_net_tva unit_price_net_ttc is_option quantity unit_id secondary_quantity
secondary_unit_id total_quantity vat_rate_id vat_rate_value subtotal_ht subtotal_tva subtotal_ttc
total_ecotax_ht total_ecotax_tva total_ecotax_ttc discount_ht discount_tva discount_ttc total_ht
total_tva total_ttc global_discount_ht global_discount_tva global_discount_ttc total_net_ht total_net_tva
total_net_ttc catalog_costs_u various_costs_u total_costs_u hourly_person_cost number_people_needed
duration duration_type workforce_costs_u total_charge_u gross_margin_amount_u total_catalog_costs
total_various_costs total_costs total_duration_hour total_workforce total_charge gross_margin_amount
gross_margin_rate markup_rate delivered_quantity quantity_to_deliver
"""


@pytest.fixture
def post(api, body):
    """POST a document; answers its JSON, or fails with the errors."""

    def post(kind="quotation", **values):
        response = api.post(f"/sales/{kind}", body(**values))
        assert response.status_code == 201, response.json()
        return response.json()

    return post


@pytest.fixture
def errors(api, body):
    """Paths of the errors of a refused POST."""

    def errors(kind="quotation", **values):
        response = api.post(f"/sales/{kind}", body(**values))
        assert response.status_code == 422, response.json()
        return sorted(response.json()["errors"])

    return errors


# --- Answers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*KINDS, "credit"])
def test_attributes_are_those_of_the_reference(api, make, kind):
    row = services.convert(make("invoice"), "cancel") if kind == "credit" else make(kind)
    data = api.get(f"/sales/{kind}/{row.pk}").json()
    expected = set(QUOTATION.split()) - set(WITHOUT.get(kind, "").split()) | set(MORE.get(kind, "").split())
    assert set(data) == expected
    assert set(data["contents"][0]) == set(LINE.split())
    assert set(data["billing_address"]) == {
        "name",
        "contact",
        "road",
        "road2",
        "road3",
        "city",
        "postal_code",
        "country_code",
        "comments",
    }


def test_formats_are_those_of_the_example(post, rates, scope):
    units = [Unit.objects.create(label=label) for label in ("Pièce", "Jour")]
    line = {
        "designation": "test",
        "unit_price_ht": 100,
        "discount_value": 10,
        "quantity": 1,
        "unit": units[0].pk,
        "secondary_unit": units[1].pk,
        "vat_rate": rates["20"].pk,
    }
    data = post(
        secondary_quantity_mode="global",
        secondary_quantity=2,
        secondary_unit=units[1].pk,
        contents=[line],
        penalty_rate=0,
    )
    assert {
        name: data[name]
        for name in (
            "exchange_rate",
            "secondary_quantity",
            "total_content_ht",
            "total_tva",
            "total_ttc",
            "catalog_costs",
            "gross_margin_amount",
            "gross_margin_rate",
            "markup_rate",
            "total_duration_hour",
            "nb_people_needed",
            "total_weight",
            "total_quantity_1",
            "total_quantity_2",
            "total_quantity",
            "already_billed",
            "pourcent_billed",
            "to_bill",
            "pourcent_to_bill",
            "penalty_rate",
            "params",
            "status",
            "guarantee_holdback_duration",
            "title",
        )
    } == {
        "exchange_rate": "1.00000",
        "secondary_quantity": "2.00000",
        "total_content_ht": "180.00",
        "total_tva": "36.00",
        "total_ttc": "216.00",
        "catalog_costs": 0,
        "gross_margin_amount": 180,
        "gross_margin_rate": 100,
        "markup_rate": 100,
        "total_duration_hour": 0,
        "nb_people_needed": 0,
        "total_weight": "0.00",
        "total_quantity_1": "1.00000",
        "total_quantity_2": "2.00000",
        "total_quantity": "2.00000",
        "already_billed": "0.00",
        "pourcent_billed": "0.00",
        "to_bill": "216.00",
        "pourcent_to_bill": "100.00",
        "penalty_rate": "0.00",
        "params": None,
        "status": 1,
        "guarantee_holdback_duration": 12,
        "title": None,
    }
    [content] = data["contents"]
    assert {
        name: content[name]
        for name in (
            "unit_price_ht",
            "unit_price_tva",
            "unit_price_ttc",
            "unit_price_net_ht",
            "ecotax_u_ht",
            "discount_value",
            "quantity",
            "secondary_quantity",
            "total_quantity",
            "vat_rate_value",
            "subtotal_ht",
            "total_ht",
            "total_ttc",
            "catalog_costs_u",
            "duration",
            "duration_type",
            "gross_margin_amount_u",
            "gross_margin_amount",
            "weight_unit",
            "delivered_quantity",
            "quantity_to_deliver",
            "variation_id",
        )
    } == {
        "unit_price_ht": "100.00000",
        "unit_price_tva": "20.00000",
        "unit_price_ttc": "120.00000",
        "unit_price_net_ht": "90.00000",
        "ecotax_u_ht": "0.00",
        "discount_value": "10.00",
        "quantity": "1.00000",
        "secondary_quantity": None,
        "total_quantity": "2.00000",
        "vat_rate_value": "20.00",
        "subtotal_ht": "200.00",
        "total_ht": "180.00",
        "total_ttc": "216.00",
        "catalog_costs_u": 0,
        "duration": 0,
        "duration_type": "hour",
        "gross_margin_amount_u": 90,
        "gross_margin_amount": 180,
        "weight_unit": None,
        "delivered_quantity": "0.00000",
        "quantity_to_deliver": "1.00000",
        "variation_id": None,
    }


def test_amounts_by_vat_rate_are_numbers(api, post, rates):
    key = post()["id"]
    rows = api.get(f"/sales/quotation/{key}", include="vatrates.vat_rate").json()["vatrates"]
    assert [{name: value for name, value in row.items() if name != "vat_rate"} for row in rows] == [
        {"rate": 20, "vat_rate_id": rates["20"].pk, "ht": 200, "tva": 40, "ttc": 240},
        {"rate": 10, "vat_rate_id": rates["10"].pk, "ht": 99.99, "tva": 10, "ttc": 109.99},
    ]
    assert rows[0]["vat_rate"]["id"] == rates["20"].pk


# --- Bodies -----------------------------------------------------------------------------------------

TEXTS = [
    "title",
    "customer_vatrate",
    "customer_command_reference",
    "comments",
]


@pytest.mark.parametrize(
    ("name", "typed", "answered"),
    [
        *((name, "Text", "Text") for name in TEXTS),
        ("date", "2026-11-02", "2026-11-02"),
        ("use_global_vatrate", True, True),
        ("secondary_quantity_mode", "line", "line"),
        ("global_discount_type", "amount", "amount"),
        ("global_discount_value", 5, "5.00"),
        ("global_discount_type_amount", "ttc", "ttc"),
        ("input_mode", "ttc", "ttc"),
        ("delivery_status", 2, 2),
        ("penalty_rate", "3.5", "3.50"),
        ("penalty_rate_law", False, False),
        ("collection_costs_law", 0, False),
        ("escompte_rate", 2, "2.00"),
        ("grant_amount", "12.5", "12.50"),
        ("guarantee_holdback_pourcent", 5, "5.00"),
        ("guarantee_holdback_amount", 7, "7.00"),
        ("guarantee_holdback_duration", 6, 6),
        ("expire_at", "2026-12-24T10:00:00.000000Z", "2026-12-24T10:00:00.000000Z"),
        ("expire_at", "2026-12-24", "2026-12-24T22:59:59.000000Z"),
        ("advance_payment_type", "amount", "amount"),
        ("advance_payment_value", 30, "30.00"),
    ],
)
def test_each_attribute_is_read_and_answered(api, post, name, typed, answered):
    data = post(**{name: typed})
    assert data[name] == answered
    other = post()
    assert api.put(f"/sales/quotation/{other['id']}", {name: typed}).json()[name] == answered


@pytest.mark.parametrize("side", ["billing", "delivery"])
@pytest.mark.parametrize(
    "part", ["name", "contact", "road", "road2", "road3", "city", "postal_code", "comments"]
)
def test_each_part_of_an_address(post, side, part):
    assert post(**{f"{side}_address_{part}": "Ici"})[f"{side}_address"][part] == "Ici"


@pytest.mark.parametrize("value", ["BE", "be", 21, {"id": 21}, {"code": "BE"}])
def test_countries_by_code_or_id(api, post, value):
    from erp.various.models import Country

    country = Country.objects.get(code="BE")
    value = country.pk if value == 21 else {"id": country.pk} if value == {"id": 21} else value
    data = post(billing_address_country=value)
    assert data["billing_address"]["country_code"] == "BE"
    data = api.get(f"/sales/quotation/{data['id']}", include="billing_address_country").json()
    assert data["billing_address"]["country"]["id"] == country.pk


def test_links(api, post, scope, customer, owner):
    contact = Contact.objects.create(lastname="Martin")
    contact.customers.add(customer)
    rows = {
        "contact": contact,
        "pdf_model": PdfModel.objects.create(label="Bleu"),
        "sale_term": SaleTerm.objects.create(label="A", content="A"),
        "payment_term": PaymentTerm.objects.create(label="30 jours"),
        "team_user": owner,
        "grant": Grant.objects.create(label="CEE", amount=50, pdf_mentions="Prime"),
    }
    data = post(**{name: row.pk for name, row in rows.items()})
    assert {name: data[f"{name}_id"] for name in rows} == {name: row.pk for name, row in rows.items()}
    assert (data["grant_amount"], data["grant_label"], data["grant_pdf_mentions"]) == (
        "50.00",
        "CEE",
        "Prime",
    )
    assert data["payment_term_value"] == "30 jours"


def test_a_contact_is_the_customers(errors, scope):
    assert errors(contact=Contact.objects.create(lastname="Stranger").pk) == ["contact"]


@pytest.mark.parametrize(
    "name",
    [
        "customer",
        "contact",
        "pdf_model",
        "sale_term",
        "payment_term",
        "team_user",
        "vat_rate",
        "grant",
        "secondary_unit",
    ],
)
def test_ids_of_nobody_are_refused(errors, name):
    assert errors(**{name: 987654}) == [name]


def test_other_teams_rows_do_not_exist(other_api, post, api, body, errors):
    foreign = other_api.get("/sales/pdf_model").json()["datas"][0]["id"]
    rate = other_api.get("/vat_rate").json()["datas"][0]["id"]
    assert errors(pdf_model=foreign) == ["pdf_model"]
    assert errors(contents=[{"designation": "x", "vat_rate": rate}]) == ["contents.0.vat_rate"]
    key = post()["id"]
    for response in (
        other_api.get(f"/sales/quotation/{key}"),
        other_api.put(f"/sales/quotation/{key}", {"title": "x"}),
        other_api.put(f"/sales/quotation/{key}/lite", {"title": "x"}),
        other_api.delete(f"/sales/quotation/{key}"),
        other_api.get(f"/sales/quotation/{key}/pdf"),
    ):
        assert response.status_code == 404
    assert other_api.get("/sales/quotation").json()["datas"] == []


@pytest.mark.parametrize("name", ["date", "pdf_model", "customer", "contents"])
def test_what_is_required(api, body, name):
    data = body()
    del data[name]
    response = api.post("/sales/quotation", data)
    assert (response.status_code, list(response.json()["errors"])) == (422, [name])


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"date": "1999-12-31"}, "date"),
        ({"date": "2026-02-30"}, "date"),
        ({"colour": "red"}, "colour"),
        ({"penalty_rate": 101}, "penalty_rate"),
        ({"escompte_rate": -1}, "escompte_rate"),
        ({"status": 12}, "status"),
        ({"input_mode": "net"}, "input_mode"),
        ({"global_discount_value": -1}, "global_discount_value"),
        ({"global_discount_value": 101}, "global_discount_value"),
        ({"guarantee_holdback_pourcent": 101}, "guarantee_holdback_pourcent"),
        ({"input_options": {"ean": 9}}, "input_options.ean"),
        ({"pdf_options": {"colour": 1}}, "pdf_options.colour"),
        ({"contents": [{"quantity": 1}]}, "contents.0.designation"),
        (
            {"contents": [{"designation": "x"}, {"designation": "x", "unit_price_ht": -1}]},
            "contents.1.unit_price_ht",
        ),
        ({"contents": [{"designation": "x", "unit_price_ht": "1e15"}]}, "contents.0.unit_price_ht"),
        ({"contents": [{"designation": "x", "unit_price_ht": "NaN"}]}, "contents.0.unit_price_ht"),
        ({"contents": [{"designation": "x", "discount_value": 101}]}, "contents.0.discount_value"),
        ({"contents": [{"designation": "x", "catalog": {"type": "product"}}]}, "contents.0.catalog.id"),
        (
            {"contents": [{"designation": "x", "catalog": {"type": "boat", "id": 1}}]},
            "contents.0.catalog.type",
        ),
        ({"contents": [{"designation": "x", "affair_content": 1}]}, "contents.0.affair_content"),
        ({"contents": "x"}, "contents"),
        ({"exchange_rate": 0, "currency": "USD"}, "exchange_rate"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_what_is_refused(errors, values, path):
    if values.get("currency"):
        values = {**values, "currency": Currency.objects.get(code=values["currency"]).pk}
    assert errors(**values) == [path]


def test_options_change_one_by_one(api, post):
    data = post(input_options={"col_number": True}, pdf_options={"units": 3})
    data = api.put(f"/sales/quotation/{data['id']}", {"pdf_options": {"comments": 1}}).json()
    assert (
        data["input_options"]["col_number"],
        data["pdf_options"]["units"],
        data["pdf_options"]["comments"],
    ) == (True, 3, 1)
    assert len(data["input_options"]) == 18
    assert len(data["pdf_options"]) == 14


def test_tags_and_payment_methods(api, post):
    method = api.get("/payment_method").json()["datas"][0]["id"]
    key = post(tags=["a", "b"], payment_methods=[method, method])["id"]
    api.put(f"/sales/quotation/{key}/lite", {"attach_tags": ["c"], "detach_tags": ["a"]})
    data = api.get(f"/sales/quotation/{key}", include="tags,payment_methods").json()
    assert ([tag["name"] for tag in data["tags"]], [one["id"] for one in data["payment_methods"]]) == (
        ["b", "c"],
        [method],
    )


def test_a_form_with_brackets(api, body):
    given = body()
    form = "&".join(
        f"{name}={value}"
        for name, value in [
            *((name, given[name]) for name in ("date", "pdf_model", "customer")),
            ("contents[0][designation]", "Pose"),
            ("contents[0][unit_price_ht]", "100"),
            ("contents[0][quantity]", "2"),
            ("contents[1][designation]", "Note"),
            ("contents[1][is_comments]", "1"),
            ("tags[]", "web"),
            ("input_options[col_number]", "true"),
        ]
    )
    response = api.post("/sales/quotation", form, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 201, response.json()
    data = response.json()
    assert (data["total_ht"], len(data["contents"]), data["input_options"]["col_number"]) == (
        "200.00",
        2,
        True,
    )


def test_a_multipart_form(api, body):
    given = body()
    form = {name: given[name] for name in ("date", "pdf_model", "customer")} | {
        "contents[0][designation]": "Pose",
        "contents[0][unit_price_ht]": "10",
    }
    response = api.post(
        "/sales/invoice", encode_multipart("limit", form), content_type="multipart/form-data; boundary=limit"
    )
    assert (response.status_code, response.json()["total_ht"]) == (201, "10.00")


def test_kinds_of_lines(post, rates):
    vat = {"vat_rate": rates["20"].pk}
    data = post(
        contents=[
            {"designation": "<b>Pose</b><script>x</script>", "unit_price_ht": 100, **vat},
            {"designation": "Note", "is_comments": True},
            {"is_subtotal": True},
            {"is_pagebreak": True},
            {"designation": "Option", "unit_price_ht": 1000, "is_option": True, **vat},
            {"designation": "Hidden", "unit_price_ht": 5, "is_hidden": True, **vat},
            {"designation": "Eco", "unit_price_ht": 10, "ecotax_u_ht": "0.5", "quantity": 2, **vat},
        ]
    )
    assert (data["total_content_ht"], data["total_ecotaxe_ht"], data["total_ht"], data["total_ttc"]) == (
        "125.00",
        "1.00",
        "126.00",
        "151.20",
    )
    lines = data["contents"]
    assert lines[0]["designation"] == "<b>Pose</b>"
    assert lines[2]["designation"]
    assert lines[2]["subtotal_ht"] == "100.00"
    assert (lines[4]["total_ht"], lines[5]["total_ht"], lines[6]["total_ecotax_ttc"]) == (
        "1000.00",
        "5.00",
        "1.20",
    )
    assert [line["line_number"] for line in lines] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("mode", "price", "unit_ht", "unit_ttc"),
    [
        ("ht", {"unit_price_ht": 100}, "100.00000", "120.00000"),
        ("ht", {"unit_price_ttc": 120}, "100.00000", "120.00000"),
        ("ttc", {"unit_price_ttc": "99.99"}, "83.32500", "99.99000"),
        ("ttc", {"unit_price_ht": 100}, "100.00000", "120.00000"),
    ],
)
def test_prices_on_either_side(post, rates, mode, price, unit_ht, unit_ttc):
    [line] = post(input_mode=mode, contents=[{"designation": "x", "vat_rate": rates["20"].pk, **price}])[
        "contents"
    ]
    assert (line["unit_price_ht"], line["unit_price_ttc"]) == (unit_ht, unit_ttc)


@pytest.mark.parametrize(
    ("values", "line", "quantity", "total"),
    [
        ({"secondary_quantity_mode": "line"}, {"quantity": 2, "secondary_quantity": 3}, "2.00000", "6.00000"),
        (
            {"secondary_quantity_mode": "line"},
            {"total_quantity": 6, "secondary_quantity": 3},
            "2.00000",
            "6.00000",
        ),
        (
            {"secondary_quantity_mode": "global", "secondary_quantity": 4},
            {"quantity": 2},
            "2.00000",
            "8.00000",
        ),
        ({"secondary_quantity_mode": "global"}, {"quantity": 2}, "2.00000", "2.00000"),
        ({"secondary_quantity_mode": "disable"}, {"total_quantity": 5}, "5.00000", "5.00000"),
        ({"secondary_quantity_mode": "disable"}, {"quantity": 2, "total_quantity": 5}, "2.00000", "2.00000"),
    ],
)
def test_second_quantities(post, values, line, quantity, total):
    [answered] = post(**values, contents=[{"designation": "x", "unit_price_ht": 1, **line}])["contents"]
    assert (answered["quantity"], answered["total_quantity"]) == (quantity, total)


def test_another_currency(post, scope):
    data = post(currency=Currency.objects.get(code="USD").pk, exchange_rate="0.9")
    assert (data["currency_code"], data["exchange_rate"], data["total_ttc"]) == ("USD", "0.90000", "349.99")
    assert post(exchange_rate=3)["exchange_rate"] == "1.00000"


@pytest.fixture
def product(scope, rates):
    unit = Unit.objects.create(label="Sac")
    return create_product(
        {
            "reference": "P1",
            "name": "Enduit",
            "designation": "Enduit 25 kg",
            "unit_price_ht": Decimal("21.5"),
            "unit_buy_price_ht": Decimal(13),
            "vat_rate": rates["10"],
            "unit": unit,
            "default_quantity": Decimal(4),
            "unit_weight": Decimal(25),
            "sale_category": SaleCategory.objects.first(),
            "ean_code": "3012345678901",
        }
    )


def test_a_product_line_starts_from_its_sheet(api, post, product, rates):
    [line] = post(contents=[{"catalog": {"type": "product", "id": product.pk}}])["contents"]
    assert {
        name: line[name]
        for name in (
            "reference",
            "designation",
            "ean_code",
            "unit_price_ht",
            "quantity",
            "weight_unit",
            "total_weight",
            "catalog_costs_u",
        )
    } == {
        "reference": "P1",
        "designation": "Enduit 25 kg",
        "ean_code": "3012345678901",
        "unit_price_ht": "21.50000",
        "quantity": "4.00000",
        "weight_unit": "25.00",
        "total_weight": "100.00",
        "catalog_costs_u": 13,
    }
    assert (line["vat_rate_id"], line["unit_id"], line["sale_category_id"]) == (
        rates["10"].pk,
        product.unit_id,
        product.sale_category_id,
    )
    assert line["catalog"] == {"type": "product", "id": product.pk}
    [typed] = post(
        contents=[
            {
                "catalog": {"type": "product", "id": product.pk},
                "unit_price_ht": 20,
                "quantity": 1,
                "designation": "Autre",
            }
        ]
    )["contents"]
    assert (typed["unit_price_ht"], typed["quantity"], typed["designation"]) == (
        "20.00000",
        "1.00000",
        "Autre",
    )


def test_a_fixed_price_cannot_be_changed_later_either(api, post, product, errors):
    type(product).objects.filter(pk=product.pk).update(cant_change_price=True)
    link = {"catalog": {"type": "product", "id": product.pk}}
    assert errors(contents=[{**link, "unit_price_ht": 20}]) == ["contents.0.unit_price_ht"]
    data = post(contents=[link])
    row = {"affair_content": data["contents"][0]["affair_content_id"], "unit_price_ht": 1}
    response = api.put(f"/sales/quotation/{data['id']}", {"contents": [row]})
    assert (response.status_code, list(response.json()["errors"])) == (422, ["contents.0.unit_price_ht"])


def test_deliveries_have_parcels(post):
    data = post("delivery", package_qty="3 colis", delivery_mode="Transporteur", delivery_tracking="8L0001")
    assert [data[name] for name in ("package_qty", "delivery_mode", "delivery_tracking")] == [
        "3 colis",
        "Transporteur",
        "8L0001",
    ]


def test_a_validated_document_on_creation(post):
    data = post(status=3)
    assert (data["status"], data["is_draft"], data["reference"]) == (3, False, "DEV00001")


# --- Lists ------------------------------------------------------------------------------------------


@pytest.fixture
def two(make, customer, owner, make_member, scope):
    """An old and a new quotation that differ in everything that lists tell apart."""
    today = team_today()
    contact = Contact.objects.create(lastname="Martin", firstname="Zoé")
    contact.customers.add(customer)
    term = {"expire_at": datetime.datetime(2026, 5, 1, 21, 59, 59, tzinfo=datetime.UTC)}
    old = make(
        "quotation",
        ("A", "10", "1", "20"),
        date=today - datetime.timedelta(days=9),
        title="Ancien",
        contact=contact,
        customer_command_reference="BC-9",
        billing_address_city="Albi",
        delivery_address_city="Agen",
        tags=["vip", "old"],
        **term,
    )
    new = make(
        "quotation",
        ("B", "900", "1", "20"),
        date=today,
        title="Nouveau",
        is_draft=True,
        tags=["vip"],
        team_user=make_member(sales_quotation=4),
        currency=Currency.objects.get(code="USD"),
        billing_address_city="Zuydcoote",
        billing_address_postal_code="59123",
        delivery_address_city="Zuydcoote",
        delivery_address_postal_code="59123",
    )
    return old, new


FILTERS = [
    ("team_user", lambda old: old.team_user_id),
    ("contact", lambda old: old.contact_id),
    ("any_tags", lambda old: "old"),
    ("status", lambda old: 2),
    ("date_until", lambda old: old.date.isoformat()),
    ("is_draft", lambda old: "0"),
    ("main_currency", lambda old: "1"),
    ("with_currency", lambda old: old.currency_id),
    ("can_be_billed", lambda old: "true"),
    ("expire_since", lambda old: "2026-05-01"),
    ("expire_until", lambda old: "2026-05-01"),
]


@pytest.mark.parametrize(("name", "value"), FILTERS, ids=[name for name, _value in FILTERS])
def test_each_filter_keeps_and_drops(api, two, name, value):
    old, new = two
    if name == "expire_since":
        type(new).objects.filter(pk=new.pk).update(
            expire_at=datetime.datetime(2026, 4, 30, 21, 59, 59, tzinfo=datetime.UTC)
        )
    response = api.get("/sales/quotation", **{f"filter[{name}]": value(old)})
    assert [row["id"] for row in response.json()["datas"]] == [old.pk]


def test_other_filters(api, two, customer, make):
    old, new = two
    ids = lambda **query: {row["id"] for row in api.get("/sales/quotation", **query).json()["datas"]}  # noqa: E731
    assert ids(**{"filter[all_tags][]": ["vip", "old"]}) == {old.pk}
    assert ids(**{"filter[customer]": customer.pk}) == {old.pk, new.pk}
    assert ids(**{"filter[date_since]": new.date.isoformat()}) == {new.pk}
    assert ids(**{"filter[delivery_status]": 1}) == {old.pk, new.pk}
    assert ids(**{"filter[delivery_status]": 3}) == set()
    deposit = services.convert(old, "deposit-invoice", {"amount": Decimal(1)})
    make("invoice")
    found = api.get("/sales/invoice", **{"filter[is_deposit_invoice]": 1}).json()["datas"]
    assert [row["id"] for row in found] == [deposit.pk]


SORTS = [
    "number",
    "reference",
    "customer_command_reference",
    "title",
    "date",
    "contact.fullname",
    "billing_address.city",
    "billing_address.postal_code",
    "delivery_address.city",
    "delivery_address.postal_code",
    "total_ht",
    "total_tva",
    "total_ttc",
    "to_bill",
    "gross_margin_amount",
    "team_user.fullname",
    "status_label",
    "affair.reference",
]
SAME = [
    "expire_at",
    "customer.name",
    "billing_address.country.name",
    "delivery_address.country.name",
    "already_billed",
    "pourcent_billed",
    "pourcent_to_bill",
    "total_costs",
    "workforce_costs",
    "total_charge",
    "gross_margin_rate",
    "markup_rate",
    "delivery_status_label",
]


@pytest.mark.parametrize("name", SORTS)
def test_each_sort_both_ways(api, two, name):
    up, down = (
        [row["id"] for row in api.get("/sales/quotation", sort=f"{name}:{way}").json()["datas"]]
        for way in ("asc", "desc")
    )
    assert up == down[::-1]
    assert len(up) == 2


@pytest.mark.parametrize("name", SAME)
def test_sorts_that_find_no_difference_answer_all(api, two, name):
    assert {row["id"] for row in api.get("/sales/quotation", sort=name).json()["datas"]} == {
        row.pk for row in two
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("reference", "DEV00001"),
        ("contact.lastname", "mart%"),
        ("customer_command_reference", "BC-9"),
        ("title", "anc%"),
        ("billing_address_city", "albi"),
        ("billing_address_postal_code", "25%"),
        ("delivery_address_city", "agen"),
        ("delivery_address_postal_code", "25000"),
        ("total_ht", "10"),
        ("total_tva", "2"),
        ("total_ttc", "12"),
    ],
)
def test_each_search_finds(api, two, name, text):
    old, _new = two
    assert [
        row["id"] for row in api.get("/sales/quotation", **{f"search[{name}]": text}).json()["datas"]
    ] == [old.pk]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("customer.company_name", "acier%"),
        ("billing_address_country.name_fr", "france"),
        ("delivery_address_country.name_fr", "fra%"),
    ],
)
def test_searches_on_what_both_have(api, two, name, text):
    assert len(api.get("/sales/quotation", **{f"search[{name}]": text}).json()["datas"]) == 2
    assert api.get("/sales/quotation", **{f"search[{name}]": "nowhere"}).json()["datas"] == []


def test_proformas_are_found_by_their_own_reference(api, make):
    row = make("proforma", customer_proforma_reference="PF-7")
    make("proforma")
    assert [
        one["id"]
        for one in api.get("/sales/proforma", **{"search[customer_proforma_reference]": "PF-7"}).json()[
            "datas"
        ]
    ] == [row.pk]
    assert api.get("/sales/proforma", sort="customer_proforma_reference").status_code == 200
    assert api.get("/sales/proforma", sort="customer_command_reference").status_code == 422


INCLUDES = {
    "pdf_model": "pdf_model",
    "customer": "customer",
    "currency": "currency",
    "teamUser": "team_user",
    "team_user": "team_user",
    "contents": "contents",
    "tags": "tags",
    "affair": "affair",
    "vatrates.vat_rate": "vatrates",
    "customFields": "custom_fields",
    "custom_fields": "custom_fields",
    "payment_methods": "payment_methods",
    "contact": "contact",
    "vat_rate": "vat_rate",
    "secondary_unit": "secondary_unit",
    "grant": "grant",
    "payment_term": "payment_term",
    "sale_term": "sale_term",
}


@pytest.mark.parametrize(("name", "attribute"), INCLUDES.items())
def test_each_include_adds(api, two, name, attribute):
    plain, more = (
        api.get("/sales/quotation", **query).json()["datas"][0] for query in ({}, {"include": name})
    )
    assert set(more) - set(plain) == {attribute}


@pytest.mark.parametrize(
    "name", ["vat_rate", "unit", "secondary_unit", "sale_category", "picture", "variation", "providers"]
)
def test_each_include_of_lines_adds(api, two, name):
    plain, more = (
        api.get("/sales/quotation", include=include).json()["datas"][0]["contents"][0]
        for include in ("contents", f"contents.{name}")
    )
    assert set(more) - set(plain) == {name}


def test_the_catalog_element_of_lines(api, post, product):
    key = post(contents=[{"catalog": {"type": "product", "id": product.pk}}])["id"]
    [line] = api.get(f"/sales/quotation/{key}", include="contents.catalog").json()["contents"]
    assert line["catalog"]["element"]["id"] == product.pk


def test_lists_cost_the_same_whatever_their_length(api, make, django_assert_max_num_queries):
    everything = (
        "customer,contents.vat_rate,contents.unit,tags,affair,vatrates.vat_rate,payment_methods,team_user"
    )
    for _time in range(4):
        make("quotation", tags=["a"])
    with django_assert_max_num_queries(25):
        assert len(api.get("/sales/quotation", include=everything).json()["datas"]) == 4


def test_deleted_documents_answer_only_that(api, make):
    draft = make("quotation", is_draft=True)
    services.delete_document(draft)
    assert api.get("/sales/quotation").json()["datas"] == []
    [row] = api.get("/sales/quotation", with_deleted=1).json()["datas"]
    assert set(row) == {"id", "deleted_at"}


def test_credits_name_their_invoice(api, make):
    invoice = make("invoice")
    credit = services.convert(invoice, "cancel", {"is_draft": False})
    [row] = api.get("/sales/credit", include="invoice", **{"filter[invoice]": invoice.pk}).json()["datas"]
    assert (row["id"], row["invoice"]["reference"]) == (credit.pk, invoice.reference)


# --- Permissions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "statuses"),
    [
        (0, (403, 403, 403, 403)),
        (1, (200, 403, 403, 403)),
        (2, (200, 201, 403, 403)),
        (3, (200, 201, 200, 403)),
        (4, (200, 201, 200, 204)),
    ],
)
def test_levels(member_api, make, body, level, statuses):
    draft = make("invoice", is_draft=True)
    client = member_api(sales_invoice=level, sales_limitation=1, customer=1, customer_limitation=1)
    answers = (
        client.get("/sales/invoice"),
        client.post("/sales/invoice", body()),
        client.put(f"/sales/invoice/{draft.pk}", {"title": "x"}),
        client.delete(f"/sales/invoice/{draft.pk}"),
    )
    assert tuple(answer.status_code for answer in answers) == statuses


def test_limited_to_ones_own_documents(member_api, make, make_member):
    client = member_api(sales_quotation=4, sales_limitation=0)
    others = make("quotation")
    assert client.get("/sales/quotation").json()["datas"] == []
    assert client.get(f"/sales/quotation/{others.pk}").status_code == 404
    assert client.put(f"/sales/quotation/{others.pk}/lite", {"title": "x"}).status_code == 404


def test_affairs_and_grants(api, make, customer):
    quotation = make("quotation", title="Cuisine")
    affair = api.get(f"/sales/affair/{quotation.affair_id}").json()
    assert (affair["reference"], affair["title"], affair["customer_id"]) == (
        "AF00001",
        "Cuisine",
        customer.pk,
    )
    assert api.delete(f"/sales/affair/{affair['id']}").status_code == 409
    created = api.post("/sales/affair", {"title": "Neuf", "customer": customer.pk}).json()
    assert api.delete(f"/sales/affair/{created['id']}").status_code == 204
    grant = api.post("/sales/grant", {"label": "CEE", "amount": 100, "pdf_mentions": "Prime"}).json()
    assert api.put(f"/sales/grant/{grant['id']}", {"label": "MPR"}).json()["label"] == "MPR"
