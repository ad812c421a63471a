"""The anonymous signature of a WACZ (wacz-auth 0.1.0): public key and signature over the manifest's
hash.

The specification asks for ECDSA; replayweb.page, which shows whether a signature is good, takes
curve P-384 with SHA-256 alone, the signature as two numbers side by side (IEEE P1363). So a key of
Ed25519 cannot sign a WACZ.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.x509 import load_pem_x509_certificate

from archive.model.errors import DamageError, UsageError

AUTH_VERSION: Final = "0.1.0"
_MAKE_ONE: Final = "openssl ecparam -name secp384r1 -genkey -noout -out wacz-key.pem"
_ALGORITHM: Final = ec.ECDSA(hashes.SHA256())


class SignatureError(DamageError):
    """A signature that cannot be read, or does not fit."""


def signing_key(pem: bytes, passphrase: bytes | None) -> ec.EllipticCurvePrivateKey:
    """The private key of a PEM file. UsageError, with what to do, for any but ECDSA P-384, and for
    a pass phrase that is missing or wrong.
    """
    try:
        key = serialization.load_pem_private_key(pem, passphrase)
    except TypeError:
        wanted = "is encrypted: set" if passphrase is None else "is not encrypted: unset"
        raise UsageError(f"the signing key {wanted} GONGKAI_WACZ_PASSPHRASE") from None
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError(
            "the signing key is no PEM private key, or GONGKAI_WACZ_PASSPHRASE does not fit;"
            f" make one: {_MAKE_ONE}"
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP384R1):
        raise UsageError(
            f"a WACZ is signed with ECDSA on curve P-384 (wacz-auth 0.1.0); make one: {_MAKE_ONE}"
        )
    return key


def signed_data(
    key: ec.EllipticCurvePrivateKey, hash_: str, *, created: str, software: str
) -> dict[str, str]:
    """The property `signedData` of datapackage-digest.json. created: as in datapackage.json."""
    first, second = decode_dss_signature(key.sign(hash_.encode(), _ALGORITHM))
    width = (key.curve.key_size + 7) // 8
    raw = first.to_bytes(width, "big") + second.to_bytes(width, "big")
    return {
        "hash": hash_,
        "created": created,
        "software": software,
        "version": AUTH_VERSION,
        "signature": base64.b64encode(raw).decode(),
        "publicKey": base64.b64encode(_spelled(key.public_key())).decode(),
    }


def verify_signature(signed: Mapping[str, object]) -> str:
    """Checks that `signedData` is a signature of its own hash. Returns who signed, for people: the
    fingerprint of the key, or a domain. Raises SignatureError when it is none.

    Of a domain's certificate only the key is looked at: neither chain nor time stamp.
    """
    key = _public_key(signed)
    raw = _decoded(signed, "signature")
    width = (key.curve.key_size + 7) // 8
    if len(raw) == 2 * width:
        numbers = (int.from_bytes(raw[:width], "big"), int.from_bytes(raw[width:], "big"))
        raw = encode_dss_signature(*numbers)
    try:
        key.verify(raw, _text(signed, "hash").encode(), _ALGORITHM)
    except InvalidSignature:
        raise SignatureError("the signature does not fit the hash and the public key") from None
    if "domainCert" in signed:
        return f"the domain {_text(signed, 'domain')}"
    return f"the key with fingerprint {fingerprint(key)}"


def fingerprint(key: ec.EllipticCurvePublicKey) -> str:
    """SHA-256 of a public key as X.509 spells it (SubjectPublicKeyInfo), in hex."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(_spelled(key))
    return digest.finalize().hex()


def _spelled(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _public_key(signed: Mapping[str, object]) -> ec.EllipticCurvePublicKey:
    try:
        if "publicKey" in signed:
            key = serialization.load_der_public_key(_decoded(signed, "publicKey"))
        else:
            pem = _text(signed, "domainCert").encode()
            key = load_pem_x509_certificate(pem).public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise SignatureError("the public key of the signature cannot be read") from None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise SignatureError("the public key of the signature is no ECDSA key")
    return key


def _decoded(signed: Mapping[str, object], name: str) -> bytes:
    try:
        return base64.b64decode(_text(signed, name), validate=True)
    except (binascii.Error, ValueError):
        raise SignatureError(f"{name} of the signature is not base64") from None


def _text(signed: Mapping[str, object], name: str) -> str:
    value = signed.get(name)
    if not isinstance(value, str):
        raise SignatureError(f"the signature has no {name}")
    return value
