from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0005_password_resets"),
    ]

    operations = [
        migrations.AddField(
            model_name="team",
            name="vat_on_debits",
            field=models.BooleanField(
                default=False,
                help_text="Invoices say that you opted to pay VAT when you invoice, not when you are paid.",
                verbose_name="VAT paid on debits",
            ),
        ),
    ]
