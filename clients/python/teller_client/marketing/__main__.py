"""Lets the tool run as ``python -m teller_client.marketing``."""

import sys

from .command import main

sys.exit(main())
