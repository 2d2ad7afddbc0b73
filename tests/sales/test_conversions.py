"""Nineteen conversions: what is made, what becomes of the source, what is refused."""

import datetime
from decimal import Decimal

import pytest

from erp.core.errors import Invalid
from erp.sales import services
from erp.sales.choices import Kind
from erp.sales.models import Document, Grant
from erp.sales.pdf_layout import document_html
from erp.various.models import Country, PaymentTerm

#: (source, conversion, kind made, total made, source's status and delivery status afterwards)
TABLE = [
    ("quotation", "command", "command", "349.99", 4, 1),
    ("quotation", "proforma", "proforma", "349.99", 2, 1),
    ("quotation", "deposit-invoice", "invoice", "105.00", 5, 1),
    ("quotation", "bill", "invoice", "349.99", 7, 1),
    ("quotation", "deliver", "delivery", "349.99", 4, 3),
    ("command", "quotation", "quotation", "349.99", 2, 1),
    ("command", "proforma", "proforma", "349.99", 2, 1),
    ("command", "deposit-invoice", "invoice", "105.00", 5, 1),
    ("command", "bill", "invoice", "349.99", 7, 1),
    ("command", "deliver", "delivery", "349.99", 4, 3),
    ("proforma", "quotation", "quotation", "349.99", 2, 1),
    ("proforma", "command", "command", "349.99", 4, 1),
    ("proforma", "bill", "invoice", "349.99", 7, 1),
    ("proforma", "deliver", "delivery", "349.99", 4, 3),
    ("delivery", "quotation", "quotation", "349.99", 2, 1),
    ("delivery", "command", "command", "349.99", 2, 1),
    ("delivery", "bill", "invoice", "349.99", 2, 1),
    ("invoice", "cancel", "credit", "349.99", 9, 1),
    ("invoice", "deliver", "delivery", "349.99", 2, 3),
]


def test_the_table_has_all_nineteen():
    assert {(source, name) for source, name, *_rest in TABLE} == set(services.CONVERSIONS)


@pytest.fixture
def created(api, body):
    """POST a validated document; answers its JSON."""

    def created(kind, **values):
        response = api.post(f"/sales/{kind}", body(is_draft=False, **values))
        assert response.status_code == 201, response.json()
        return response.json()

    return created


def put(api, document, kind, name, data=None):
    return api.put(f"/sales/{kind}/{document['id']}/{name}", data or {})


@pytest.mark.parametrize(("kind", "name", "to_kind", "total", "status", "delivery_status"), TABLE)
def test_each_conversion(api, created, kind, name, to_kind, total, status, delivery_status):
    source = created(kind)
    data = {"is_draft": False} | ({"percentage": 30} if name == "deposit-invoice" else {})
    response = put(api, source, kind, name, data)
    assert response.status_code == 200, response.json()
    made = response.json()
    assert (made["total_ttc"], made["status"], made["is_draft"]) == (total, 2, False)
    assert (made["affair_id"], made["customer_id"]) == (source["affair_id"], source["customer_id"])
    assert Document.objects.get(pk=made["id"]).kind == to_kind
    after = api.get(f"/sales/{kind}/{source['id']}", include="linked_elements").json()
    assert (after["status"], after["delivery_status"]) == (status, delivery_status)
    assert [(one["type"], one["id"], one["reference"]) for one in after["linked_elements"]] == [
        (to_kind, made["id"], made["reference"])
    ]
    if name != "deposit-invoice":
        identities = [line["affair_content_id"] for line in made["contents"]]
        assert identities == [line["affair_content_id"] for line in source["contents"]]
    if kind in ("quotation", "command", "proforma"):
        billed = {
            "bill": ("349.99", "100.00", "0.00", "0.00"),
            "deposit-invoice": ("105.00", "30.00", "244.99", "70.00"),
        }
        expected = billed.get(name, ("0.00", "0.00", "349.99", "100.00"))
        names = ("already_billed", "pourcent_billed", "to_bill", "pourcent_to_bill")
        assert tuple(after[one] for one in names) == expected


@pytest.mark.parametrize(("kind", "name"), [row[:2] for row in TABLE])
def test_a_conversion_makes_a_draft_unless_told_otherwise(api, created, kind, name):
    made = put(api, created(kind), kind, name, {"percentage": 30} if name == "deposit-invoice" else {}).json()
    assert (made["is_draft"], made["status"], made["reference"], made["number"]) == (True, 1, None, None)


