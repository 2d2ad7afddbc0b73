"""Members who were invited and did not accept yet are told apart from those who left."""

from django.db import migrations, models


def are_pending(apps, schema_editor):
    alias = schema_editor.connection.alias
    invitations = apps.get_model("tenants", "Invitation").objects.using(alias)
    joined = invitations.exclude(used_at=None).values("team_user")
    waiting = apps.get_model("tenants", "TeamUser").objects.using(alias).filter(active=False)
    waiting.filter(pk__in=invitations.values("team_user")).exclude(pk__in=joined).update(is_pending=True)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0006_team_vat_on_debits")]

    operations = [
        migrations.AddField(
            model_name="teamuser",
            name="is_pending",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.RunPython(are_pending, migrations.RunPython.noop),
    ]
