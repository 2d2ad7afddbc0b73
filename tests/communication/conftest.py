"""Fixtures: a mail server on this machine, certificates, senders that use it."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from erp.communication.choices import SenderType
from erp.communication.models import Sender
from erp.core.encryption import encrypt
from erp.customers.models import Contact, Customer, CustomerType
from erp.customers.services import create_customer
from erp.sales import services as sales
from erp.sales.choices import Kind
from erp.sales.models import Document
from erp.various.models import Country, VatRate
from tests.factories import make

LOGIN, SECRET = "jean", "pâsse  mot"


@pytest.fixture(autouse=True)
def _english(english: None) -> None:
    """Errors and labels are asserted in English."""


class MailServer:
    """What a server got, and what it answers. `answers` by command: ("451 try later"); one time each."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.answers: dict[str, list[str]] = {}
        self.logins: list[tuple[str, str]] = []

    @property
    def mails(self) -> list[EmailMessage]:
        """The messages, parsed."""
        return [message_from_bytes(item.original_content, policy=policy.default) for item in self.envelopes]

    def answer(self, command: str, *texts: str) -> None:
        """Answer a command so, once each, before behaving as usual."""
        self.answers.setdefault(command, []).extend(texts)

    def _next(self, command: str) -> str | None:
        waiting = self.answers.get(command)
        return waiting.pop(0) if waiting else None

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if refusal := self._next("MAIL"):
            return refusal
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if refusal := self._next(f"RCPT {address}") or self._next("RCPT"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if (refusal := self._next("DATA")) == "leave":
            server.transport.close()
            return "421 gone"
        if refusal:
            return refusal
        self.envelopes.append(envelope)
        return "250 OK"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        login, password = data.login.decode(), data.password.decode()
        self.logins.append((login, password))
        known = (login, password) == (LOGIN, SECRET)
        return AuthResult(success=known, handled=known)


class Listening(Controller):
    """A server on any free port."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def serve() -> Iterator[Callable[..., tuple[MailServer, int]]]:
    """Starts mail servers: serve(security="tls", login=True) gives one and its port."""
    started: list[Controller] = []

    def start(*, context: ssl.SSLContext | None = None, at_once: bool = False, login: bool = False) -> Any:
        server = MailServer()
        options: dict[str, Any] = {"auth_required": login, "auth_require_tls": False}
        if login:
            options["authenticator"] = server.authenticate
        if context is not None:
            options |= (
                {"ssl_context": context} if at_once else {"tls_context": context, "require_starttls": True}
            )
        controller = Listening(server, hostname="127.0.0.1", port=0, ready_timeout=10, **options)
        controller.start()
        started.append(controller)
        return server, controller.port

    yield start
    for controller in started:
        controller.stop()


@pytest.fixture
def mail_server(serve: Callable[..., Any]) -> tuple[MailServer, int]:
    """A plain server, and its port."""
    return serve()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificates") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def context(certificate: Path) -> ssl.SSLContext:
    """What a server needs to speak TLS with that certificate."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients of this test trust the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.fixture
def sender(scope: Any) -> Sender:
    """A validated sender of the owner, by the installation's server, in whose domain it is."""
    return make(Sender, name="Jean Dupont", address="jean@localhost", share=False, use_default=True)


@pytest.fixture
def smtp_sender(scope: Any) -> Callable[..., Sender]:
    """Makes validated senders with a server on this machine: smtp_sender(port, security="ssl")."""

    def make_one(port: int, *, login: bool = False, security: str = "none", **values: Any) -> Sender:
        own = {"smtp_authentication": True, "smtp_login": LOGIN, "smtp_password": encrypt(SECRET)}
        server = {"smtp_server": "127.0.0.1", "smtp_port": port, "smtp_security": security}
        who = {"name": "Jean Dupont", "address": "jean@acme.example", "type": SenderType.SMTP}
        return make(Sender, **{**who, **server, **(own if login else {}), **values})

    return make_one


@pytest.fixture
def customer(scope: Any) -> Customer:
    """Durand, with an address and a contact."""
    address = {"postal_code": "25000", "town": "Besançon", "country": Country.objects.get(code="FR")}
    company = CustomerType.objects.filter(is_company=True, is_person=False).first()
    named = {"type": company, "company_name": "Durand & Fils", "email": "compta@durand.example"}
    customer = create_customer({**named, "is_customer": True, "address_invoice": address})
    contact = make(Contact, firstname="Léa", lastname="Martin", email="lea@durand.example")
    contact.customers.add(customer)
    return customer


@pytest.fixture
def make_document(customer: Customer) -> Callable[..., Document]:
    """Makes a validated document of 120.00 incl. VAT (a draft with is_draft=True)."""

    def make_one(kind: str = Kind.INVOICE, **values: Any) -> Document:
        line = {
            "designation": "Pose",
            "quantity": Decimal(1),
            "unit_price_ht": Decimal(100),
            "vat_rate": _rate(),
        }
        return sales.create_document(
            kind, {"customer": customer, "contents": [line], "is_draft": False, "language": "fr", **values}
        )

    return make_one


def _rate() -> Any:
    return VatRate.objects.filter(rate=Decimal(20)).first()


@pytest.fixture
def now_sent(django_capture_on_commit_callbacks: Any) -> Callable[[Callable[[], Any]], Any]:
    """Does something and what it left for after the commit: now_sent(lambda: api.post(…))."""

    def run(work: Callable[[], Any]) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return work()

    return run
