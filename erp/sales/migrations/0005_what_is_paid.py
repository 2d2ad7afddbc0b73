"""Documents validated earlier: what remains to be paid of them, after the credits made of them."""

from collections import defaultdict
from decimal import Decimal

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Greatest

ZERO = Decimal(0)


def open_accounts(apps, schema_editor):
    alias = schema_editor.connection.alias
    documents = apps.get_model("sales", "Document").objects.using(alias)
    validated = documents.filter(is_draft=False, deleted_at=None)
    validated.filter(kind="credit").update(stay_to_pay=F("total_ttc"))
    validated.filter(kind="invoice").update(
        stay_to_pay=Greatest(F("amount_due"), ZERO), guarantee_holdback_to_pay=F("guarantee_holdback_amount")
    )
    use_credits(apps.get_model("sales", "CreditUse").objects.using(alias), validated)


def use_credits(uses, validated):
    """Each credit pays the invoice that it corrects."""
    made_of = defaultdict(list)
    for credit in validated.filter(kind="credit", source__kind="invoice").order_by("number", "pk"):
        made_of[credit.source_id].append(credit)
    for invoice in validated.filter(pk__in=made_of).iterator():
        payable = max(ZERO, invoice.total_ttc - invoice.grant_amount)
        paid = ZERO
        for credit in made_of[invoice.pk]:
            amount = min(payable - paid, credit.total_ttc)
            if amount > 0:
                uses.create(team_id=credit.team_id, credit=credit, target=invoice, amount=amount)
                validated.filter(pk=credit.pk).update(
                    already_paid=amount, stay_to_pay=credit.total_ttc - amount
                )
                paid += amount
        rest = payable - paid
        stay = min(rest, max(ZERO, invoice.amount_due - paid))
        validated.filter(pk=invoice.pk).update(
            already_paid=paid, stay_to_pay=stay, guarantee_holdback_to_pay=rest - stay
        )


class Migration(migrations.Migration):
    dependencies = [("sales", "0004_payments")]

    operations = [migrations.RunPython(open_accounts, migrations.RunPython.noop)]
