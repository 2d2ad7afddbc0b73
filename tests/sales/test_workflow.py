"""Drafts, validation, statuses, versions, and the seal on invoices and credits."""

import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from erp.core.errors import Conflict, Invalid
from erp.core.models import NumberSeries
from erp.core.numbering import series
from erp.sales import services
from erp.sales.choices import Kind, Status
from erp.sales.models import Document, DocumentVersion, Line
from erp.various import services as various
from tests.sales.conftest import fresh, new_customer

ORDERS = ("quotation", "command", "proforma")

#: Which statuses a person may choose from each, by family of kinds.
MOVES = {
    ORDERS: {
        2: (3, 4, 8, 9),
        3: (2, 4, 8, 9),
        4: (2, 3, 8, 9),
        5: (),
        6: (),
        7: (),
        8: (2, 3, 4),
        9: (),
    },
    ("delivery",): {2: (3, 9), 3: (2, 9), 9: ()},
    ("invoice", "credit"): {2: (3,), 3: (2,), 9: ()},
}
CASES = [
    (kind, start, end, end in ends)
    for kinds, table in MOVES.items()
    for kind in kinds
    for start, ends in table.items()
    for end in range(2, 10)
    if start != end
]


@pytest.fixture
def documents(make):
    """One validated document of each kind, made once per test."""
    made = {}

    def of(kind):
        if kind not in made:
            made[kind] = (
                services.convert(make("invoice"), "cancel", {"is_draft": False, "amount": Decimal(1)})
                if kind == "credit"
                else make(kind)
            )
        return made[kind]

    return of


@pytest.mark.parametrize("kind", ["quotation", "command", "proforma", "delivery", "invoice", "credit"])
def test_every_move_is_allowed_or_refused_as_the_table_says(documents, kind):
    document = documents(kind)
    for _kind, start, end, allowed in (case for case in CASES if case[0] == kind):
        Document.objects.filter(pk=document.pk).update(status=start)
        if allowed:
            assert services.update_lite(fresh(document), {"status": end}).status == end
            assert fresh(document).status == end
        else:
            with pytest.raises(Invalid) as refusal:
                services.update_lite(fresh(document), {"status": end})
            assert list(refusal.value.errors) == ["status"]
            assert fresh(document).status == start


@pytest.mark.parametrize("kind", [*ORDERS, "delivery", "invoice"])
def test_a_draft_is_validated_by_status_two_and_nothing_else(make, kind):
    draft = make(kind, is_draft=True)
    with pytest.raises(Invalid):
        services.update_lite(draft, {"status": 3})
    assert services.update_lite(draft, {"status": 2}).reference
    assert fresh(draft).is_draft is False


def test_a_refusal_names_what_is_possible(api, make):
    quotation = make("quotation", status=9)
    response = api.put(f"/sales/quotation/{quotation.pk}/lite", {"status": 2})
    assert response.status_code == 422
    invoice = make("invoice")
    text = api.put(f"/sales/invoice/{invoice.pk}/lite", {"status": 4}).json()["errors"]["status"][0]
    assert "3 (" in text


def test_the_moment_of_acceptance_is_kept_while_accepted(make):
    quotation = make("quotation", status=4)
    assert quotation.accepted_at is not None
    assert services.set_status(quotation, 3).accepted_at is None


def test_a_draft_has_no_number_and_can_be_deleted(make):
    draft = make("invoice", is_draft=True)
    assert (draft.number, draft.reference, draft.status) == (None, "", 1)
    services.delete_document(draft)
    assert not Document.objects.filter(pk=draft.pk).exists()
    assert not Line.objects.filter(document_id=draft.pk).exists()


def test_validating_twice_gives_one_number(make):
    draft = make("invoice", is_draft=True)
    stale = fresh(draft)
    services.validate(draft)
    with pytest.raises(Invalid):
        services.validate(stale)
    assert services.validate(make("invoice", is_draft=True)).number == draft.number + 1


@pytest.mark.parametrize("values", [{"is_draft": False}, {"status": 2}])
def test_a_document_needs_a_line_to_be_validated(api, body, values):
    response = api.post("/sales/invoice", body(contents=[], **values))
    assert (response.status_code, list(response.json()["errors"])) == (422, ["contents"])


def test_a_negative_invoice_is_refused(make):
    with pytest.raises(Invalid) as refusal:
        make("invoice", ("Geste", "100", "-1", "20"))
    assert list(refusal.value.errors) == ["contents"]


