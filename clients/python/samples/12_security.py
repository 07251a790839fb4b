"""TLS with a certificate of the client's own, a token and its roles, and what happens without.

python3 samples/12_security.py 127.0.0.1:7001 CA.pem CLIENT.pem CLIENT.key TOKEN-FILE \\
    READ-TOKEN-FILE STRANGER.pem STRANGER.key

The second token has the role ``read`` alone, and the stranger's certificate is signed by nobody the
server knows. Ends with 1 where the server lets in whom it should not.
"""

import pathlib
import ssl
import sys

from teller_client import Client, PermissionDenied, Unauthenticated, feedback_event

address, authority, certificate, key, token_file, read_token_file = sys.argv[1:7]
token, read_token = (
    pathlib.Path(path).read_text().splitlines()[0] for path in (token_file, read_token_file)
)
tls = ssl.create_default_context(cafile=authority)
tls.load_cert_chain(certificate, key)
with Client(address, tls=tls, token=token) as client:
    known = client.recommend("15889", count=1).item_ids[0]
    print("known:", known)

is_as_expected = True
with Client(address, tls=tls, token=read_token) as client:
    try:
        client.feedback([feedback_event("security-1", "15889", known, "shown")])
        is_as_expected = False
    except PermissionDenied as error:
        print("a token that may only read:", error.message)
    # The connection lives on.
    print("it reads:", client.recommend("15889", count=1).item_ids[0])

strange_tls = ssl.create_default_context(cafile=authority)
strange_tls.load_cert_chain(*sys.argv[7:9])
# None of these is tried again: they would fail the same way.
strangers = {
    "without TLS": Client(address, token=token),
    "without a certificate": Client(
        address, tls=ssl.create_default_context(cafile=authority), token=token
    ),
    "a stranger's certificate": Client(address, tls=strange_tls, token=token),
    "another authority": Client(address, tls=ssl.create_default_context(), token=token),
    "without a token": Client(address, tls=tls),
    "with a wrong token": Client(address, tls=tls, token="guess"),
}
for name, client in strangers.items():
    with client:
        try:
            client.recommend("15889", count=1)
            print(f"{name}: let in")
            is_as_expected = False
        except Unauthenticated as error:
            print(f"{name}: {error.message}")
sys.exit(0 if is_as_expected else 1)
