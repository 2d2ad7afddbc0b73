"""Nothing any more: folded into the first migration. To be removed with the last reference to it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("various", "0001_initial")]
    operations = []
