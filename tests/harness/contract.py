"""The API reference, docs/openapi.yaml, and the question whether an answer is as it says."""
import re
from urllib.parse import unquote

import yaml
from jsonschema import Draft202012Validator, RefResolver

from harness.postgres import ROOT

METHODS = ("get", "put", "post", "patch", "delete")


class Contract:
    def __init__(self, path):
        self.document = yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self._resolver = RefResolver("", self.document)
        self._validators = {}
        # Fixed segments win over parameters: sorting by the number of parameters tries them first.
        self._paths = sorted(((self._pattern(path), path) for path in self.document["paths"]),
                             key=lambda pair: pair[1].count("{"))

    @staticmethod
    def _pattern(path):
        many = re.escape(path).replace(r"\{key\}", ".+")
        return re.compile(re.sub(r"\\{\w+\\}", "[^/]+", many))

    def operations(self):
        """(method, path, operation) of every operation."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield method.upper(), path, item[method]

    def path_of(self, url_path):
        url_path = unquote(url_path.replace("%2F", "%252F").replace("%2f", "%252F"))
        for pattern, path in self._paths:
            if pattern.fullmatch(url_path):
                return path
        return None

    def follow(self, reference):
        return self._resolver.resolve(reference)[1]

    def _resolve(self, node):
        while "$ref" in node:
            node = self.follow(node["$ref"])
        return node

    def _validator(self, schema):
        key = id(schema)
        if key not in self._validators:
            self._validators[key] = Draft202012Validator(schema, resolver=self._resolver)
        return self._validators[key]

    def conforms(self, value, schema):
        """schema: the name of one, or one."""
        node = self.document["components"]["schemas"][schema] if isinstance(schema, str) else schema
        problem = next(iter(self._validator(node).iter_errors(value)), None)
        if problem is not None:
            raise AssertionError(f"not as docs/openapi.yaml says: at {problem.json_path}: "
                                 f"{problem.message[:600]}" + "".join(
                                     f"\n    or {inner.json_path}: {inner.message[:300]}"
                                     for inner in (problem.context or [])[:6]))

    def response(self, method, url_path, status):
        """The response object of the reference for this answer."""
        path = self.path_of(url_path)
        shared = self.document["components"]["responses"]
        if path is None:
            assert status == 404, f"{url_path} is an unknown path, but was answered {status}"
            return shared["NotFound"]
        item = self.document["paths"][path]
        method = "get" if method == "HEAD" and status != 405 else method.lower()
        if method not in item:
            assert status == 405, f"{method} {path} is an unknown method, but was answered {status}"
            return shared["MethodNotAllowed"]
        responses = item[method]["responses"]
        assert str(status) in responses, f"docs/openapi.yaml knows no {status} for {method} {path}"
        return self._resolve(responses[str(status)])

    def check(self, answer):
        """Asserts that the answer (its body read) is one that the reference allows here."""
        request = answer.request
        where = f"{request.method} {request.url.path} -> {answer.status_code}: {answer.text[:1500]}"
        try:
            self.check_common(answer)
            if request.method == "OPTIONS":
                assert answer.status_code == 200 and answer.content == b"", "a preflight is 200 and empty"
                return
            path = request.url.raw_path.decode().partition("?")[0]
            response = self.response(request.method, path, answer.status_code)
            self.check_headers(answer, response)
            self._check_body(answer, response)
        except AssertionError as problem:
            raise AssertionError(f"{problem}\n{where}") from None

    def check_common(self, answer):
        sent = answer.request.headers.get("x-request-id", "")
        given = answer.headers.get("x-request-id", "")
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", given), f"X-Request-Id is {given!r}"
        if re.fullmatch(r"[A-Za-z0-9._-]{1,128}", sent):
            assert given == sent, "X-Request-Id is echoed"
        assert "origin" in answer.headers.get("vary", "").lower(), "Vary: Origin"

    def check_headers(self, answer, response):
        for name, header in response.get("headers", {}).items():
            header = self._resolve(header)
            value = answer.headers.get(name)
            if value is None:
                assert not header.get("required"), f"the header {name} is missing"
            elif "schema" in header:
                try:
                    self.conforms(value, header["schema"])
                except AssertionError as problem:
                    raise AssertionError(f"header {name}: {problem}") from None

    def _check_body(self, answer, response):
        content = response.get("content", {})
        if answer.request.method == "HEAD" or not content:
            assert answer.content == b"", "there is no body here"
            return
        actual = answer.headers.get("content-type", "")
        media = next((media for media in content if self._is_media(actual, media)), None)
        assert media, f"Content-Type is {actual!r}, not one of {list(content)}"
        if media == "application/json":
            value = answer.json()
            self.conforms(value, content[media]["schema"])
            if answer.status_code >= 400:
                assert value["error"]["request_id"] == answer.headers["x-request-id"], "error.request_id"
        elif media.startswith("text/plain"):
            self.conforms(answer.text, content[media]["schema"])

    @staticmethod
    def _is_media(actual, media):
        plain = actual.replace(" ", "").lower()
        return media == "*/*" or plain == media.replace(" ", "") or plain.split(";")[0] == media


CONTRACT = Contract(ROOT / "docs" / "openapi.yaml")
