"""E-mail addresses: what can be one, and what of it goes over the wire."""

from __future__ import annotations

from email_validator import EmailNotValidError, ValidatedEmail, validate_email


def as_address(text: str) -> str:
    """Return an address as it is kept: without space around it, the domain in lower case and in its own script.

    Whether the domain exists is not looked up. Raises ValueError, without the text, when it cannot be an address.
    """
    return _parsed(text).normalized


def on_the_wire(address: str) -> str:
    """Return an address with its domain in ASCII (punycode), as every mail server takes it. Raises as ``as_address``.

    A local part outside ASCII stays: it takes a server that knows SMTPUTF8.
    """
    parsed = _parsed(address)
    return f"{parsed.local_part}@{parsed.ascii_domain}"


def _parsed(text: str) -> ValidatedEmail:
    try:
        # Those of test installations end in .test, and an internal mail server may have a name without a dot.
        return validate_email(
            text.strip(), check_deliverability=False, globally_deliverable=False, test_environment=True
        )
    except EmailNotValidError:
        raise ValueError("not an e-mail address") from None
