"""A surface that is a program: a collection of requests as editors read them (`.http`), one for each example.

It knows nothing of surfacegen but the document on its standard input.
"""

import json
import sys
from urllib.parse import quote, urlencode


def plain(value):
    if value is True or value is False:
        return str(value).lower()
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def joined(param, value):
    return ",".join(map(plain, value)) if isinstance(value, list) else plain(value)


def request(function, spelled, example, losses):
    """The lines of one request; None where this format cannot hold it."""
    path, query, headers, fields, whole = function["path"], [], {}, {}, None
    for param in function["params"]:
        name = "_".join(param["words"])
        if name not in example["arguments"]:
            continue
        value, wire = example["arguments"][name], param["wire_name"]
        if param["location"] == "path":
            path = path.replace("{" + wire + "}", quote(joined(param, value), safe=""))
        elif param["location"] == "query":
            many = isinstance(value, list) and param.get("explode", False)
            query += [(wire, plain(item)) for item in value] if many else [(wire, joined(param, value))]
        elif param["location"] == "header":
            headers[wire] = f"wait={value}" if param.get("encoding") == "wait" else joined(param, value)
        elif param["location"] == "field":
            fields[wire] = value
        else:
            whole = value
    body, content = function.get("body"), ""
    if body is not None:
        if body["kind"] not in ("json", "text"):
            losses.append(
                {
                    "pointer": function["place"]["pointer"],
                    "kind": "dropped",
                    "reason": f"{function['name']}: a body of {body['media_type']} does not fit in a text file",
                }
            )
            return None
        if body["flattened"] or whole is not None:
            content = json.dumps(fields if body["flattened"] else whole) if body["kind"] == "json" else whole
            headers["Content-Type"] = body["media_type"]
    if function.get("security"):
        headers["Authorization"] = "Bearer {{token}}"
    lines = [f"### {spelled['camel']}: {example['title']}", f"# @name {function['name']}"]
    lines.append(f"{function['method']} {{{{base_url}}}}{path}" + (f"?{urlencode(query)}" if query else ""))
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\n".join([*lines, "", content, ""])


def main():
    asked = json.load(sys.stdin)
    assert asked["protocol"] == 1, asked["protocol"]
    files, losses = [], []
    for function in asked["api"]["functions"]:
        spelled = asked["names"]["functions"][function["name"]]
        made = [request(function, spelled, example, losses) for example in function.get("examples", ())]
        text = "\n".join(each for each in made if each)
        if text:
            folder = asked["options"].get("folder", "requests")
            files.append({"path": f"{folder}/{spelled['kebab']}.http", "content": text})
    json.dump({"files": files, "losses": losses}, sys.stdout)


main()
