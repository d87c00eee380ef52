"""Makes the golden manifest and trust file with TUF's own Python library, from fixed keys.

    pip install "securesystemslib[crypto]==1.6.0" && python make.py

The tests never run this: they read what it wrote once.
"""

import hashlib
import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner

HERE = Path(__file__).parent
SEGMENTS = [b"the entries of the base", b"the entries of an addition"]


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def root(segment):
    return sha256(b"\0" + segment)  # RFC 6962; there is one chunk


signers = [CryptoSigner(Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in (1, 2, 3)]
names = ["Hotline Utrecht", "Línea Montevideo", "Hotline Reykjavík"]
signed = {
    "_type": "presend-set",
    "spec_version": "1.0",
    "name": "golden",
    "version": 7,
    "created": "2026-11-22T00:00:00Z",
    "expires": "2027-02-20T00:00:00Z",
    "algorithm": "pdq",
    "scheme": "universal-bch-255",
    "radius": 16,
    "entries": 24,
    "clusters": 5,
    "published_decibits": 1275,
    "segments": [
        {"root": root(segment), "length": len(segment), "entries": entries}
        for segment, entries in zip(SEGMENTS, (20, 4))
    ],
    "revoked": [{"segment": root(SEGMENTS[0]), "entry": 19, "tag": "0badcafe"}],
    "sources": [
        {"name": name, "commitment": sha256(name.encode())} for name in names[:2]
    ],
    "exact": {"entries": 12, "bloom_bytes": 128, "false_positive_rate": "1e-9"},
    "must_not_match": 'photographs of the "Presend" benchmark',
}
signatures = [signer.sign(encode_canonical(signed).encode()).to_dict() for signer in signers[:2]]
signatures.sort(key=lambda signature: signature["keyid"])
manifest = {"signed": signed, "signatures": signatures}
(HERE / "manifest.json").write_bytes(encode_canonical(manifest).encode())

trust = {
    "schema": "presend.trust/1",
    "set": "golden",
    "threshold": 2,
    "endorsers": [
        {"organisation": name, "keys": [signer.public_key.keyval["public"]]}
        for name, signer in zip(names, signers)
    ],
}
(HERE / "trust.json").write_text(json.dumps(trust, indent=2, ensure_ascii=False) + "\n")
print("digest:", sha256(encode_canonical(signed).encode()))
