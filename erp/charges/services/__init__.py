"""What can happen to charges: the only way the API, the admin, commands and connectors change them.

- `charges`: create, edit, delete; `lines`: what was bought; `payments`: paying, with money or with credits
"""

from erp.charges.services.charges import create_charge, delete_charge, twin_of, update_charge
from erp.charges.services.payments import SETTLEMENT

__all__ = ["SETTLEMENT", "create_charge", "delete_charge", "twin_of", "update_charge"]
