"""What an operator does: the server's numbers, newer models, and the ones before.

python3 samples/11_operations.py 127.0.0.1:7001
"""

import sys

from teller_client import Client, FailedPrecondition

with Client(sys.argv[1]) as client:
    client.recommend("15889")
    status = client.status()
    print(f"version {status.server_version}, model {status.model_version}")
    for sample in status.samples:
        if sample.name == "teller_connections":
            print(f"{sample.name} {sample.value:g}")
    # Takes as long as loading takes; nothing newer is no error.
    update = client.reload_models(timeout=60)
    print(f"{update.model_version} in place of {update.previous_model_version}")
    try:
        print(client.rollback_models(timeout=60).model_version)
    except FailedPrecondition as error:
        print(f"{error.code.name}: {error.message}")