@pytest.mark.parametrize(("kind", "name"), [row[:2] for row in TABLE])
def test_nothing_is_made_of_a_draft(api, body, kind, name):
    draft = api.post(f"/sales/{kind}", body()).json()
    assert put(api, draft, kind, name).status_code == 409
    assert Document.objects.filter(affair_id=draft["affair_id"]).count() == 1


@pytest.mark.parametrize("status", [8, 9])
@pytest.mark.parametrize("name", ["command", "proforma", "deposit-invoice", "bill", "deliver"])
def test_nothing_is_made_of_what_was_refused_or_cancelled(api, created, name, status):
    source = created("quotation", status=status)
    data = {"percentage": 10} if name == "deposit-invoice" else {}
    assert put(api, source, "quotation", name, data).status_code == 409


def test_a_date_before_the_source_is_refused(api, created, today):
    source = created("quotation")
    response = put(api, source, "quotation", "bill", {"date": "2020-01-01"})
    assert response.status_code == 422
    assert today.isoformat() in response.json()["errors"]["date"][0]


def test_another_team_sees_nothing_to_convert(other_api, created):
    source = created("quotation")
    assert put(other_api, source, "quotation", "bill").status_code == 404


# --- Deliveries -------------------------------------------------------------------------------------


def test_partial_deliveries_until_nothing_remains(api, created):
    order = created("command")
    pose, peinture = (line["affair_content_id"] for line in order["contents"])
    first = put(api, order, "command", "deliver", {"contents": [{"id": pose, "quantity": 1}]}).json()
    assert [(line["designation"], line["quantity"]) for line in first["contents"]] == [("Pose", "1.00000")]
    now = api.get(f"/sales/command/{order['id']}").json()
    assert (now["delivery_status"], now["status"]) == (2, 4)
    assert [(line["delivered_quantity"], line["quantity_to_deliver"]) for line in now["contents"]] == [
        ("1.00000", "1.00000"),
        ("0.00000", "3.00000"),
    ]
    second = put(api, order, "command", "deliver").json()
    assert [line["quantity"] for line in second["contents"]] == ["1.00000", "3.00000"]
    assert Decimal(first["total_ttc"]) + Decimal(second["total_ttc"]) == Decimal(order["total_ttc"])
    now = api.get(f"/sales/command/{order['id']}").json()
    assert now["delivery_status"] == 3
    assert [line["quantity_to_deliver"] for line in now["contents"]] == ["0.00000", "0.00000"]
    response = put(api, order, "command", "deliver")
    assert response.status_code == 422
    assert "contents" in response.json()["errors"]
    assert peinture == second["contents"][1]["affair_content_id"]


def test_more_than_what_remains_is_refused_and_says_what_remains(api, created):
    order = created("command")
    pose = order["contents"][0]["affair_content_id"]
    put(api, order, "command", "deliver", {"contents": [{"id": pose, "quantity": "0.5"}]})
    errors = put(api, order, "command", "deliver", {"contents": [{"id": pose, "quantity": 2}]}).json()[
        "errors"
    ]
    assert "1.5" in errors["contents.0.quantity"][0]


def test_the_same_line_twice_counts_twice(api, created):
    order = created("command")
    pose = order["contents"][0]["affair_content_id"]
    rows = [{"id": pose, "quantity": 1}, {"id": pose, "quantity": "1.5"}]
    response = put(api, order, "command", "deliver", {"contents": rows})
    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["contents.1.quantity"]
    rows = [{"id": pose, "quantity": 1}, {"id": pose, "quantity": 1}]
    assert (
        put(api, order, "command", "deliver", {"contents": rows}).json()["contents"][0]["quantity"]
        == "2.00000"
    )


@pytest.mark.parametrize("quantity", [0, -1, "-0.00001"])
def test_quantities_are_above_zero(api, created, quantity):
    order = created("command")
    rows = [{"id": order["contents"][0]["affair_content_id"], "quantity": quantity}]
    response = put(api, order, "command", "deliver", {"contents": rows})
    assert (response.status_code, list(response.json()["errors"])) == (422, ["contents.0.quantity"])


