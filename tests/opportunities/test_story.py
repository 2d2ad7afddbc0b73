"""A deal followed through its documents: every figure, worked out by hand."""

from __future__ import annotations

from typing import Any

from erp.opportunities.figures import FIGURES
from erp.opportunities.models import FunnelStep
from erp.various.models import PdfModel, VatRate
from erp.various.services import team_today
from tests.conftest import ApiClient
from tests.sales.conftest import new_customer


def ok(answer: Any) -> dict[str, Any]:
    assert answer.status_code in (200, 201), answer.json()
    return dict(answer.json())


def figures(api: ApiClient, deal: int) -> dict[str, tuple[float, float, float]]:
    """{kind: (turnover, costs, margin)} of a deal, without the kinds of which all is 0."""
    row = api.get(f"/opportunity/{deal}").json()
    kinds = {name.rpartition("_")[0] for name in FIGURES}
    found = {kind: tuple(row[f"{kind}_{name}"] for name in ("ca", "costs", "margin")) for kind in kinds}
    return {kind: amounts for kind, amounts in found.items() if any(amounts)}


def test_a_deal_from_its_quotation_to_its_credit(api: ApiClient, scope: Any) -> None:
    """10 windows at 100, each bought at 40 with 10 of various costs: 1,000 of turnover, 500 of costs."""
    customer, step = new_customer(), FunnelStep.objects.get(name="Devis envoyé")
    deal = ok(api.post("/opportunity", {"customer": customer.pk, "step": step.pk}))["id"]
    line = {
        "designation": "Window",
        "quantity": 10,
        "unit_price_ht": 100,
        "catalog_costs_u": 40,
        "various_costs_u": 10,
        "vat_rate": VatRate.objects.get(rate=20).pk,
    }
    quotation = ok(
        api.post(
            "/sales/quotation",
            {
                "customer": customer.pk,
                "date": team_today().isoformat(),
                "pdf_model": PdfModel.objects.first().pk,
                "is_draft": False,
                "contents": [line],
            },
        )
    )
    assert figures(api, deal) == {}
    ok(api.put(f"/opportunity/{deal}", {"affairs": [quotation["affair_id"]]}))
    whole = (1000, 500, 500)
    offered = {"quotation": whole, "quotation_valid": whole}
    assert figures(api, deal) == offered

    def made(source: str, name: str, **data: Any) -> dict[str, Any]:
        return ok(api.put(f"/sales/{source}/{name}", {"is_draft": False, **data}))

    command = made(f"quotation/{quotation['id']}", "command")
    ordered = {**offered, "command": whole}
    assert figures(api, deal) == ordered

    made(f"command/{command['id']}", "deposit-invoice", percentage=30)
    deposit = (300, 0, 300)
    assert figures(api, deal) == {**ordered, "invoice": deposit, "sales": deposit}

    draft = made(f"command/{command['id']}", "bill", is_draft=True)
    assert figures(api, deal) == {**ordered, "invoice": deposit, "sales": deposit}
    ok(api.put(f"/sales/invoice/{draft['id']}", {"is_draft": False}))
    assert figures(api, deal) == {**ordered, "invoice": whole, "sales": whole}

    made(f"invoice/{draft['id']}", "cancel")  # the final invoice: 700, with all the costs
    credited = {**ordered, "invoice": whole, "credit": (700, 500, 200), "sales": deposit}
    assert figures(api, deal) == credited
