"""
Run by contrib/check, or by hand, as root (Postfix asks for that):
    WEIR_BUILD=/path/of/the/build /usr/bin/python3 -m pytest tests/integration
"""
from harness.fixtures import (  # noqa: F401
    ledger, names, pytest_runtest_makereport, pytest_sessionstart, site, weir,
    whole_site,
)
