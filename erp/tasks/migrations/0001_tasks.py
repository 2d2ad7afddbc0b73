import django.db.models.deletion
import django.db.models.manager
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenants", "0002_initial"),
        ("various", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("deleted_at", models.DateTimeField(editable=False, null=True, verbose_name="deleted at")),
                ("title", models.CharField(max_length=255, verbose_name="title")),
                ("datetime", models.DateTimeField(blank=True, null=True, verbose_name="deadline")),
                (
                    "status",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "To do"), (2, "In progress"), (3, "Waiting"), (4, "Ended")],
                        default=1,
                        verbose_name="status",
                    ),
                ),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Low"), (2, "Normal"), (3, "High")], default=2, verbose_name="priority"
                    ),
                ),
                ("notes", models.TextField(blank=True, verbose_name="notes")),
                ("text_notes", models.TextField(blank=True, editable=False, verbose_name="notes as text")),
                ("completed_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.teamuser",
                        verbose_name="made by",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="various.taskcategory",
                        verbose_name="category",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.team",
                        verbose_name="team",
                    ),
                ),
                (
                    "team_users",
                    models.ManyToManyField(
                        blank=True, related_name="tasks", to="tenants.teamuser", verbose_name="for"
                    ),
                ),
            ],
            options={
                "verbose_name": "task",
                "verbose_name_plural": "tasks",
                "abstract": False,
                "base_manager_name": "all_objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at", None)),
                        fields=["team", "created_at", "id"],
                        name="task_created",
                    ),
                    models.Index(fields=["team", "updated_at", "id"], name="task_updated"),
                    models.Index(
                        condition=models.Q(("deleted_at", None)),
                        fields=["team", "datetime", "id"],
                        name="task_deadline",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at", None)),
                        fields=["team", "status", "datetime"],
                        name="task_status",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("completed_at__isnull", False), ("status", 4)),
                            models.Q(models.Q(("status", 4), _negated=True), ("completed_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="task_completed_when_ended",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="TaskElement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created at"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("deleted_at", models.DateTimeField(editable=False, null=True, verbose_name="deleted at")),
                ("element_type", models.CharField(max_length=30, verbose_name="kind of element")),
                ("element_id", models.PositiveBigIntegerField(verbose_name="element")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="element_links",
                        to="tasks.task",
                        verbose_name="task",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "verbose_name": "linked element",
                "verbose_name_plural": "linked elements",
                "ordering": ["pk"],
                "abstract": False,
                "base_manager_name": "all_objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["team", "element_type", "element_id"], name="taskelement_element")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "element_type", "element_id"), name="taskelement_once"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
    ]
