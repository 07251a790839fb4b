"""TLS with a certificate of the client's own, a token, and what happens without.

python3 samples/12_security.py 127.0.0.1:7001 CA.pem CLIENT.pem CLIENT.key TOKEN-FILE
"""

import pathlib
import ssl
import sys

from teller_client import Client, Unauthenticated

address, authority, certificate, key, token_file = sys.argv[1:]
token = pathlib.Path(token_file).read_text().splitlines()[0]
tls = ssl.create_default_context(cafile=authority)
tls.load_cert_chain(certificate, key)
with Client(address, tls=tls, token=token) as client:
    print("known:", client.recommend("15889", count=1).item_ids[0])

# None of these is tried again: they would fail the same way.
strangers = {
    "without TLS": Client(address, token=token),
    "without a certificate": Client(address, tls=ssl.create_default_context(cafile=authority)),
    "another authority": Client(address, tls=ssl.create_default_context()),
    "without a token": Client(address, tls=tls),
    "with a wrong token": Client(address, tls=tls, token="guess"),
}
for name, client in strangers.items():
    with client:
        try:
            client.recommend("15889", count=1)
        except Unauthenticated as error:
            print(f"{name}: {error.message}")
