"""What a proxy in front of the server says of a request, and whose word is taken for it."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

from corrigenda.errors import InvalidInput

Networks = tuple[IPv4Network | IPv6Network, ...]
LOOPBACK: Networks = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def networks(addresses: Iterable[str]) -> Networks:
    """The networks of addresses as people write them; loopback if there are none.

    Raises:
        InvalidInput: One is no address.

    Example:
        >>> networks(["10.0.0.7", "192.168.0.0/16"])
        (IPv4Network('10.0.0.7/32'), IPv4Network('192.168.0.0/16'))
    """
    found = []
    for address in addresses:
        try:
            found.append(ip_network(address))
        except ValueError:
            raise InvalidInput(
                f"`{address}` is no address of a proxy; give one as `10.0.0.7` or `10.0.0.0/24`."
            ) from None
    return tuple(found) or LOOPBACK


def is_from(scope: Scope, among: Networks) -> bool:
    """Whether a request comes from one of these addresses, by its connection."""
    try:
        peer = ip_address(_peer(scope))
    except ValueError:
        return False
    if isinstance(peer, IPv6Address) and peer.ipv4_mapped is not None:
        peer = peer.ipv4_mapped
    return any(peer in network for network in among)


def client_of(scope: Scope, proxies: Networks) -> str:
    """The address that a request comes from; behind a proxy the one that it names."""
    if is_from(scope, proxies):
        # The last is what the proxy has seen itself; what stands before it, in the same line or
        # in one before, anybody may have sent.
        said = Headers(scope=scope).getlist("x-forwarded-for")
        if last := ",".join(said).rpartition(",")[2].strip():
            return last[:64]
    return _peer(scope)


def scheme_of(scope: Scope, proxies: Networks) -> str:
    """`https` if the browser speaks that, to us or to a proxy, else `http`."""
    said = Headers(scope=scope).get("x-forwarded-proto", "") if is_from(scope, proxies) else ""
    return "https" if "https" in (scope["scheme"], said.strip().lower()) else "http"


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""
