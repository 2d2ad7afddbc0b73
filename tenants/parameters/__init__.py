"""Team and team user settings, each declared once: stored, checked, answered and shown from the declaration.

Every `*_reference_*` setting belongs to a number series, which is kept apart because it is locked to number
(see erp/core/numbering.py).
"""

from tenants.parameters.company import TEAM, TEAM_GROUPS
from tenants.parameters.kinds import Group, NeededLink, Setting
from tenants.parameters.people import TEAM_USER
from tenants.parameters.series import SERIES, Series

__all__ = ["SERIES", "TEAM", "TEAM_GROUPS", "TEAM_USER", "Group", "NeededLink", "Series", "Setting"]
