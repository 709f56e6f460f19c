"""What the outside world signs, made with other libraries than the server's own."""
import hashlib
import hmac
import secrets
import time
import urllib.parse

import jwt as pyjwt

from harness.server import JWT_SECRET


def token(sub, email=None, secret=JWT_SECRET, algorithm="HS256", headers=None, **claims):
    """A JWT as the identity provider makes it; a claim given as None is left out."""
    now = int(time.time())
    payload = {"sub": str(sub), "email": email, "role": "authenticated", "aud": "authenticated",
               "iat": now, "exp": now + 3600, **claims}
    payload = {name: value for name, value in payload.items() if value is not None}
    return pyjwt.encode(payload, secret, algorithm=algorithm, headers=headers)


def raw_key():
    return "sk_live_" + secrets.token_hex(16)


def key_hash(raw, salt_bytes=32):
    salt = secrets.token_bytes(salt_bytes)
    return salt.hex() + ":" + hashlib.sha256(raw.encode() + salt).hexdigest()


def key_hash_prefix(raw):
    return hashlib.sha256(raw.encode()).hexdigest()[:16]


def derived_key(context, secret=JWT_SECRET):
    """libsodium's crypto_kdf: subkey 1 of the hash of the secret."""
    master = hashlib.blake2b(secret.encode(), digest_size=32).digest()
    return hashlib.blake2b(b"", digest_size=32, key=master, salt=(1).to_bytes(16, "little"),
                           person=context.encode().ljust(16, b"\0")).digest()


def callback_token(job_id, secret=JWT_SECRET, key=None):
    key = key.encode() if key else derived_key("fc_callb", secret)
    return hmac.new(key, f"job-callback:{job_id.lower()}".encode(), hashlib.sha256).hexdigest()


def blob_signature(method, path, expires, content_type="", length="", secret=JWT_SECRET):
    text = "\n".join([method, path, str(expires), content_type, str(length)])
    return hmac.new(derived_key("fc_blobs", secret), text.encode(), hashlib.sha256).hexdigest()


def blob_path(bucket, key):
    return "/v1/blobs/" + "/".join(urllib.parse.quote(part, safe="~") for part in [bucket, *key.split("/")])


def end_of(link):
    """The Unix second at which a signed link ends."""
    return int(urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)["expires"][0])


def lasts(link, seconds):
    """Whether it ends so many seconds from now, give or take what a busy machine needs."""
    return abs(end_of(link) - time.time() - seconds) < 100


def signed(method, path, expires=None, content_type="", length="", **more):
    """Path and query of a signed link."""
    expires = int(time.time()) + 600 if expires is None else expires
    signature = blob_signature(method, path, expires, content_type, length, **more)
    return f"{path}?expires={expires}&signature={signature}"
