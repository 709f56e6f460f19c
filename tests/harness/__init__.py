"""What the API tests and the end-to-end tests stand on.

postgres   a private PostgreSQL for one test run, and a migrated database for each worker
server     framecastd as a child process
contract   holds every answer against docs/openapi.yaml
world      users, keys, teams and rows; actors that call the API
events     server-sent events
crowd      many streams of them, side by side
signing    JWTs, key hashes, callback tokens, signed links, made as the outside world makes them
"""
from harness.check import at_once, conforms, expect, expect_error, until
from harness.storyboards import SMALL, WELCOME, scene, storyboard

__all__ = ["SMALL", "WELCOME", "at_once", "conforms", "expect", "expect_error", "scene", "storyboard", "until"]
