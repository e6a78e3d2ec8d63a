"""The same adapter over TLS, as it speaks to Alpaca: an untrusted peer gets nothing, a trusted one gets one order."""

import datetime as dt
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.unit.trading.broker import peer as peers
from tests.unit.trading.broker import values
from trading.broker import alpaca_http
from trading.broker.alpaca import AlpacaGateway
from trading.broker.credentials import UNPINNED
from trading.broker.gateway import BrokerUnavailable, OutcomeUnknown


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for localhost with its key, valid today."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "both.pem"
    path.write_bytes(written + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls_peer(certificate: Path) -> Iterator[peers.Peer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with peers.running(context) as running:
        yield running


@pytest.fixture
def gateway(tls_peer: peers.Peer) -> Iterator[AlpacaGateway]:
    made = AlpacaGateway(values.keys(UNPINNED, tls_peer.url))
    yield made
    made.close()


def trust(gateway: AlpacaGateway, certificate: Path) -> None:
    gateway._clients[0]._session.verify = str(certificate)


class TestSubmit:
    def test_is_certainly_not_done_when_the_peer_is_not_trusted(
        self, tls_peer: peers.Peer, gateway: AlpacaGateway
    ) -> None:
        with pytest.raises(BrokerUnavailable):
            gateway.submit(values.new_order())

        assert tls_peer.requests == []

    def test_sends_one_order_to_a_trusted_peer(
        self, tls_peer: peers.Peer, gateway: AlpacaGateway, certificate: Path
    ) -> None:
        trust(gateway, certificate)
        tls_peer.will(peers.says(values.order_body()))

        assert gateway.submit(values.new_order()).broker_order_id == values.BROKER_ID

        assert tls_peer.count("POST") == 1

    def test_is_unknown_when_the_answer_never_ends(
        self, tls_peer: peers.Peer, gateway: AlpacaGateway, certificate: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        trust(gateway, certificate)
        monkeypatch.setattr(alpaca_http, "ANSWER_SECONDS", 0.3)
        tls_peer.will(peers.drip(tls_peer))

        with pytest.raises(OutcomeUnknown):
            gateway.submit(values.new_order())

        assert tls_peer.count("POST") == 1
