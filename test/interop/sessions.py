"""Sessions with the host as asyncua opens them."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from asyncua import Client, ua
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256
from cryptography.x509.oid import ExtendedKeyUsageOID
from host import Host

CLIENT_URI = "urn:fdi-host:interop"
TIMEOUT_S = 20

T = TypeVar("T")


@asynccontextmanager
async def visitor(host: Host) -> AsyncIterator[Client]:
    """Anonymous, without security."""
    async with Client(host.url, timeout=TIMEOUT_S) as client:
        yield client


@asynccontextmanager
async def user(host: Host, name: str, password: str) -> AsyncIterator[Client]:
    """Signed and encrypted, logged in by name and password."""
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Path(folder) / "client.der", Path(folder) / "client.pem"
        await setup_self_signed_certificate(
            key, certificate, CLIENT_URI, "localhost", [ExtendedKeyUsageOID.CLIENT_AUTH], {"commonName": "interop"}
        )
        client = Client(host.url, timeout=TIMEOUT_S)
        client.application_uri = CLIENT_URI
        client.set_user(name)
        client.set_password(password)
        await client.set_security(
            SecurityPolicyBasic256Sha256, str(certificate), str(key), mode=ua.MessageSecurityMode.SignAndEncrypt
        )
        async with client:
            yield client


def admin(host: Host):
    return user(host, "admin", host.password)


async def until(what: str, probe: Callable[[], Awaitable[T | None]], within_s: float = 20) -> T:
    """Polls until `probe` gives something else than None or False."""
    deadline = asyncio.get_running_loop().time() + within_s
    while True:
        found = await probe()
        if found is not None and found is not False:
            return found
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"waited {within_s} s in vain for {what}")
        await asyncio.sleep(0.1)


async def method_named(client: Client, device: str, name: str):
    """The Method of a device by its name, whatever namespace the name is in."""
    for method in await client.get_node(f"ns=1;s={device}/MethodSet").get_methods():
        if (await method.read_browse_name()).Name == name:
            return method
    raise LookupError(f"{device} has no method {name}")


async def fails_with(code: str, call: Awaitable[object]) -> None:
    """Asserts that a call ends in the StatusCode of that name."""
    try:
        result = await call
    except ua.UaStatusCodeError as error:
        name = ua.status_codes.get_name_and_doc(error.code)[0]
        assert name == code, f"{name} instead of {code}"
        return
    raise AssertionError(f"{result!r} instead of {code}")
