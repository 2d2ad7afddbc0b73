"""What can happen to mails and to what they are made of.

mails (writing), delivery (how they leave), senders, library (files and models), placeholders and content
(texts), documents (what mails have to do with sales).
"""

from erp.communication.services.library import save_library_file, save_model
from erp.communication.services.mails import composed, delete_mail, insert_mail, retry_mail, send_mail
from erp.communication.services.senders import (
    ask_validation,
    confirm_sender,
    create_sender,
    default_sender,
    delete_sender,
    may_edit,
    sender_to_validate,
    update_sender,
)

__all__ = [
    "ask_validation",
    "composed",
    "confirm_sender",
    "create_sender",
    "default_sender",
    "delete_mail",
    "delete_sender",
    "insert_mail",
    "may_edit",
    "retry_mail",
    "save_library_file",
    "save_model",
    "send_mail",
    "sender_to_validate",
    "update_sender",
]
