"""Handing a message to a mail server that a user named: public hosts, usual ports, limited time.

Which errors are worth another try is decided here, beside the conversation that they come from.
"""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.communication.choices import Security
from erp.core import outbound

__all__ = ["PORTS", "DeliveryError", "Server", "own_name", "told", "transmit"]

#: Ports that mail servers listen on; others would make the product knock at any door of the internet.
PORTS = (25, 465, 587, 2525)
#: How many times SMTP_TIMEOUT, which bounds each step, the whole conversation may last.
WHOLE = 6
#: Longest part of a server's answer that is kept.
ANSWER_LENGTH = 300


class DeliveryError(Exception):
    """A message was not accepted. `transient`: another try may succeed.

    `uncertain`: the server had the whole message and did not say whether it took it.
    `sender_fault`: the sender's own settings are to blame (server, login), whatever the message.
    """

    def __init__(
        self, text: str, *, transient: bool = False, uncertain: bool = False, sender_fault: bool = False
    ) -> None:
        super().__init__(text)
        self.transient, self.uncertain, self.sender_fault = transient, uncertain, sender_fault


@dataclass(frozen=True)
class Server:
    """A mail server, and how to enter it. The password never shows in a representation."""

    host: str
    port: int
    security: str = Security.TLS
    login: str = ""
    password: str = field(default="", repr=False)


class _Guarded(smtplib.SMTP):
    """Connects to the very address that was found to be public (see erp/core/outbound.py)."""

    timeout: float
    guard: outbound.Guard | None = None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = outbound.connect(host, port, timeout, private=settings.SMTP_PRIVATE_HOSTS)
        self.guard = outbound.Guard(sock, settings.SMTP_TIMEOUT * WHOLE)
        return sock


class _Encrypted(_Guarded):
    """TLS from the start; the certificate must be of the name that the user gave."""

    _host: str

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = super()._get_socket(host, port, timeout)
        return ssl.create_default_context().wrap_socket(plain, server_hostname=self._host)


def transmit(server: Server, sender: str, recipients: Sequence[str], message: bytes) -> dict[str, str]:
    """Send a message; returns why each refused recipient was refused ({} when all were accepted).

    Raises DeliveryError when nobody gets it.
    """
    with _conversation(server) as connection, told():
        return _handed_over(connection, sender, recipients, message)


@contextmanager
def _conversation(server: Server) -> Iterator[smtplib.SMTP]:
    """A server that was entered, left at the end whatever happens. Raises DeliveryError."""
    if server.port not in PORTS and not settings.SMTP_PRIVATE_HOSTS:
        raise DeliveryError(_("The port is none of a mail server."), sender_fault=True)
    kind = _Encrypted if server.security == Security.SSL else _Guarded
    connection = kind(local_hostname=own_name(), timeout=settings.SMTP_TIMEOUT)
    connection._host = server.host  # type: ignore[attr-defined]
    try:
        with told(sender_fault=True):
            _enter(connection, server)
        yield connection
    finally:
        _leave(connection)


def own_name() -> str:
    """The name that the product has on the internet."""
    return urlsplit(settings.BASE_URL).hostname or "localhost"


def _enter(connection: smtplib.SMTP, server: Server) -> None:
    code, answer = connection.connect(server.host, server.port)
    if code != 220:
        raise smtplib.SMTPConnectError(code, answer)
    if server.security == Security.TLS:
        connection.starttls(context=ssl.create_default_context())
    connection.ehlo_or_helo_if_needed()
    if server.login:
        _log_in(connection, server.login, server.password)


