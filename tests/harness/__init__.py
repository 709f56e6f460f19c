"""What the API tests, the end-to-end tests and the accidents stand on.

postgres     a private PostgreSQL for one test run, and a migrated database for each worker
server       framecastd as a child process
contract     holds every answer against docs/openapi.yaml
check        expect, expect_error, until, at_once
world        users, keys, teams and rows; actors that call the API
tables       the database without a server: rows made by hand, functions called directly
storyboards  the welcome storyboard, and small ones
events       server-sent events
crowd        many streams of them, side by side
signing      JWTs, key hashes, callback tokens, signed links, made as the outside world makes them
film         what ffprobe and ffmpeg find in a video
captions     reads WebVTT and SubRip, strictly
"""
from harness.check import at_once, conforms, expect, expect_error, until
from harness.storyboards import SMALL, WELCOME, scene, storyboard

__all__ = ["SMALL", "WELCOME", "at_once", "conforms", "expect", "expect_error", "scene", "storyboard", "until"]