def test_a_line_of_another_document_is_refused(api, created):
    order, other = created("command"), created("command")
    rows = [{"id": other["contents"][0]["affair_content_id"], "quantity": 1}]
    response = put(api, order, "command", "deliver", {"contents": rows})
    assert (response.status_code, list(response.json()["errors"])) == (422, ["contents.0.id"])


def test_a_draft_delivery_cannot_be_edited_beyond_what_remains(api, created):
    order = created("command")
    pose = order["contents"][0]["affair_content_id"]
    draft = put(api, order, "command", "deliver", {"contents": [{"id": pose, "quantity": 1}]}).json()
    row = {"affair_content": pose, "quantity": 3}
    response = api.put(f"/sales/delivery/{draft['id']}", {"contents": [row]})
    assert response.status_code == 422
    assert "2" in response.json()["errors"]["contents.0.quantity"][0]
    row["quantity"] = 2
    assert (
        api.put(f"/sales/delivery/{draft['id']}", {"contents": [row]}).json()["contents"][0]["total_net_ht"]
        == "200.00"
    )


# --- Bills ------------------------------------------------------------------------------------------


def test_each_delivery_is_billed_once(api, created):
    order = created("command")
    pose = order["contents"][0]["affair_content_id"]
    parts = [
        put(
            api, order, "command", "deliver", {"is_draft": False, "contents": [{"id": pose, "quantity": 1}]}
        ).json()
        for _time in range(2)
    ]
    bill = put(api, parts[0], "delivery", "bill").json()
    assert bill["total_ht"] == "100.00"
    assert put(api, parts[0], "delivery", "bill").status_code == 422
    assert api.get(f"/sales/delivery/{parts[0]['id']}").json()["to_bill"] == "0.00"
    assert api.get(f"/sales/delivery/{parts[1]['id']}").json()["to_bill"] == "120.00"
    assert put(api, parts[1], "delivery", "bill").json()["total_ht"] == "100.00"
    now = api.get(f"/sales/command/{order['id']}").json()
    assert (now["status"], now["already_billed"], now["to_bill"]) == (6, "240.00", "109.99")
    assert put(api, order, "command", "bill").json()["total_ttc"] == "109.99"
    assert api.get(f"/sales/command/{order['id']}").json()["status"] == 7
    response = put(api, order, "command", "bill")
    assert (response.status_code, list(response.json()["errors"])) == (422, ["contents"])


def test_a_negative_quantity_is_billed_too(make):
    """A discount typed as a line of negative quantity stays in the bill."""
    quotation = make("quotation", ("Pose", "100", "10", "20"), ("Geste", "50", "-1", "20"))
    invoice = services.convert(quotation, "bill", {"is_draft": False})
    assert (quotation.total_ttc, invoice.total_ttc) == (Decimal("1140.00"), Decimal("1140.00"))
    assert (quotation.status, quotation.to_bill) == (7, Decimal(0))


def test_a_draft_invoice_cannot_be_edited_beyond_what_remains(api, created):
    order = created("command")
    draft = put(api, order, "command", "bill").json()
    rows = [{"affair_content": line["affair_content_id"], "quantity": 9} for line in draft["contents"]]
    response = api.put(f"/sales/invoice/{draft['id']}", {"contents": rows})
    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["contents.0.quantity"]


def test_what_is_billed_keeps_its_direction(api, created):
    order = created("command")
    draft = put(api, order, "command", "bill").json()
    rows = [{"affair_content": line["affair_content_id"]} for line in draft["contents"]]
    rows[0]["quantity"] = -2
    errors = api.put(f"/sales/invoice/{draft['id']}", {"contents": rows}).json()["errors"]
    assert list(errors) == ["contents.0.quantity"]


def test_deleting_a_draft_invoice_opens_its_source_again(api, created):
    order = created("command")
    draft = put(api, order, "command", "bill").json()
    assert api.delete(f"/sales/invoice/{draft['id']}").status_code == 204
    now = api.get(f"/sales/command/{order['id']}").json()
    assert (now["status"], now["to_bill"]) == (4, "349.99")


def test_a_wholly_credited_invoice_can_be_billed_again(api, created):
    order = created("command")
    invoice = put(api, order, "command", "bill", {"is_draft": False}).json()
    put(api, invoice, "invoice", "cancel", {"is_draft": False, "amount": 100})
    put(api, invoice, "invoice", "cancel", {"is_draft": False})
    now = api.get(f"/sales/command/{order['id']}").json()
    assert (now["status"], now["to_bill"]) == (4, "349.99")
    assert put(api, order, "command", "bill").json()["total_ttc"] == "349.99"


