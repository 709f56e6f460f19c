"""The database without a server: for tests of tables and functions."""
from contextlib import closing

import pytest

from harness.tables import Tables


@pytest.fixture(scope="session")
def tables_url(new_database):
    return new_database("tables")


@pytest.fixture
def db(tables_url):
    with closing(Tables(tables_url)) as tables:
        yield tables
