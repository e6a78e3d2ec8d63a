"""Second factors at rest: the secrets of authenticator apps and recovery codes are encrypted in the database.

The key is derived from DJANGO_SECRET_KEY (docs/decisions/second-factors.md), so a copy of the database opens no door.
"""

import base64
from functools import cache

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

_PURPOSE = b"gatehouse second factors 1"
_SECRETS = ("secret", "seed")
_LISTS_OF_SECRETS = ("migrated_codes",)


class UnreadableFactor(RuntimeError):
    """A second factor was encrypted with a key that is not known any more."""

    def __init__(self) -> None:
        super().__init__("A second factor cannot be read; put its key into DJANGO_SECRET_KEY_FALLBACKS.")


class FactorAdapter(DefaultMFAAdapter):
    """allauth, keeping no secret in the clear."""

    def encrypt(self, text: str) -> str:
        """Return what goes into the database."""
        return _box().encrypt(text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return the site's configured host, whatever a request says its host is: keys are bound to it for ever."""
        return {"id": settings.SITE_HOST, "name": settings.MFA_TOTP_ISSUER}

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret. Raises UnreadableFactor where neither the key nor a fallback opens it."""
        try:
            return _box().decrypt(encrypted_text).decode()
        except InvalidToken:
            raise UnreadableFactor from None


def reencrypt() -> int:
    """Encrypt every secret anew with the present key; return how many people's factors that were.

    Raises UnreadableFactor and changes nothing where one cannot be read.
    """
    box, count = _box(), 0
    with transaction.atomic():
        for factor in Authenticator.objects.select_for_update().exclude(type=Authenticator.Type.WEBAUTHN):
            for name in _SECRETS:
                if name in factor.data:
                    factor.data[name] = _anew(box, factor.data[name])
            for name in _LISTS_OF_SECRETS:
                if name in factor.data:
                    factor.data[name] = [_anew(box, each) for each in factor.data[name]]
            factor.save(update_fields=["data"])
            count += 1
    return count


def _anew(box: MultiFernet, encrypted: str) -> str:
    try:
        return box.rotate(encrypted).decode()
    except InvalidToken:
        raise UnreadableFactor from None


def _box() -> MultiFernet:
    return MultiFernet([_key_from(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


@cache
def _key_from(secret: str) -> Fernet:
    derived = HKDF(hashes.SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
