"""Runs one function of examples/polyai as PolyAI's runtime would, as far as PolyAI documents it: `conv`, `conv.api` and
`_gen`.

Reads a JSON object from stdin: {baseUrl, token, reason, pseudoNumber, sipHeaders, conversationId, state}. Writes
another to
stdout: {returned, state, log, limitS}. conv.api has no time limit, because PolyAI documents none. A folder as its
argument has the wheel installed, and that is used in the place of `services`.
"""

import importlib
import json
import pathlib
import re
import sys
import types
import urllib.error
import urllib.request

EXAMPLE = pathlib.Path(__file__).parents[2] / "examples" / "polyai"


class State(dict):
    """A dict whose missing members read as None where they are asked for as attributes."""

    def __getattr__(self, name):
        return self.get(name)

    def __setattr__(self, name, value):
        self[name] = value


class Log:
    def __init__(self, lines):
        self._lines = lines

    def __getattr__(self, level):
        return lambda message, **facts: self._lines.append({"level": level, "message": message, **facts})


class Response:
    """The members of requests.Response that PolyAI's pages name."""

    def __init__(self, status_code, text):
        self.status_code = status_code
        self.text = text

    def json(self):
        return json.loads(self.text)


def operations(base_url, token):
    """conv.api.baton, from the configuration that a project would have."""
    text = (EXAMPLE / "config" / "api_integrations.yaml").read_text()
    found = re.findall(r"- name: (\w+)\n +method: (\w+)\n +resource: (\S+)", text)
    return types.SimpleNamespace(**{name: operation(method, base_url + path, token) for name, method, path in found})


def operation(method, url, token):
    def call(json=None, headers=None):
        sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(url, dump(json), sent, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return Response(answer.status, answer.read().decode())
        except urllib.error.HTTPError as refusal:
            return Response(refusal.code, refusal.read().decode())

    return call


def dump(value):
    return json.dumps(value).encode()


def undecorated(*_):
    return lambda function: function


def main():
    given = json.load(sys.stdin)
    log = []
    conv = types.SimpleNamespace(
        id=given["conversationId"],
        callee_number=given["pseudoNumber"],
        sip_headers=given["sipHeaders"],
        state=State(given["state"]),
        log=Log(log),
        api=types.SimpleNamespace(baton=operations(given["baseUrl"], given["token"])),
    )
    generated = types.ModuleType("_gen")
    generated.Conversation, generated.func_description, generated.func_parameter = object, undecorated, undecorated
    sys.modules["_gen"] = generated
    sys.dont_write_bytecode = True
    sys.path[:0] = [str(EXAMPLE), str(EXAMPLE / "functions")]
    if len(sys.argv) > 1:
        sys.path.insert(0, sys.argv[1])
        sys.modules["services"] = importlib.import_module("baton_polyai")
    from hand_off import hand_off
    from services import LIMIT_S

    returned = hand_off(conv, given["reason"])
    print(json.dumps({"returned": returned, "state": conv.state, "log": log, "limitS": LIMIT_S}), flush=True)


main()