# --- Deposits ---------------------------------------------------------------------------------------


def test_a_bill_names_and_deducts_the_deposits(api, created, today):
    order = created("command")
    first = put(api, order, "command", "deposit-invoice", {"is_draft": False, "percentage": 30}).json()
    second = put(api, order, "command", "deposit-invoice", {"is_draft": False, "amount": "20.01"}).json()
    assert [first["total_ttc"], second["total_ttc"]] == ["105.00", "20.01"]
    assert first["is_deposit"] is True
    bill = put(api, order, "command", "bill", {"is_draft": False}).json()
    deducted = bill["contents"][2:]
    assert {line["quantity"] for line in deducted} == {"-1.00000"}
    assert all(Decimal(line["unit_price_ttc"]) > 0 for line in deducted)
    assert [first["reference"] in line["designation"] for line in deducted] == [True, True, False, False]
    assert Decimal(bill["total_ttc"]) == Decimal("349.99") - Decimal("105.00") - Decimal("20.01")


def test_without_amount_nor_percentage_a_deposit_is_the_advance_agreed(api, created):
    order = created("command", advance_payment_type="amount", advance_payment_value=50)
    assert put(api, order, "command", "deposit-invoice").json()["total_ttc"] == "50.00"
    response = put(api, created("command"), "command", "deposit-invoice")
    assert (response.status_code, list(response.json()["errors"])) == (422, ["percentage"])


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"percentage": 101}, "percentage"),
        ({"amount": "350"}, "amount"),
        ({"amount": 0}, "amount"),
        ({"percentage": -1}, "percentage"),
    ],
)
def test_deposits_that_cannot_be(api, created, data, path):
    response = put(api, created("command"), "command", "deposit-invoice", data)
    assert (response.status_code, list(response.json()["errors"])) == (422, [path])


def test_deposits_never_exceed_what_remains_to_bill(api, created):
    order = created("command")
    put(api, order, "command", "deposit-invoice", {"percentage": 60})
    response = put(api, order, "command", "deposit-invoice", {"percentage": 60})
    assert response.status_code == 422
    assert "140.00" in response.json()["errors"]["percentage"][0]


def test_a_deposit_without_vat(api, created):
    order = created("command")
    deposit = put(
        api, order, "command", "deposit-invoice", {"is_draft": False, "percentage": 10, "with_vatrate": False}
    ).json()
    assert (deposit["total_ht"], deposit["total_tva"], deposit["total_ttc"]) == ("35.00", "0.00", "35.00")
    bill = put(api, order, "command", "bill", {"is_draft": False}).json()
    assert (bill["total_tva"], bill["total_ttc"]) == ("50.00", "314.99")


def test_a_draft_deposit_that_a_bill_deducts_stays(api, created):
    order = created("command")
    deposit = put(api, order, "command", "deposit-invoice", {"percentage": 30}).json()
    bill = put(api, order, "command", "bill").json()
    assert bill["total_ttc"] == "244.99"
    assert api.delete(f"/sales/invoice/{deposit['id']}").status_code == 409
    assert api.put(f"/sales/invoice/{bill['id']}/lite", {"status": 2}).status_code == 422
    reference = api.put(f"/sales/invoice/{deposit['id']}/lite", {"status": 2}).json()["reference"]
    validated = api.put(f"/sales/invoice/{bill['id']}/lite", {"status": 2}).json()
    assert reference in validated["contents"][2]["designation"]


def test_a_credited_deposit_is_not_deducted(api, created):
    order = created("command")
    deposit = put(api, order, "command", "deposit-invoice", {"is_draft": False, "percentage": 30}).json()
    put(api, deposit, "invoice", "cancel", {"is_draft": False, "amount": 5})
    assert put(api, order, "command", "bill").json()["total_ttc"] == "249.99"


def test_a_bill_wholly_paid_by_deposits_can_be_cancelled(api, created):
    order = created("command")
    put(api, order, "command", "deposit-invoice", {"is_draft": False, "percentage": 100})
    bill = put(api, order, "command", "bill", {"is_draft": False}).json()
    assert bill["total_ttc"] == "0.00"
    credit = put(api, bill, "invoice", "cancel", {"is_draft": False}).json()
    assert credit["total_ttc"] == "0.00"
    assert api.get(f"/sales/invoice/{bill['id']}").json()["status"] == 9


