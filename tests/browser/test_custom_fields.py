"""Custom fields on a form: they come and go with the boxes that they belong to, and are kept."""

from __future__ import annotations

import re
from typing import Any

from erp.core.scope import team_scope
from erp.customers.models import Customer, CustomerType
from erp.customfields.services import create_field


def test_fields_follow_the_natures_of_a_customer(signed_in: Any, team: Any) -> None:
    with team_scope(team):
        lead = create_field({"label": "Piste", "type": "text", "usage": ["prospect"]})
        notes = create_field({"label": "Remarques", "type": "rich-editor", "usage": ["customer", "prospect"]})
        colour = create_field(
            {"label": "Couleur", "type": "radio", "usage": ["customer"], "options": ["Rouge", "Bleu"]}
        )
        kind = CustomerType.objects.filter(is_company=True, is_person=False).first()
    page = signed_in
    page.goto("/admin/customers/customer/add/")
    page.select_option("select[name=type]", str(kind.pk))
    page.fill("input[name=company_name]", "Acier")
    tab = re.compile("Custom fields|Champs personnalisés")
    page.locator("form nav a").filter(has_text=tab).click()

    prospect = page.locator(f"input[name=custom_field_{lead.pk}]")
    assert not prospect.is_visible()
    assert page.locator("trix-editor").is_visible()
    page.locator("trix-editor").click()
    page.keyboard.type("Bon client")
    page.get_by_label("Bleu").check()
    page.evaluate("document.querySelector('input[name=is_prospect]').click()")
    assert prospect.is_visible()
    prospect.fill("Salon")
    page.locator("button[name=_save]").first.click()
    page.wait_for_url("**/admin/customers/customer/**")

    with team_scope(team):
        values = {value.field_id: value for value in Customer.objects.get(name="Acier").custom_values}
    assert values[lead.pk].text == "Salon"
    assert "Bon client" in values[notes.pk].text
    assert values[colour.pk].option.value == "Bleu"
