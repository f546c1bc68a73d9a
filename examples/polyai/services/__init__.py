"""CxOneClient for a PolyAI project: signals a NICE CXone contact through Baton, and says how that ended.

    cxone = CxOneClient(conv)
    call = cxone.register_call(conv.callee_number, conv.sip_headers)
    ending = cxone.signal(call["contactId"], {"p1": "Escalate"})

It needs the API integration `baton` of config/api_integrations.yaml, and Python's standard library.
"""

import json
import queue
import threading
import time
from dataclasses import dataclass

# PolyAI ends a function after 10 seconds. Two of them are for starting it and for what it does besides.
LIMIT_S = 8.0
# How long Baton is asked to wait for a handoff's end, at most; then it is asked again, under the same key.
WAIT_S = 3
# An answer without a wait takes milliseconds, and 503 comes within a second.
ANSWER_S = 1.5
# Baton says so in each 503: Redis is mostly back after a restart or a failover.
PAUSE_S = 1.0


@dataclass(frozen=True)
class Ending:
    """How a handoff stands when the caller has to hear something.

    delivered     CXone took the signal; it does not say whether a Studio script acts on it
    pending       accepted, not ended: Baton goes on until the connector's deadline
    rejected, expired, exhausted, unknown, credentials, configuration, cancelled
                  ended without CXone taking the signal: Baton's own words
    busy          refused, because it would not be sent in time (429)
    unavailable   refused, because Baton's queue is away (503); it is never delivered
    unanswered    no answer came back; it may have been accepted
    refused       Baton does not take this project's request: token, pseudo number, parameters
    no-contact    the call names no CXone contact
    """

    kind: str
    may_have_arrived: bool = False
    handoff_id: str = ""
    detail: str = ""


class NotRegistered(Exception):
    """Raised where a call is not known to Baton; `ending` says why."""

    def __init__(self, ending):
        super().__init__(ending.kind)
        self.ending = ending


