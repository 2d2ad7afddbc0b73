"""Settings of a team user (reference: "The Team User config parameters")."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.core.parameters import ParameterSet
from tenants.parameters.kinds import Color, choice, flag, link, links, whole

MAIL_DAYS = ((0, _("Never")), (1, _("Every day")), (2, _("On Monday")))


TEAM_USER = ParameterSet(
    (
        whole("task_defaut_date", 0, _("New tasks are due in (days)"), 3650),
        links("task_defaut_team_user", "tenants.TeamUser", _("New tasks are for")),
        whole("task_later_limit", 30, _("Tasks shown under “Later” are due within (days)"), 3650),
        whole("task_header_limit", 7, _("Tasks shown at the top are due within (days)"), 3650),
        choice("task_mail_notifications", 0, _("Receive the list of tasks by mail"), *MAIL_DAYS),
        whole("task_mail_hour", 7, _("Hour of the mail of tasks"), 23),
        flag("calendar_show_task", True, _("Show tasks in the calendar")),
        flag("calendar_task_hidden", False, _("Hide tasks in the calendar at first")),
        Color("calendar_task_color", "string", "#ffffff", label=_("Text colour of tasks in the calendar")),
        Color(
            "calendar_task_foreground_color", "string", "#64748b", label=_("Colour of tasks in the calendar")
        ),
        whole("calendar_header_limit", 7, _("Events shown at the top are within (days)"), 3650),
        choice("calendar_mail_notifications", 0, _("Receive the list of events by mail"), *MAIL_DAYS),
        whole("calendar_mail_hour", 7, _("Hour of the mail of events"), 23),
        whole("calendar_first_hour", 8, _("The calendar opens at (hour)"), 23),
        whole("calendar_min_hour", 6, _("First hour of the calendar"), 23),
        whole("calendar_max_hour", 22, _("Last hour of the calendar"), 24),
        choice(
            "calendar_default_view",
            "week",
            _("View of the calendar"),
            ("day", _("Day")),
            ("week", _("Week")),
            ("month", _("Month")),
            ("list", _("List")),
        ),
        link("calendar_default_calendar", "calendars.Calendar", _("Calendar of new events")),
    )
)