# --- Credits ----------------------------------------------------------------------------------------


def test_credits_by_amount_then_the_rest(api, created):
    invoice = created("invoice")
    first = put(api, invoice, "invoice", "cancel", {"is_draft": False, "amount": "100.01"}).json()
    assert (first["total_ttc"], first["invoice_id"]) == ("100.01", invoice["id"])
    assert api.get(f"/sales/invoice/{invoice['id']}").json()["status"] == 2
    second = put(api, invoice, "invoice", "cancel", {"is_draft": False}).json()
    assert second["total_ttc"] == "249.98"
    assert api.get(f"/sales/invoice/{invoice['id']}").json()["status"] == 9
    assert put(api, invoice, "invoice", "cancel").status_code == 409


def test_a_draft_credit_cancels_nothing_yet(api, created):
    invoice = created("invoice")
    draft = put(api, invoice, "invoice", "cancel").json()
    assert api.get(f"/sales/invoice/{invoice['id']}").json()["status"] == 2
    response = put(api, invoice, "invoice", "cancel")
    assert (response.status_code, list(response.json()["errors"])) == (422, ["contents"])
    api.put(f"/sales/credit/{draft['id']}/lite", {"status": 2})
    assert api.get(f"/sales/invoice/{invoice['id']}").json()["status"] == 9


def test_credits_by_quantities(api, created):
    invoice = created("invoice")
    pose = invoice["contents"][0]["affair_content_id"]
    half = put(api, invoice, "invoice", "cancel", {"contents": [{"id": pose, "quantity": 1}]}).json()
    assert (half["total_ttc"], half["contents"][0]["quantity"]) == ("120.00", "1.00000")
    response = put(api, invoice, "invoice", "cancel", {"contents": [{"id": pose, "quantity": 2}]})
    assert "1" in response.json()["errors"]["contents.0.quantity"][0]
    rest = put(api, invoice, "invoice", "cancel").json()
    assert [line["quantity"] for line in rest["contents"]] == ["1.00000", "3.00000"]
    assert rest["total_ttc"] == "229.99"


def test_credits_never_exceed_a_vat_rate(api, created):
    invoice = created("invoice")
    pose = invoice["contents"][0]["affair_content_id"]
    put(api, invoice, "invoice", "cancel", {"amount": 100})
    response = put(api, invoice, "invoice", "cancel", {"contents": [{"id": pose, "quantity": 2}]})
    assert (response.status_code, list(response.json()["errors"])) == (422, ["contents"])


def test_a_line_is_credited_at_the_one_rate_of_all(api, created, rates):
    invoice = created("invoice", use_global_vatrate=True, vat_rate=rates["0"].pk)
    pose = invoice["contents"][0]["affair_content_id"]
    part = put(
        api, invoice, "invoice", "cancel", {"is_draft": False, "contents": [{"id": pose, "quantity": 1}]}
    ).json()
    rest = put(api, invoice, "invoice", "cancel", {"is_draft": False}).json()
    assert (part["total_ttc"], rest["total_ttc"]) == ("100.00", "199.99")
    assert len(rest["contents"]) == 2


def test_credits_never_exceed_an_invoice_with_a_discount_at_another_rate(make):
    invoice = make("invoice", ("Pose", "100", "2", "20"), ("Remise", "90", "-2", "10"))
    row = {"id": invoice.contents.first().affair_content_id}
    with pytest.raises(Invalid) as refused:  # 240.00 of an invoice of 42.00
        services.convert(invoice, "cancel", {"is_draft": False, "contents": [row]})
    assert "42.00" in refused.value.errors["contents"][0]


@pytest.mark.parametrize("amount", [0, -5, "350.00"])
def test_amounts_that_cannot_be_credited(api, created, amount):
    response = put(api, created("invoice"), "invoice", "cancel", {"amount": amount})
    assert (response.status_code, list(response.json()["errors"])) == (422, ["amount"])


