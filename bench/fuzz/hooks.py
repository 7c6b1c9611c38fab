"""Aims what Schemathesis generates at executions that exist, and writes down what came back.

Only what is well-formed is replaced, and not always: the rest stays as it was generated, so that what is
absent, malformed or wrong is sent as well. FUZZ_SUPPLY names the file that says what exists now, FUZZ_SEEN the
file that gets one line of JSON for each answer.
"""

import json
import os
import random
import re

import schemathesis

WELL_FORMED = re.compile(r"wf_[0-9a-z]{26}")

chance = random.Random(int(os.environ["FUZZ_SEED"]))
# Executions that answers have named, and queries that lead to a next page, by operation.
known = set()
pages = {}
seen = open(os.environ["FUZZ_SEEN"], "a", encoding="utf-8")


def supply():
    with open(os.environ["FUZZ_SUPPLY"], encoding="utf-8") as file:
        return json.load(file)


@schemathesis.hook
def before_call(ctx, case, kwargs):
    there = supply()
    execution = aim_path(case, there)
    if is_negative(case):
        return
    tokens = there["tokens"].get(execution, [])
    aim_list(case)
    aim_token(case.query, tokens)
    aim_body(case.body, there, execution, tokens)


def aim_path(case, there):
    """The execution that the request is about, one that exists in four cases of five."""
    parameters = case.path_parameters or {}
    given = parameters.get("id")
    if not isinstance(given, str) or not WELL_FORMED.fullmatch(given):
        return None
    # An id that an earlier answer named stays: it is a step of a longer story.
    if given not in known and chance.random() < 0.8:
        # A signal needs one that there is a token for.
        tokens_only = case.operation.label.endswith("/signal") and there["tokens"]
        parameters["id"] = chance.choice(list(there["tokens"]) if tokens_only else there["executions"])
    return parameters["id"]


def aim_token(holder, tokens):
    if isinstance(holder, dict) and isinstance(holder.get("input"), str) and tokens and chance.random() < 0.7:
        holder["input"] = chance.choice(tokens)


def aim_list(case):
    """A list that there is: the next page of an earlier one, or the first of another."""
    if not isinstance(case.query, dict) or "cursor" not in case.query:
        return
    leading_on = pages.get(case.operation.label)
    if leading_on and chance.random() < 0.5:
        case.query = dict(chance.choice(leading_on))
    else:
        often(lambda: case.query.pop("cursor"))
        if "scope" in case.query and "owner" in case.query:
            often(lambda: case.query.pop(chance.choice(["scope", "owner"])))


def aim_body(body, there, execution, tokens):
    if not isinstance(body, dict):
        return
    aim_token(body, tokens)
    if "specversion" in body and "subject" in body and execution is not None:
        often(lambda: body.update(subject=execution))
    if isinstance(body.get("input"), dict):
        often(lambda: body.update(workflow="default"))
        aim_request(body["input"], there)


def aim_request(wish, there):
    often(lambda: wish.update(role=chance.choice(there["roles"])))
    for field, value in [("provider", "system"), ("duration", "PT30M"), ("reason", "found by a fuzzer")]:
        if field in wish:
            often(lambda: wish.update({field: value}))


def often(change):
    if chance.random() < 0.8:
        change()


def is_negative(case):
    return case.meta is not None and case.meta.generation.mode.is_negative


@schemathesis.hook
def after_call(ctx, case, response):
    known.update(WELL_FORMED.findall(response.text or ""))
    remember_page(case, response)
    line = {
        "operation": case.operation.label,
        "expected": case.method.upper() == case.operation.method.upper(),
        "status": response.status_code,
    }
    seen.write(json.dumps(line) + "\n")
    seen.flush()


def remember_page(case, response):
    if response.status_code != 200 or '"next_cursor"' not in (response.text or ""):
        return
    query = {**(case.query or {}), "cursor": response.json()["next_cursor"]}
    pages.setdefault(case.operation.label, []).append(query)
