"""What can happen to teams, their members, their keys, and the people who sign in.

teams (companies, settings, keys), members (invitations, permissions), accounts (one's own data, e-mail,
password, the links of mails), sandbox (the twin team of test requests).
"""

from tenants.services.accounts import (
    PASSWORD_PAUSE,
    TooManyTries,
    accept_invitation,
    cancel_email_change,
    confirm_email,
    email_to_confirm,
    invited_member,
    mail_password_reset,
    password_to_reset,
    pending_email,
    resend_email_link,
    reset_password,
    update_user,
)
from tenants.services.members import (
    ROLES,
    delete_member,
    invite,
    is_invited,
    resend_invitation,
    send_invitation,
    update_member,
    update_own_settings,
)
from tenants.services.sandbox import sandbox_member
from tenants.services.teams import (
    active_member,
    create_api_key,
    create_team,
    make_api_key,
    number_series,
    preview_numbers,
    record_connexion,
    revoke_api_key,
    team_configs,
    update_team,
)

__all__ = [
    "PASSWORD_PAUSE",
    "ROLES",
    "TooManyTries",
    "accept_invitation",
    "active_member",
    "cancel_email_change",
    "confirm_email",
    "create_api_key",
    "create_team",
    "delete_member",
    "email_to_confirm",
    "invite",
    "invited_member",
    "is_invited",
    "mail_password_reset",
    "make_api_key",
    "number_series",
    "password_to_reset",
    "pending_email",
    "preview_numbers",
    "record_connexion",
    "resend_email_link",
    "resend_invitation",
    "reset_password",
    "revoke_api_key",
    "sandbox_member",
    "send_invitation",
    "team_configs",
    "update_member",
    "update_own_settings",
    "update_team",
    "update_user",
]