class CxOneClient:
    """Signals through Baton, never longer than `limit_s` seconds from its making, whatever Baton or the network does.

    A conversation has one handoff at a time. Its key and body are kept in `conv.state`, so that asking again, now or in a later
    turn, never makes a second one while the first may have arrived.
    """

    def __init__(self, conv, limit_s=LIMIT_S):
        self._conv = conv
        self._ends_at = time.monotonic() + limit_s

    def register_call(self, pseudo_number, sip_headers):
        """Gives Baton's record of this call, `contactId` in it. Raises NotRegistered. Asks once in a conversation."""
        state = self._conv.state
        if state.get("baton_call"):
            return json.loads(state["baton_call"])
        headers = {name: value for name, value in (sip_headers or {}).items() if name.lower().startswith("x-")}
        body = {"pseudoNumber": pseudo_number, "sipHeaders": headers, "sharedId": self._conv.id}
        status, answer = self._repeat(lambda: self._post("register_call", ANSWER_S, json=body))
        if status is None:
            raise NotRegistered(Ending("unavailable", detail="Baton did not answer"))
        if status != 201:
            raise NotRegistered(_refusal(status, answer))
        if "contactId" not in answer:
            raise NotRegistered(Ending("no-contact", detail="no SIP header of the call holds a contact id"))
        state["baton_call"] = json.dumps(answer)
        return answer

    def signal(self, contact_id, params=None, context=None):
        """Hands off the contact with p1 to p9, and gives the Ending. `context` is for the agent's screen, never for CXone."""
        body = {"contactId": contact_id, "params": params or {}, "context": context or {}, "sharedId": self._conv.id}
        key, body = self._intent(body)
        while True:
            status, answer = self._send(key, body)
            ending = self._weigh(_ending(status, answer))
            pause = 0.0 if status == 202 else PAUSE_S
            if ending.kind not in ("pending", "unavailable", "unanswered") or self._left() < pause + 1 + ANSWER_S:
                return self._settle(ending)
            time.sleep(pause)

    def _send(self, key, body):
        wait_s = max(0, min(WAIT_S, int(self._left() - ANSWER_S)))
        headers = {"Idempotency-Key": key}
        if wait_s > 0:
            headers["Prefer"] = f"wait={wait_s}"
        return self._post("send_handoff", wait_s + ANSWER_S, json=body, headers=headers)

    def _intent(self, body):
        """The handoff that this conversation is about: the one that was begun, or this new one."""
        state = self._conv.state
        if not state.get("baton_handoff"):
            state["baton_round"] = (state.get("baton_round") or 0) + 1
            state["baton_handoff"] = json.dumps(body)
        return f"{self._conv.id}-{state['baton_round']}", json.loads(state["baton_handoff"])

    def _weigh(self, ending):
        """A refusal that never looked at the key does not undo what arrived before, or may have."""
        state = self._conv.state
        before = state.get("baton_ending")
        # Baton looks for the key first, so what it refuses as too many was not accepted before.
        if before == "unanswered" and ending.kind == "busy":
            before = None
        if before and ending.kind in ("unavailable", "refused", "busy", "unanswered"):
            holds = before == "delivered" or (before, ending.kind) == ("pending", "unavailable")
            return Ending(before if holds else "unanswered", True, detail=ending.detail)
        state["baton_ending"] = ending.kind if ending.may_have_arrived else None
        return ending

    def _settle(self, ending):
        """Only what has ended and surely never arrived makes room for another handoff."""
        over = ending.kind in ("rejected", "expired", "exhausted", "credentials", "configuration", "cancelled", "refused")
        if over and not ending.may_have_arrived:
            self._conv.state["baton_handoff"] = None
        log = self._conv.log.info if ending.kind in ("delivered", "pending") else self._conv.log.error
        log("Baton: " + ending.kind, handoff=ending.handoff_id, detail=ending.detail, may_have_arrived=ending.may_have_arrived)
        return ending

    def _repeat(self, post):
        while True:
            status, answer = post()
            if status not in (None, 503) or self._left() < PAUSE_S + ANSWER_S + WAIT_S:
                return status, answer
            time.sleep(PAUSE_S)

    def _post(self, operation, limit_s, **arguments):
        """The answer's status and JSON, or (None, None) where none came in time.

        PolyAI documents no time limit for conv.api, so another thread waits for it; what comes too late is dropped.
        """
        answers = queue.SimpleQueue()
        call = getattr(self._conv.api.baton, operation)

        def ask():
            try:
                response = call(**arguments)
                answers.put((response.status_code, _json(response)))
            except Exception as error:
                self._conv.log.warning("Baton did not answer", operation=operation, error=type(error).__name__)
                answers.put((None, None))

        threading.Thread(target=ask, daemon=True).start()
        try:
            return answers.get(timeout=max(0.0, min(limit_s, self._left())))
        except queue.Empty:
            return None, None

    def _left(self):
        return self._ends_at - time.monotonic()


def _json(response):
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _ending(status, answer):
    if status not in (200, 202):
        return _refusal(status, answer)
    arrived, handoff_id = bool(answer.get("mayHaveArrived")), answer.get("id", "")
    if answer.get("status") == "delivered":
        return Ending("delivered", True, handoff_id)
    if answer.get("status") in ("queued", "sending"):
        return Ending("pending", True, handoff_id, answer.get("waitingFor") or "")
    if answer.get("status") == "dead":
        return Ending(answer.get("reason", "unknown"), arrived, handoff_id, _last_detail(answer))
    if answer.get("status") in ("cancelled", "discarded"):
        return Ending("cancelled", arrived, handoff_id)
    return Ending("unanswered", True, handoff_id, "the answer is not Baton's")


def _refusal(status, answer):
    if status is None or status >= 500 and status != 503:
        return Ending("unanswered", True, detail="" if status is None else f"HTTP {status}")
    kind = {429: "busy", 503: "unavailable"}.get(status, "refused")
    return Ending(kind, False, detail=f"HTTP {status} {answer.get('detail', '')}".strip())


def _last_detail(handoff):
    attempts = handoff.get("attempts") or [{}]
    return attempts[-1].get("detail") or attempts[-1].get("outcome") or ""
