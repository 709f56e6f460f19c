"""A PostgreSQL that lives as long as the test run, and databases made from one migrated template."""
import os
import pathlib
import subprocess
import tempfile
from contextlib import closing, contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPLATE = "framecast_template"
LOCK = 6021023  # any number; it keeps workers apart while one of them makes the template


class Cluster:
    """Started by the first process of the run; the others find it through FC_TEST_PG_URL."""

    def __init__(self):
        self._undertaker = None

    def start(self):
        if os.environ.get("FC_TEST_PG_URL"):
            return
        folder = tempfile.mkdtemp(prefix="framecast-test-")
        os.chmod(folder, 0o711)  # PostgreSQL runs as another user when the tests run as root
        program = str(ROOT / "scripts" / "pg")
        # Whatever becomes of this process, its end closes the pipe, and the database goes with it.
        self._undertaker = subprocess.Popen(
            ["sh", "-c", 'read _; "$0" stop "$1"; rm -rf "$(readlink -f "$1/home")" "$1"', program, folder],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        subprocess.run([program, "start", "--fast", folder], check=True)
        url = subprocess.run([program, "url", folder, "postgres"], check=True, capture_output=True, text=True)
        os.environ["FC_TEST_PG_URL"] = url.stdout.strip()

    def stop(self):
        if self._undertaker:
            self._undertaker.stdin.close()
            self._undertaker.wait(60)


def connect(url):
    connection = psycopg2.connect(url)
    connection.autocommit = True
    return connection


def url_of(database):
    return urlunsplit(urlsplit(os.environ["FC_TEST_PG_URL"])._replace(path="/" + database))


@contextmanager
def closed_to_all(url):
    """Whoever is connected to this database is put out, and nobody gets in."""
    name = urlsplit(url).path[1:]
    with closing(connect(os.environ["FC_TEST_PG_URL"])) as admin, admin.cursor() as cursor:
        cursor.execute(f"alter database {name} with allow_connections false")
        cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
        yield
        cursor.execute(f"alter database {name} with allow_connections true")


def create_database(name, migrate):
    """Makes the database `name` as a copy of the template; migrate(url) fills the template once."""
    admin = connect(os.environ["FC_TEST_PG_URL"])
    with closing(admin), admin.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [LOCK])
        cursor.execute("select 1 from pg_database where datname = %s", [TEMPLATE])
        if not cursor.fetchone():
            cursor.execute(f"drop database if exists {TEMPLATE}_new with (force)")
            cursor.execute(f"create database {TEMPLATE}_new")
            migrate(url_of(TEMPLATE + "_new"))
            cursor.execute(f"alter database {TEMPLATE}_new rename to {TEMPLATE}")
        cursor.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        cursor.execute(sql.SQL("create database {} template {}").format(
            sql.Identifier(name), sql.Identifier(TEMPLATE)))
    return url_of(name)