def test_a_draft_credit_cannot_be_edited_beyond_its_invoice(api, created):
    invoice = created("invoice")
    draft = put(api, invoice, "invoice", "cancel").json()
    row = {"affair_content": draft["contents"][0]["affair_content_id"], "quantity": 5}
    assert api.put(f"/sales/credit/{draft['id']}", {"contents": [row]}).status_code == 422
    extra = {"designation": "Geste", "unit_price_ht": 5000}
    assert api.put(f"/sales/credit/{draft['id']}", {"contents": [extra]}).status_code == 422


def test_a_credit_is_only_made_from_an_invoice(api, body):
    assert api.post("/sales/credit", body()).status_code == 405


def test_a_deposit_is_credited_by_an_amount_and_then_wholly(api, created):
    deposit = put(
        api, created("command"), "command", "deposit-invoice", {"is_draft": False, "percentage": 30}
    ).json()
    put(api, deposit, "invoice", "cancel", {"is_draft": False, "amount": 5})
    rest = put(api, deposit, "invoice", "cancel", {"is_draft": False}).json()
    assert rest["total_ttc"] == "100.00"
    assert api.get(f"/sales/invoice/{deposit['id']}").json()["status"] == 9


# --- What is printed --------------------------------------------------------------------------------


def test_sections_of_which_nothing_is_taken_leave_no_heading(make):
    def heading(text):
        return {"designation": text, "is_comments": True}

    def goods(text):
        return {"designation": text, "unit_price_ht": Decimal(10), "quantity": Decimal(2)}

    contents = [
        heading("Lot 1"), goods("Pose"), {"is_subtotal": True},
        heading("Accès par la cour"), {"is_pagebreak": True},
        heading("Lot 2"), goods("Câble"), {"is_subtotal": True},
    ]  # fmt: skip
    order = make("command", contents=contents)
    contents = [line.affair_content_id for line in order.contents.all() if line.is_goods]
    first = services.convert(order, "deliver", {"contents": [{"id": contents[0]}], "is_draft": False})
    rest = services.convert(order, "deliver", {})
    assert [line.designation for line in first.contents.all()] == [
        "Lot 1", "Pose", "Sous-total", "Accès par la cour",
    ]  # fmt: skip
    assert [line.designation for line in rest.contents.all()] == [
        "Accès par la cour", "", "Lot 2", "Câble", "Sous-total",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "fr",
            ("Acompte sur Devis DEV00001", "Acompte FA00001 du {} déduit", "Avoir sur la facture FA00002"),
        ),
        (
            "en",
            ("Deposit on Quotation DEV00001", "Deposit FA00001 of {} deducted", "Credit on invoice FA00002"),
        ),
    ],
)
def test_lines_made_here_are_in_the_language_of_the_document(make, today, language, words):
    quotation = make("quotation", ("Pose", "100", "2", "20"), language=language)
    asked = services.convert(quotation, "deposit-invoice", {"percentage": Decimal(30), "is_draft": False})
    last = bill(quotation)
    credit = services.convert(last, "cancel", {"amount": Decimal(5)})
    made = [document.contents.last().designation for document in (asked, last, credit)]
    assert made == [text.format(f"{today:%d/%m/%Y}") for text in words]


@pytest.mark.parametrize(("mode", "side"), [("ht", "HT"), ("ttc", "TTC")])
def test_a_deposit_is_printed_as_its_source_is(make, mode, side):
    quotation = make("quotation", input_mode=mode)
    asked = services.convert(quotation, "deposit-invoice", {"percentage": Decimal(30), "is_draft": False})
    assert f"Prix unitaire {side}" in document_html(asked.snapshot, "fr")


def test_the_bill_of_an_order_says_when_it_was_delivered(make, today):
    before = today - datetime.timedelta(days=3)
    order = make("command", date=before)
    services.convert(order, "deliver", {"is_draft": False, "date": before})
    assert bill(order).snapshot["delivery_date"] == before.isoformat()
    assert bill(make("command")).snapshot["delivery_date"] is None


def test_countries_and_rates_are_written_in_the_language_of_the_document(make):
    abroad = {"billing_address_country": Country.objects.get(code="DE"), "penalty_rate": Decimal("12.5")}
    printed = [make("invoice", language=language, **abroad).snapshot for language in ("fr", "en")]
    assert [one["billing_address"]["country"] for one in printed] == ["Allemagne", "Germany"]
    assert "12,5 %" in " ".join(printed[0]["legal_mentions"])
    assert "12.5%" in " ".join(printed[1]["legal_mentions"])


