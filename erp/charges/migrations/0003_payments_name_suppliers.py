"""Payments of charges call the other party a supplier. Nothing changes in the database."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("charges", "0002_charges_of_services")]

    operations = [
        migrations.AlterField(
            "payment",
            "customer",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.customer",
                verbose_name="supplier",
            ),
        )
    ]
