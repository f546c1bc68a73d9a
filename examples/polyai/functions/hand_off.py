from _gen import *  # <AUTO GENERATED>
from services import CxOneClient, NotRegistered

# What the caller hears, and what the agent gets for the turn after it. Certain failures offer something else;
# wherever a colleague may yet come on the line, the caller is asked to stay.
SAY = {
    "delivered": (
        "You're being connected to a colleague now. Please stay on the line.",
        "The transfer was accepted. Do not start anything new and do not call hand_off again.",
    ),
    "pending": (
        "I'm still connecting you. Please stay on the line for a moment.",
        "The transfer is under way. Call hand_off again to hear how it went.",
    ),
    "rejected": (
        "I'm sorry, I can't transfer this call. Is there anything else I can do, or would you like our number to call?",
        "The contact centre refused to transfer this call. Do not call hand_off again unless the caller insists.",
    ),
    "expired": (
        "I'm sorry, I couldn't get through to a colleague in time. Shall I try once more?",
        "No transfer took place. If the caller agrees, call hand_off again.",
    ),
    "unknown": (
        "I've asked a colleague to take over, but I have no confirmation yet. Please stay on the line; "
        "if no one answers within a minute, please call us again.",
        "The transfer may or may not have taken place. Never promise another one; calling hand_off again only asks how it went.",
    ),
    "broken": (
        "I'm sorry, I can't transfer calls at the moment. Can I help you myself, or take a message?",
        "Transfers do not work until they are repaired. Do not call hand_off again in this call.",
    ),
    "busy": (
        "I'm sorry, all lines to our colleagues are busy right now. Shall I try again in a minute?",
        "No transfer took place. If the caller agrees, wait a little, then call hand_off again.",
    ),
}

# Baton's other words, by what they mean to a caller.
MEANS = {
    "exhausted": "expired",
    "unavailable": "busy",
    "unanswered": "unknown",
    "credentials": "broken",
    "configuration": "broken",
    "refused": "broken",
    "cancelled": "expired",
    "no-contact": "rejected",
}

# Baton's default of maxParamBytes. What is longer is refused there, never cut; so cut here, on purpose.
PARAM_BYTES = 256


@func_description("Hand the call to a human colleague. First tell the caller that you are connecting them.")
@func_parameter("reason", "Why the caller needs a person, in a few words")
def hand_off(conv: Conversation, reason: str):
    cxone = CxOneClient(conv)
    try:
        call = cxone.register_call(conv.callee_number, conv.sip_headers)
        # Which parameters mean what is agreed with the author of the Studio script.
        ending = cxone.signal(call["contactId"], {"p1": "Escalate", "p2": fit(reason)}, context={"reason": reason})
    except NotRegistered as error:
        ending = error.ending
        conv.log.error("Baton: the call is not registered: " + ending.kind, detail=ending.detail)
    kind = MEANS.get(ending.kind, ending.kind)
    if ending.may_have_arrived and kind not in ("delivered", "pending"):
        kind = "unknown"
    # An answer of ours, and no `handoff`: with `handoff.cxone` PolyAI would signal the contact a second time.
    utterance, content = SAY.get(kind, SAY["unknown"])
    return {"utterance": utterance, "content": content}


def fit(text):
    """Printable, and no longer than a parameter may be."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable.encode("utf-8", "ignore")[:PARAM_BYTES].decode("utf-8", "ignore")
