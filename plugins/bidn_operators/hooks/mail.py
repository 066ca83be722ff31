"""Handing one notification to the mail server, and knowing how that ended."""

from __future__ import annotations

import smtplib
from contextlib import suppress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import TYPE_CHECKING

from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException

from include.errors import InstallatieFout

if TYPE_CHECKING:
    from include.rapportage.mail import Mail
    from include.steps.notificeren import Bezorging

_PERMANENT = 500
"""SMTP: a reply from 500 on means no for good, one below it no for now (RFC 5321)."""
_NEE = (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException, smtplib.SMTPNotSupportedError)
"""The server said no, or cannot take this mail: it surely did not. An SMTPSenderRefused is among them."""


class MailHook(SmtpHook):
    """Airflow's SMTP connection, for mails that must go out at most once.

    Airflow's own sending tries again on any error, also when the server may have taken the mail already. Here
    one mail is offered once, and the caller is told whether it was taken, refused, or left in doubt.
    """

    @property
    def smtp_retry_limit(self) -> int:
        """Never again: see the class."""
        return 0

    def bezorg(self, mail: Mail, adres: str) -> tuple[Bezorging, str]:
        """Offer ``mail`` for ``adres`` on a connection of its own; return how it ended and why, without the address.

        Raises:
            InstallatieFout: this installation has no mail server at all; nothing was offered.
        """
        from include.email_address import on_the_wire
        from include.steps.notificeren import Bezorging

        try:
            adres = on_the_wire(adres)
        except ValueError as fout:
            return Bezorging.ONBESTELBAAR, str(fout)
        try:
            client = self._client()
        except smtplib.SMTPAuthenticationError as fout:
            return Bezorging.GEWEIGERD, f"the mail server does not let us in, {_woorden(fout)}"
        except (OSError, smtplib.SMTPException, AirflowException) as fout:
            return Bezorging.GEWEIGERD, f"no connection to the mail server, {_woorden(fout)}"
        aanbod = _Aanbod(client)
        try:
            client.send_message(self._bericht(mail, adres), to_addrs=[adres])
        except _NEE as fout:
            hoe = Bezorging.ONBESTELBAAR if _voorgoed(fout) else Bezorging.GEWEIGERD
            return hoe, f"the mail was not taken, {_woorden(fout)}"
        except Exception as fout:  # noqa: BLE001 - on an odd address the writer of headers fails in ways of its own
            if aanbod.gedaan:
                return Bezorging.ONZEKER, f"it broke off after the mail was offered, {_woorden(fout)}"
            return Bezorging.GEWEIGERD, f"it broke off before the mail was offered, {_woorden(fout)}"
        else:
            with suppress(OSError, smtplib.SMTPException):
                client.quit()
            return Bezorging.AANGENOMEN, ""
        finally:
            client.close()
            self._smtp_client = None

    def _client(self) -> smtplib.SMTP:
        from include.wire import require_tls

        try:
            connection = self.get_connection(self.smtp_conn_id)
            extra = connection.extra_dejson
            require_tls(
                f"mail (connection {self.smtp_conn_id})",
                connection.host or "",
                # As Airflow reads them: TLS from the start, or else STARTTLS, which fails when the server has none.
                encrypted=not (extra.get("disable_ssl") and extra.get("disable_tls")),
                remedy="take disable_tls (STARTTLS) or disable_ssl (TLS from the start) out of its extra",
            )
            client = self.get_conn()._smtp_client
        except AirflowException as fout:
            if AirflowNotFoundException not in (type(fout), type(fout.__context__)):
                raise
            raise InstallatieFout(
                f"Connection {self.smtp_conn_id} is not there, so nobody can be mailed. Add it where this installation "
                f"keeps its connections (secrets backend, or AIRFLOW_CONN_{self.smtp_conn_id.upper()}); then clear "
                "this task. The publication stands."
            ) from None
        assert isinstance(client, smtplib.SMTP)  # noqa: S101 - get_conn builds the synchronous client
        return client

    def _bericht(self, mail: Mail, adres: str) -> EmailMessage:
        bericht = EmailMessage()
        bericht["Subject"] = mail.onderwerp
        bericht["From"] = self.from_email or "noreply@bidn.nl"
        bericht["To"] = adres
        bericht["Date"] = formatdate(localtime=True)
        bericht["Message-ID"] = make_msgid(domain="bidn.nl")
        bericht["Auto-Submitted"] = "auto-generated"
        bericht.set_content(mail.tekst)
        bericht.add_alternative(mail.html, subtype="html")
        bericht["Content-Language"] = mail.taal  # last: setting the content takes away every header about it
        return bericht


class _Aanbod:
    """Knows whether a client got as far as sending the mail itself: before that, nobody can have taken it."""

    def __init__(self, client: smtplib.SMTP) -> None:
        self.gedaan = False
        self._data = client.data
        client.data = self._bied_aan  # type: ignore[method-assign, assignment]

    def _bied_aan(self, inhoud: bytes | str) -> tuple[int, bytes]:
        self.gedaan = True
        return self._data(inhoud)


def _code(fout: BaseException) -> int | None:
    if isinstance(fout, smtplib.SMTPRecipientsRefused):
        return int(next(iter(fout.recipients.values()))[0])
    return getattr(fout, "smtp_code", None)


def _voorgoed(fout: BaseException) -> bool:
    """Tell whether the same mail to the same address will be refused again: 5xx, or a server that cannot write it."""
    return isinstance(fout, smtplib.SMTPNotSupportedError) or (_code(fout) or 0) >= _PERMANENT


def _woorden(fout: BaseException) -> str:
    """Return the kind of error and the server's code, never its text: that repeats the address."""
    code = _code(fout)
    return f"{type(fout).__name__}{f' {code}' if code else ''}"
