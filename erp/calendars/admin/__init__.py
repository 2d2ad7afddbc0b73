"""Calendars and events, as people see them."""

from erp.calendars.admin.calendars import CalendarAdmin
from erp.calendars.admin.events import EventAdmin

__all__ = ["CalendarAdmin", "EventAdmin"]
