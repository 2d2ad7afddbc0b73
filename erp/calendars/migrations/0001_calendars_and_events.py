import django.core.validators
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
            name="Calendar",
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
                ("label", models.CharField(max_length=150, verbose_name="name")),
                (
                    "color",
                    models.CharField(
                        default="#ffffff",
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^#[0-9A-Fa-f]{6}\\Z", "Give a colour as #rrggbb."
                            )
                        ],
                        verbose_name="text colour",
                    ),
                ),
                (
                    "foreground_color",
                    models.CharField(
                        default="#2563eb",
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^#[0-9A-Fa-f]{6}\\Z", "Give a colour as #rrggbb."
                            )
                        ],
                        verbose_name="colour",
                    ),
                ),
                ("hidden", models.BooleanField(default=False, verbose_name="hidden")),
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
                    "team_user",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calendars",
                        to="tenants.teamuser",
                        verbose_name="owner",
                    ),
                ),
                (
                    "timezone",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="various.timezone",
                        verbose_name="timezone",
                    ),
                ),
            ],
            options={
                "verbose_name": "calendar",
                "verbose_name_plural": "calendars",
                "ordering": ["label"],
                "abstract": False,
                "base_manager_name": "all_objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at", None)),
                        fields=["team", "label", "id"],
                        name="calendar_label",
                    ),
                    models.Index(fields=["team", "updated_at", "id"], name="calendar_updated"),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="CalendarShare",
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
                ("readonly", models.BooleanField(default=False, verbose_name="read only")),
                ("hidden", models.BooleanField(default=False, editable=False, verbose_name="hidden")),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="calendars.calendar",
                        verbose_name="calendar",
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
                    "team_user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_shares",
                        to="tenants.teamuser",
                        verbose_name="team user",
                    ),
                ),
            ],
            options={
                "verbose_name": "share",
                "verbose_name_plural": "shared with",
                "ordering": ["pk"],
                "abstract": False,
                "base_manager_name": "all_objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("calendar", "team_user"), name="calendar_share_once")
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Event",
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
                ("title", models.CharField(blank=True, max_length=255, verbose_name="title")),
                ("location", models.CharField(blank=True, max_length=255, verbose_name="place")),
                ("comments", models.TextField(blank=True, verbose_name="comments")),
                ("begin", models.DateTimeField(verbose_name="begins")),
                ("end", models.DateTimeField(verbose_name="ends")),
                ("all_day", models.BooleanField(default=False, verbose_name="all day")),
                (
                    "color",
                    models.CharField(
                        blank=True,
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^#[0-9A-Fa-f]{6}\\Z", "Give a colour as #rrggbb."
                            )
                        ],
                        verbose_name="text colour",
                    ),
                ),
                (
                    "foreground_color",
                    models.CharField(
                        blank=True,
                        max_length=7,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^#[0-9A-Fa-f]{6}\\Z", "Give a colour as #rrggbb."
                            )
                        ],
                        verbose_name="colour",
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="calendars.calendar",
                        verbose_name="calendar",
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
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "ordering": ["begin"],
                "abstract": False,
                "base_manager_name": "all_objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("deleted_at", None)),
                        fields=["team", "begin", "id"],
                        name="event_begin",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at", None)), fields=["team", "end"], name="event_end"
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at", None)),
                        fields=["team", "title", "id"],
                        name="event_title",
                    ),
                    models.Index(
                        condition=models.Q(("deleted_at", None)),
                        fields=["team", "created_at", "id"],
                        name="event_created",
                    ),
                    models.Index(fields=["team", "updated_at", "id"], name="event_updated"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("end__gte", models.F("begin"))),
                        name="event_ends_after_begin",
                        violation_error_message="An event ends after it begins.",
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="EventElement",
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
                        to="calendars.event",
                        verbose_name="event",
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
                    models.Index(fields=["team", "element_type", "element_id"], name="eventelement_element")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "element_type", "element_id"), name="eventelement_once"
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="AgendaMail",
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
                ("source", models.CharField(max_length=20, verbose_name="contents")),
                ("date", models.DateField(verbose_name="date")),
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
                    "team_user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="agenda_mails",
                        to="tenants.teamuser",
                        verbose_name="team user",
                    ),
                ),
            ],
            options={
                "verbose_name": "mail of the agenda",
                "verbose_name_plural": "mails of the agenda",
                "abstract": False,
                "base_manager_name": "all_objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("team_user", "date", "source"), name="agenda_mail_once")
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
    ]
