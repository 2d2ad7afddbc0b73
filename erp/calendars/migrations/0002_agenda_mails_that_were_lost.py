"""Mails of the agenda say when they left; those that there are did."""

import django.utils.timezone
from django.db import migrations, models
from django.db.models import F


def were_sent(apps, schema_editor):
    mails = apps.get_model("calendars", "AgendaMail").objects.using(schema_editor.connection.alias)
    mails.update(claimed_at=F("created_at"), sent_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("calendars", "0001_calendars_and_events")]

    operations = [
        migrations.AddField(
            model_name="agendamail",
            name="claimed_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="being sent since"),
        ),
        migrations.AddField(
            model_name="agendamail",
            name="sent_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="sent at"),
        ),
        migrations.RunPython(were_sent, migrations.RunPython.noop),
    ]
