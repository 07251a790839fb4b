"""The tool that submits feedback from files: ``python -m teller_client.marketing --help``."""
