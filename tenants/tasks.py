"""Background work about accounts."""

from __future__ import annotations

from django_tasks import task

__all__ = ["mail_password_reset"]


@task()
def mail_password_reset(email: str) -> None:
    """Mail a link to whoever signs in with this address; of no team, as people sign in before they have one.

    It is done apart so that the asker cannot tell by the time of the answer whether anybody does.
    """
    from tenants import services

    services.mail_password_reset(email)
