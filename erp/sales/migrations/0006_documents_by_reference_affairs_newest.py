"""Lists sorted by the documents' references, and the affairs' own list, are read from an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sales", "0005_what_is_paid")]

    operations = [
        migrations.AddIndex(
            model_name="affair",
            index=models.Index(
                condition=models.Q(("deleted_at", None)),
                fields=["team", "-created_at", "-id"],
                name="affair_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                condition=models.Q(("deleted_at", None)),
                fields=["team", "kind", "reference", "id"],
                name="document_by_reference",
            ),
        ),
    ]
