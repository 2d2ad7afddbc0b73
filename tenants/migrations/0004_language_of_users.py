from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0003_team_has_webhooks")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(
                blank=True,
                choices=[("fr", "Français"), ("en", "English")],
                default="",
                max_length=5,
                verbose_name="language",
            ),
            preserve_default=False,
        ),
    ]
