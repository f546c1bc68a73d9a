"""A program on the generated Python clients: httpx and attrs for the requests, pydantic for the models."""
import os

import httpx
from admin_models import Overview
from baton_admin import AuthenticatedClient as AdminClient
from baton_admin.api.overview import get_overview
from baton_ingress import AuthenticatedClient
from baton_ingress.api.calls import register_call
from baton_ingress.api.handoffs import accept_batch, accept_handoff, cancel_handoff, get_handoff, list_handoffs
from baton_ingress.models import Batch, BatchHandoffOfCall, BatchHandoffToContact, Handoff, HandoffParams, HandoffStatus
from baton_ingress.models import HandoffToContact, NewCall, Problem, SipHeaders
from ingress_models import Handoff as HandoffModel
from ingress_models import NewHandoff, Problem as ProblemModel

baton = AuthenticatedClient(base_url=os.environ["INGRESS_URL"], token=os.environ["TOKEN"])
admin = AdminClient(base_url=os.environ["ADMIN_URL"], token=os.environ["ADMIN_KEY"])


def main() -> None:
    body = HandoffToContact(contact_id="100000000003", params=HandoffParams(p1="Escalate"), shared_id="python")
    sent = accept_handoff.sync_detailed(client=baton, body=body, idempotency_key="python-1", prefer="wait=20")
    handoff = sent.parsed
    assert isinstance(handoff, Handoff) and handoff.status == HandoffStatus.DELIVERED, handoff
    assert sent.headers["Location"] == f"/v1/handoffs/{handoff.id}", sent.headers
    again = accept_handoff.sync_detailed(client=baton, body=body, idempotency_key="python-1")
    assert isinstance(again.parsed, Handoff) and again.parsed.id == handoff.id, again
    assert again.headers["Idempotent-Replayed"] == "true", again.headers

    read = get_handoff.sync(handoff.id, client=baton)
    assert isinstance(read, Handoff) and read.accepted_at == handoff.accepted_at, read
    listed = list_handoffs.sync(client=baton, shared_id="python")
    assert not isinstance(listed, Problem) and listed is not None and listed.items[0].id == handoff.id, listed

    late = cancel_handoff.sync(handoff.id, client=baton)
    assert isinstance(late, Problem) and late.status == 409 and late.handoff_status == HandoffStatus.DELIVERED, late
    wrong = accept_handoff.sync(client=baton, body=HandoffToContact(contact_id="x"))
    assert isinstance(wrong, Problem) and wrong.errors[0].pointer == "/contactId", wrong

    headers = SipHeaders.from_dict({"X-InContact-ContactId": "100000000004"})
    call = register_call.sync(client=baton, body=NewCall(pseudo_number="+15550100100", sip_headers=headers))
    items = [BatchHandoffOfCall(call_id=call.id), BatchHandoffToContact(contact_id="x")]
    batch = accept_batch.sync(client=baton, body=Batch(handoffs=items))
    assert [result.status for result in batch.results] == [202, 422], batch

    overview = get_overview.sync(client=admin)
    assert overview.connectors[0].name == "Tools", overview
    with_models(handoff.id)


def with_models(handoff_id: str) -> None:
    headers = {"authorization": f"Bearer {os.environ['TOKEN']}"}
    answer = httpx.get(f"{os.environ['INGRESS_URL']}/v1/handoffs/{handoff_id}", headers=headers)
    assert HandoffModel.model_validate_json(answer.content).status.value == "delivered", answer.text
    body = NewHandoff.model_validate({"contactId": "100000000003"}).model_dump_json(exclude_none=True)
    json = {**headers, "content-type": "application/json"}
    accepted = httpx.post(f"{os.environ['INGRESS_URL']}/v1/handoffs", content=body, headers=json)
    assert HandoffModel.model_validate_json(accepted.content).contactId == "100000000003", accepted.text
    refused = httpx.post(f"{os.environ['INGRESS_URL']}/v1/handoffs", content="{}", headers=json)
    assert ProblemModel.model_validate_json(refused.content).status == 422, refused.text
    keyed = {"authorization": f"Bearer {os.environ['ADMIN_KEY']}"}
    overview = httpx.get(f"{os.environ['ADMIN_URL']}/admin/v1/overview", headers=keyed)
    assert Overview.model_validate_json(overview.content).paused is False, overview.text


main()
