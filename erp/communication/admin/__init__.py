"""Communication, as people see it.

- `mails`: the list, a mail's page; `compose`: writing one, from anywhere, with a preview
- `lists`: senders, models, the file library
"""

from erp.communication.admin.lists import LibraryFileAdmin, MailModelAdmin, SenderAdmin
from erp.communication.admin.mails import MailAdmin

__all__ = ["LibraryFileAdmin", "MailAdmin", "MailModelAdmin", "SenderAdmin"]