# --- Versions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ORDERS)
def test_editing_a_validated_order_makes_a_new_version_and_keeps_the_former(api, make, kind):
    document = make(kind)
    data = api.put(f"/sales/{kind}/{document.pk}", {"title": "Cuisine"}).json()
    assert (data["version"], data["reference"], data["title"], data["status"]) == (
        2,
        document.reference,
        "Cuisine",
        2,
    )
    former = DocumentVersion.objects.get(document_id=document.pk)
    assert (former.version, former.snapshot["title"], former.snapshot["totals"]["total_ttc"]) == (
        1,
        "",
        "349.99",
    )
    assert fresh(document).snapshot["title"] == "Cuisine"


@pytest.mark.parametrize(
    "values", [{"status": 3}, {"attach_tags": ["urgent"]}, {"delivery_status": 2}, {"is_draft": False}]
)
def test_what_is_not_printed_makes_no_version(api, make, values):
    quotation = make("quotation")
    assert api.put(f"/sales/quotation/{quotation.pk}", values).json()["version"] == 1
    assert not DocumentVersion.objects.exists()


def test_an_order_cannot_go_below_what_was_delivered_or_billed(api, make):
    order = make("command")
    pose, peinture = (line.affair_content_id for line in order.contents.all())
    services.convert(order, "deliver", {"contents": [{"id": pose, "quantity": Decimal("1.5")}]})
    rows = [{"affair_content": pose, "quantity": 1}, {"affair_content": peinture}]
    errors = api.put(f"/sales/command/{order.pk}", {"contents": rows}).json()["errors"]
    assert "1.5" in errors["contents.0.quantity"][0]
    assert list(api.put(f"/sales/command/{order.pk}", {"contents": rows[1:]}).json()["errors"]) == [
        "contents"
    ]
    rows[0]["quantity"] = "1.5"
    data = api.put(f"/sales/command/{order.pk}", {"contents": rows}).json()
    assert [line["quantity_to_deliver"] for line in data["contents"]] == ["0.00000", "3.00000"]


def test_a_discount_as_a_line_can_be_edited_until_it_is_billed(api, make):
    order = make("command", ("Pose", "100", "2", "20"), ("Remise", "10", "-1", "20"))
    contents = [line.affair_content_id for line in order.contents.all()]
    rows = [{"affair_content": content} for content in contents]
    rows[1]["quantity"] = -2
    data = api.put(f"/sales/command/{order.pk}", {"contents": rows}).json()
    assert (data["version"], data["total_ttc"]) == (2, "216.00")
    services.convert(fresh(order), "bill", {})
    rows[1]["quantity"] = -1
    errors = api.put(f"/sales/command/{order.pk}", {"contents": rows}).json()["errors"]
    assert "-2" in errors["contents.1.quantity"][0]


def test_a_line_named_twice_is_refused(api, make):
    quotation = make("quotation", is_draft=True)
    row = {"affair_content": quotation.contents.first().affair_content_id}
    response = api.put(f"/sales/quotation/{quotation.pk}", {"contents": [row, row]})
    assert (response.status_code, list(response.json()["errors"])) == (422, ["contents.1.affair_content"])


def test_an_answer_sent_back_changes_nothing(api, make):
    quotation = make("quotation", is_draft=True)
    answer = api.get(f"/sales/quotation/{quotation.pk}").json()
    again = api.put(f"/sales/quotation/{quotation.pk}", answer).json()
    assert again | {"updated_at": None} == answer | {"updated_at": None}


# --- The seal ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["invoice", "credit"])
def test_no_endpoint_changes_or_deletes_a_validated_invoice(api, documents, kind):
    document = documents(kind)
    assert api.put(f"/sales/{kind}/{document.pk}", {"comments": "changed"}).status_code == 409
    assert api.put(f"/sales/{kind}/{document.pk}", {"is_draft": True}).status_code == 409
    assert api.put(f"/sales/{kind}/{document.pk}", {}).status_code == 409
    assert api.delete(f"/sales/{kind}/{document.pk}").status_code == 409
    assert fresh(document).comments == ""


@pytest.mark.parametrize("kind", ["invoice", "credit"])
def test_no_service_changes_or_deletes_a_validated_invoice(documents, kind):
    document = documents(kind)
    stale = fresh(document)
    stale.is_draft = True  # what a caller holds in memory does not matter
    for act in (services.delete_document, lambda row: services.update_document(row, {"title": "x"})):
        with pytest.raises(Conflict):
            act(stale)