def _log_in(connection: smtplib.SMTP, login: str, password: str) -> None:
    """As smtplib does, which knows ASCII only; other letters go by PLAIN, in UTF-8 (RFC 4616)."""
    if (login + password).isascii():
        connection.login(login, password)
        return
    if "PLAIN" not in connection.esmtp_features.get("auth", "").upper().split():
        raise smtplib.SMTPNotSupportedError
    words = base64.b64encode(f"\0{login}\0{password}".encode()).decode()
    code, answer = connection.docmd("AUTH", f"PLAIN {words}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, answer)


def _leave(connection: _Guarded) -> None:
    """Say goodbye; what the server thinks of it changes nothing."""
    try:
        if connection.sock is not None:
            connection.quit()
    except OSError:
        connection.close()
    finally:
        if connection.guard is not None:
            connection.guard.release()


def _handed_over(
    connection: smtplib.SMTP, sender: str, recipients: Sequence[str], message: bytes
) -> dict[str, str]:
    """The conversation about one message."""
    code, answer = connection.mail(sender)
    if code != 250:
        raise smtplib.SMTPSenderRefused(code, answer, sender)
    refused: dict[str, tuple[int, bytes]] = {}
    for recipient in recipients:
        code, answer = connection.rcpt(recipient)
        if code not in (250, 251):
            refused[recipient] = (code, answer)
    if len(refused) == len(recipients):
        raise smtplib.SMTPRecipientsRefused(refused)
    try:
        code, answer = connection.data(message)
    except smtplib.SMTPResponseException:  # refused before the message was given
        raise
    except OSError as error:
        text = _("The server left before saying whether it took the mail.")
        raise DeliveryError(text, uncertain=True) from error
    if code != 250:
        raise smtplib.SMTPDataError(code, answer)
    return {recipient: _answer(*why) for recipient, why in refused.items()}


# --- Errors in words --------------------------------------------------------------------------------


@contextmanager
def told(*, sender_fault: bool = False) -> Iterator[None]:
    """Turn the errors of the network and of SMTP into DeliveryError, in words for people."""
    try:
        yield
    except DeliveryError:
        raise
    except (OSError, ValueError) as error:  # SMTPException is an OSError
        raise _explained(error, sender_fault) from error


def _explained(error: Exception, sender_fault: bool) -> DeliveryError:
    for kinds, explain in EXPLANATIONS:
        if isinstance(error, kinds):
            text, transient, is_own = explain(error)
            return DeliveryError(text, transient=transient, sender_fault=is_own or sender_fault)
    return DeliveryError(_("The mail server did not answer."), transient=True, sender_fault=sender_fault)


def _responded(error: Any) -> tuple[str, bool, bool]:
    """An answer of the server: only 5xx will stay so."""
    return _answer(error.smtp_code, error.smtp_error), not 500 <= error.smtp_code < 600, False


def _login_refused(error: Any) -> tuple[str, bool, bool]:
    words = {"answer": _answer(error.smtp_code, error.smtp_error)}
    return _("The server refused the login: %(answer)s") % words, 400 <= error.smtp_code < 500, True


def _all_refused(error: Any) -> tuple[str, bool, bool]:
    whys = [f"{address}: {_answer(*why)}" for address, why in error.recipients.items()]
    transient = any(400 <= code < 500 for code, _text in error.recipients.values())
    return _("Every address was refused. %(why)s") % {"why": "; ".join(whys)[:2000]}, transient, False


def _never(text: Any, *, own: bool = True) -> Callable[[Any], tuple[str, bool, bool]]:
    """An error that another try would meet again."""
    return lambda _error: (str(text), False, own)


NOT_OFFERED = gettext_lazy("The server does not offer what the sender asks for (encryption or login).")
WRONG_CERTIFICATE = gettext_lazy("The server's certificate is not valid for its name.")
NOT_ENCRYPTED = gettext_lazy("No encrypted connection could be made: check the security and the port.")
NOT_SENDABLE = gettext_lazy("An address or a login has characters that mail servers do not take.")
#: The first class that an error is of explains it: (text, transient, fault of the sender's settings).
EXPLANATIONS: tuple[tuple[Any, Callable[[Any], tuple[str, bool, bool]]], ...] = (
    (smtplib.SMTPAuthenticationError, _login_refused),
    (smtplib.SMTPRecipientsRefused, _all_refused),
    (smtplib.SMTPResponseException, _responded),
    (smtplib.SMTPNotSupportedError, _never(NOT_OFFERED)),
    (outbound.Forbidden, lambda error: (str(error), False, True)),
    (ssl.SSLCertVerificationError, _never(WRONG_CERTIFICATE)),
    (ssl.SSLError, _never(NOT_ENCRYPTED)),
    (ValueError, _never(NOT_SENDABLE, own=False)),
)


def _answer(code: int, text: Any) -> str:
    """A server's answer on one line, of a length that can be shown."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    plain = " ".join("".join(char if char.isprintable() else " " for char in words).split())
    return f"{code} {plain}"[:ANSWER_LENGTH]
