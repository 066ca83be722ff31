"""Handing one notification to the mail server, and knowing how that ended."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import TYPE_CHECKING

from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk.exceptions import AirflowException

if TYPE_CHECKING:
    from include.rapportage.mail import Mail
    from include.stappen.notificeren import Bezorging


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
        """Offer ``mail`` for ``adres`` on a connection of its own; return how it ended and why, without the address."""
        from include.stappen.notificeren import Bezorging

        try:
            verbinding = self.get_conn()
        except (OSError, smtplib.SMTPException, AirflowException) as fout:
            return Bezorging.GEWEIGERD, f"no connection to the mail server, {_woorden(fout)}"
        client = verbinding._smtp_client
        assert isinstance(client, smtplib.SMTP)  # noqa: S101 - get_conn builds the synchronous client
        try:
            client.send_message(self._bericht(mail, adres), to_addrs=[adres])
        except (
            smtplib.SMTPRecipientsRefused,
            smtplib.SMTPSenderRefused,
            smtplib.SMTPResponseException,
        ) as fout:
            return Bezorging.GEWEIGERD, f"the server said no, {_woorden(fout)}"
        except (OSError, smtplib.SMTPException) as fout:
            return Bezorging.ONZEKER, f"the connection was lost, {_woorden(fout)}"
        finally:
            client.close()
            self._smtp_client = None
        return Bezorging.AANGENOMEN, ""

    def _bericht(self, mail: Mail, adres: str) -> EmailMessage:
        bericht = EmailMessage()
        bericht["Subject"] = mail.onderwerp
        bericht["From"] = self.from_email or "noreply@bidn.nl"
        bericht["To"] = adres
        bericht["Date"] = formatdate(localtime=True)
        bericht["Message-ID"] = make_msgid(domain="bidn.nl")
        bericht["Content-Language"] = "nl"
        bericht["Auto-Submitted"] = "auto-generated"
        bericht.set_content(mail.tekst)
        bericht.add_alternative(mail.html, subtype="html")
        return bericht


def _woorden(fout: BaseException) -> str:
    """Return the kind of error and the server's code, never its text: that repeats the address."""
    code = getattr(fout, "smtp_code", None)
    if isinstance(fout, smtplib.SMTPRecipientsRefused):
        code = next(iter(fout.recipients.values()))[0]
    return f"{type(fout).__name__}{f' {code}' if code else ''}"
