"""An authenticator app: the six digits it shows now for a secret (RFC 6238, 30 s, SHA-1)."""

import base64
import hashlib
import hmac
import struct
import time


def code(secret: str) -> str:
    """The code of this half minute."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
