"""Who may see and change worksites and planifications."""

from erp.core.access import Key

__all__ = ["GUARD"]

#: Work on site carries out what was sold, as deliveries do. No key of the reference names worksites.
GUARD = Key("sales-delivery")
