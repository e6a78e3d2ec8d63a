"""An authenticator app: the six digits it shows now for a secret (RFC 6238, 30 s, SHA-1)."""

import base64
import hashlib
import hmac
import struct

from allauth.mfa.totp.internal import auth


def code(secret: str) -> str:
    """The code of this half minute, which stands still while a test runs."""
    counter = struct.pack(">Q", int(auth.time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