@pytest.mark.parametrize("kind", ["invoice", "credit"])
@pytest.mark.parametrize(
    "change",
    [
        {"total_ttc": Decimal(7)},
        {"date": datetime.date(2020, 1, 1)},
        {"reference": "FA1"},
        {"is_draft": True},
        {"billing_address_city": "Lyon"},
        {"snapshot": {}},
        {"kind": "quotation"},
        {"number": 99},
        {"deleted_at": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)},
        {"due_date": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_database_refuses_to_change_what_is_sealed(documents, kind, change):
    document = documents(kind)
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(**change)


@pytest.mark.parametrize("kind", ["invoice", "credit"])
def test_the_database_keeps_sealed_rows_and_their_lines(documents, kind):
    document = documents(kind)
    line = document.contents.first()
    copy = Line(document=document, affair_content=line.affair_content, designation="Added")
    for act in (
        lambda: Document.objects.filter(pk=document.pk).hard_delete(),
        lambda: Document.objects.filter(pk=document.pk).delete(),
        lambda: Line.objects.filter(pk=line.pk).hard_delete(),
        lambda: Line.objects.filter(pk=line.pk).delete(),
        lambda: Line.objects.filter(pk=line.pk).update(designation="x"),
        copy.save,
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM sales_line WHERE document_id = %s", [document.pk])


def test_what_may_still_change_may_change(documents, owner):
    """Saving a sealed row whole, unchanged, is no change; statuses, tags and progress go on."""
    invoice = documents("invoice")
    fresh(invoice).save()
    line = invoice.contents.first()
    line.delivered_quantity = Decimal(1)
    line.save()
    changed = services.update_lite(
        invoice, {"status": 3, "title": "Filed", "team_user": owner, "attach_tags": ["paid"]}
    )
    assert (changed.status, changed.title) == (Status.SENT, "Filed")
    assert fresh(invoice).snapshot["title"] == ""


def test_drafts_are_not_sealed(make):
    draft = make("invoice", is_draft=True)
    Document.objects.filter(pk=draft.pk).update(total_ttc=Decimal(1))
    Line.objects.filter(document_id=draft.pk).hard_delete()
    assert fresh(draft).total_ttc == Decimal(1)


def test_validated_quotations_go_unless_something_was_made_of_them(api, make):
    quotation = make("quotation")
    order = services.convert(quotation, "command")
    assert api.delete(f"/sales/quotation/{quotation.pk}").status_code == 409
    assert api.delete(f"/sales/command/{order.pk}").status_code == 204
    assert api.delete(f"/sales/quotation/{quotation.pk}").status_code == 204


def test_a_validated_delivery_is_cancelled_not_deleted(api, make):
    order = make("command")
    delivery = services.convert(order, "deliver", {"is_draft": False})
    assert api.delete(f"/sales/delivery/{delivery.pk}").status_code == 409
    assert api.put(f"/sales/delivery/{delivery.pk}", {"contents": []}).status_code == 409
    assert (
        api.put(f"/sales/delivery/{delivery.pk}", {"delivery_tracking": "8L123"}).json()["delivery_tracking"]
        == "8L123"
    )
    api.put(f"/sales/delivery/{delivery.pk}/lite", {"status": 9})
    assert fresh(order).delivery_status == 1
    assert [line.delivered_quantity for line in order.contents.all()] == [0, 0]


# --- Freezing ---------------------------------------------------------------------------------------


def test_a_validated_document_does_not_follow_its_customer(api, make, customer, rates, team):
    term = various.PaymentTerm.objects.create(label="30 jours", day_number=30)
    invoice = make("invoice", payment_term=term)
    before = api.get(f"/sales/invoice/{invoice.pk}", include="contents").json()
    snapshot = fresh(invoice).snapshot
    customer.company_name, customer.company_vatrate = "Other SA", "FR83404833048"
    customer.save()
    customer.address_invoice.town = "Lyon"
    customer.address_invoice.save()
    rates["20"].rate, rates["20"].legal_notice = Decimal(25), "changed"
    rates["20"].save()
    term.label, term.day_number = "60 jours", 60
    term.save()
    team.company_name = "Renamed"
    team.save()
    assert api.get(f"/sales/invoice/{invoice.pk}", include="contents").json() == before
    assert fresh(invoice).snapshot == snapshot
    assert (snapshot["billing_address"]["name"], snapshot["billing_address"]["city"]) == (
        "Acier SA",
        "Besançon",
    )
    assert (snapshot["payment_term"], snapshot["team"]["company_name"]) == ("30 jours", "Acme")


def test_another_customer_brings_his_address(api, make):
    draft = make("invoice", is_draft=True)
    address = {
        "road1": "1 quai",
        "postal_code": "69001",
        "town": "Lyon",
        "country": draft.billing_address_country,
    }
    other = new_customer(company_name="Bois SARL", address_invoice=address)
    data = api.put(f"/sales/invoice/{draft.pk}", {"customer": other.pk}).json()
    assert (data["billing_address"]["name"], data["billing_address"]["city"]) == ("Bois SARL", "Lyon")
    assert (
        api.get(f"/sales/affair/{data['affair_id']}", include="customer").json()["customer"]["id"] == other.pk
    )


def test_a_customer_stays_the_same_through_an_affair(api, make):
    bill = services.convert(make("command"), "bill")
    other = new_customer(company_name="Bois SARL")
    response = api.put(f"/sales/invoice/{bill.pk}", {"customer": other.pk})
    assert (response.status_code, list(response.json()["errors"])) == (422, ["customer"])


# --- Numbers and dates --------------------------------------------------------------------------------


def configure(key, **values):
    NumberSeries.objects.filter(pk=series(f"sales_{key}").pk).update(**values)


@pytest.mark.parametrize("kind", ["quotation", "command", "proforma", "delivery", "invoice"])
def test_each_kind_has_its_own_series(make, kind):
    prefix = {"quotation": "DEV", "command": "BC", "proforma": "PRO", "delivery": "BL", "invoice": "FA"}[kind]
    assert [make(kind).reference for _time in range(2)] == [f"{prefix}00001", f"{prefix}00002"]


def test_the_dates_of_a_series_never_go_back(make, today):
    make("invoice", date=today)
    with pytest.raises(Invalid) as refusal:
        make("invoice", date=today - datetime.timedelta(days=1))
    assert (list(refusal.value.errors), today.isoformat() in refusal.value.message) == (["date"], True)
    assert make("invoice", date=today).number == 2


def test_a_document_far_in_the_future_is_refused(make, today):
    assert make("invoice", date=today + datetime.timedelta(days=31)).number == 1
    with pytest.raises(Invalid) as refusal:
        make("invoice", date=today + datetime.timedelta(days=32))
    assert list(refusal.value.errors) == ["date"]


@pytest.mark.parametrize(
    ("mode", "prefix", "dates", "references"),
    [
        (NumberSeries.Mode.NEVER, "FA{YY}-", ("2024-12-31", "2025-01-01"), ["FA24-001", "FA25-002"]),
        (
            NumberSeries.Mode.YEARLY,
            "FA{YYYY}/",
            ("2024-12-31", "2025-01-01", "2025-02-01"),
            ["FA2024/001", "FA2025/001", "FA2025/002"],
        ),
        (
            NumberSeries.Mode.MONTHLY,
            "{YYYY}{MM}_",
            ("2025-01-30", "2025-01-31", "2025-02-01"),
            ["202501_001", "202501_002", "202502_001"],
        ),
    ],
)
def test_series_restart_as_the_team_wants(make, mode, prefix, dates, references):
    configure("invoice", prefix=prefix, length=3, mode=mode)
    assert [make("invoice", date=datetime.date.fromisoformat(date)).reference for date in dates] == references


def test_a_reference_has_at_most_35_characters(make):
    configure("invoice", prefix="FA{YYYY}" + "X" * 12, length=12, next_number=10**9)
    assert len(make("invoice").reference) == 30
    configure("invoice", length=18)
    with pytest.raises(Invalid):
        make("invoice")


def test_drafts_take_the_date_of_their_validation_when_the_team_wants(make, team, today):
    long_ago = today - datetime.timedelta(days=40)
    term = various.PaymentTerm.objects.create(label="30 jours", day_number=30)
    kept = make("quotation", is_draft=True, date=long_ago, payment_term=term)
    assert services.validate(kept).date == long_ago
    team.configs = {**team.configs, "sales_update_date_for_draft": True}
    moved = make("invoice", is_draft=True, date=long_ago, payment_term=term)
    services.validate(moved)
    assert (moved.date, moved.due_date) == (today, today + datetime.timedelta(days=30))
    assert fresh(moved).snapshot["date"] == today.isoformat()


def test_today_is_the_teams_today(make, team, monkeypatch):
    """At 23:30 UTC on New Year's Eve it is next year in Paris."""
    moment = datetime.datetime(2026, 12, 31, 23, 30, tzinfo=datetime.UTC)
    monkeypatch.setattr("erp.various.services.timezone.now", lambda: moment)
    configure("invoice", prefix="FA{YYYY}-", mode=NumberSeries.Mode.YEARLY)
    assert make("invoice").reference == "FA2027-00001"


def test_a_number_is_given_back_when_validation_fails(make, monkeypatch):
    draft = make("invoice", is_draft=True)
    monkeypatch.setattr("erp.sales.services.workflow.freeze", lambda *_args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        services.validate(draft)
    monkeypatch.undo()
    assert services.validate(fresh(draft)).reference == "FA00001"


def test_kinds_of_statuses_are_named(make):
    labels = {kind: make(kind).status_label for kind in ("quotation", "delivery")}
    assert labels["quotation"] != labels["delivery"]
    assert Kind.QUOTATION == "quotation"