def test_notices_of_rates_that_one_rate_replaces_are_not_printed(make, rates):
    lines = [("Pose", "100", "2", "0")]
    notice = rates["0"].legal_notice
    assert notice in document_html(make("invoice", *lines).snapshot, "fr")
    for_all = {"use_global_vatrate": True, "vat_rate": rates["20"]}
    assert notice not in document_html(make("invoice", *lines, **for_all).snapshot, "fr")


def test_a_company_that_pays_vat_on_debits_says_so_on_its_invoices(make, team):
    team.vat_on_debits = True
    printed = [" ".join(make(kind).snapshot["legal_mentions"]) for kind in ("invoice", "quotation")]
    said = ["débits" in text for text in printed]
    assert said == [True, False]


# --- Terms ------------------------------------------------------------------------------------------


def deliver(order, quantity):
    """A validated delivery of a part of an order of one line."""
    row = {"id": order.contents.get().affair_content_id, "quantity": Decimal(quantity)}
    return services.convert(order, "deliver", {"is_draft": False, "contents": [row]})


def bill(source):
    return services.convert(source, "bill", {"is_draft": False})


def test_holdback_and_grant_reduce_what_is_to_be_paid_once(make):
    order = make(
        "command",
        ("Pose", "100", "10", "20"),
        guarantee_holdback_percent=Decimal(5),
        grant_amount=Decimal(300),
    )
    first, last = bill(deliver(order, 4)), bill(order)
    assert (first.total_ttc, first.guarantee_holdback_amount, first.grant_amount) == (480, 24, 300)
    assert (last.total_ttc, last.guarantee_holdback_amount, last.grant_amount) == (720, 36, 0)
    assert (first.amount_due, last.amount_due) == (156, 684)


def test_a_grant_is_spent_by_the_bills_that_can_bear_it(make, scope):
    grant = Grant.objects.create(label="Prime", amount=Decimal(700), pdf_mentions="Versée par la région.")
    order = make("command", ("Pose", "100", "10", "20"), grant=grant, guarantee_holdback_amount=Decimal(50))
    deliveries = [deliver(order, quantity) for quantity in (3, 3, 4)]
    bills = [bill(delivery) for delivery in deliveries]
    assert [row.grant_amount for row in bills] == [360, 340, 0]
    assert [row.guarantee_holdback_amount for row in bills] == [0, 20, 30]
    assert [row.grant_label for row in bills] == ["Prime", "Prime", ""]
    assert [row.amount_due for row in bills] == [0, 0, 450]
    services.convert(bills[0], "cancel", {"is_draft": False})
    assert bill(deliveries[0]).grant_amount == 360


@pytest.mark.parametrize("name", ["grant_amount", "guarantee_holdback_amount"])
def test_nobody_is_paid_for_being_granted_more_than_the_total(api, body, name):
    response = api.post("/sales/invoice", body(is_draft=False, **{name: 400}))
    assert (response.status_code, list(response.json()["errors"])) == (422, [name])


@pytest.mark.parametrize("date", ["9999-12-31", "2100-01-01", "0001-01-01"])
def test_dates_are_those_of_this_century(api, body, created, date):
    term = PaymentTerm.objects.order_by("-day_number").first()
    order = created("command", payment_term=term.pk)
    for response in (
        put(api, order, "command", "bill", {"date": date}),
        api.put(f"/sales/command/{order['id']}", {"date": date}),
        api.post("/sales/command", body(date=date)),
    ):
        assert (response.status_code, list(response.json()["errors"])) == (422, ["date"])


def test_validity_ends_in_a_year_that_can_be_written(api, body):
    for date in ("9999-12-31", "0001-01-01"):
        response = api.post("/sales/quotation", body(expire_at=date))
        assert (response.status_code, list(response.json()["errors"])) == (422, ["expire_at"])


def test_every_kind_converts_with_permission_to_create_only(member_api, created):
    order = created("command")
    viewer = member_api(sales_command=1, sales_invoice=1, sales_limitation=1)
    assert viewer.put(f"/sales/command/{order['id']}/bill").status_code == 403
    biller = member_api(sales_command=1, sales_invoice=2, sales_limitation=1)
    assert biller.put(f"/sales/command/{order['id']}/bill").status_code == 200
    assert Document.objects.get(source_id=order["id"]).kind == Kind.INVOICE
