// One request, by the specification of OpenAPI 3.1 alone. Copied as it is.
import http from "node:http";
import https from "node:https";

const encode = (text, also = "") =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => (also.includes(c) ? c : "%" + c.charCodeAt(0).toString(16).toUpperCase()));

/** What a value is in a place that takes text. */
function plain(value) {
  return value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
}

function* pairs(param, value) {
  const name = param.wire;
  if (param.media) yield [name, JSON.stringify(value)];
  else if (Array.isArray(value)) {
    const joined = { spaceDelimited: "%20", pipeDelimited: "%7C" }[param.style] ?? ",";
    if (param.explode) for (const item of value) yield [name, plain(item)];
    else yield [name, value.map((item) => encode(plain(item))).join(joined), true];
  } else if (value !== null && typeof value === "object") {
    for (const [key, item] of Object.entries(value)) {
      if (param.style === "deepObject") yield [`${name}[${key}]`, plain(item)];
      else if (param.explode) yield [key, plain(item)];
    }
    if (param.style !== "deepObject" && !param.explode)
      yield [name, Object.entries(value).flat().map((item) => encode(plain(item))).join(","), true];
  } else yield [name, plain(value)];
}

function simple(param, value) {
  if (param.media) return JSON.stringify(value);
  if (Array.isArray(value)) return value.map(plain).join(",");
  if (value === null || typeof value !== "object") return plain(value);
  return Object.entries(value).map(([key, item]) => key + (param.explode ? "=" : ",") + plain(item)).join(",");
}

/** The bytes and the media type of a file that is given as a data: URL, or as text. */
function file(value) {
  const found = /^data:([^;,]*)(;base64)?,(.*)$/s.exec(value);
  if (!found) return { bytes: Buffer.from(value), type: "application/octet-stream" };
  const bytes = found[2] ? Buffer.from(found[3], "base64") : Buffer.from(decodeURIComponent(found[3]));
  return { bytes, type: found[1] || "text/plain" };
}

function multipart(fields) {
  const boundary = "----surface" + Math.random().toString(36).slice(2);
  const parts = [];
  for (const [param, value] of fields) {
    for (const item of Array.isArray(value) && param.binary ? value : [value]) {
      let head = `--${boundary}\r\nContent-Disposition: form-data; name="${param.wire}"`;
      let bytes;
      if (param.binary) {
        const { bytes: content, type } = file(item);
        head += `; filename="${param.file ?? "file"}"\r\nContent-Type: ${type}`;
        bytes = content;
      } else {
        const structured = item !== null && typeof item === "object";
        if (structured) head += "\r\nContent-Type: application/json";
        bytes = Buffer.from(plain(item));
      }
      parts.push(Buffer.from(head + "\r\n\r\n"), bytes, Buffer.from("\r\n"));
    }
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return { bytes: Buffer.concat(parts), type: `multipart/form-data; boundary=${boundary}` };
}

function body(operation, args) {
  const given = operation.params.filter((param) => ["field", "body"].includes(param.in) && param.name in args);
  const { kind, type, flat, required } = operation.body;
  if (!given.length && (kind !== "json" || !required)) return null;
  if (flat) {
    const fields = given.filter((param) => !param.rest).map((param) => [param, args[param.name]]);
    const rest = given.find((param) => param.rest);
    for (const [wire, value] of Object.entries(rest ? args[rest.name] : {})) fields.push([{ wire }, value]);
    if (kind === "multipart") return multipart(fields);
    if (kind === "form") {
      const text = fields.flatMap(([param, value]) => [...pairs({ explode: true, ...param }, value)]);
      return { bytes: Buffer.from(text.map(([key, value, done]) => `${form(key)}=${done ? value : form(value)}`).join("&")), type };
    }
    return { bytes: Buffer.from(JSON.stringify(Object.fromEntries(fields.map(([p, v]) => [p.wire, v])))), type };
  }
  if (!given.length) return null;
  const value = args[given[0].name];
  if (kind === "json") return { bytes: Buffer.from(JSON.stringify(value)), type };
  if (kind === "binary") return { bytes: file(value).bytes, type };
  return { bytes: Buffer.from(plain(value)), type };
}

const form = (text) => encode(text).replace(/%20/g, "+");

function authorize(client, credentials, operation, headers, query) {
  const needed = operation.security.find((each) => each.length) ?? [];
  for (const scheme of credentials.filter((each) => needed.includes(each.key))) {
    if (!client.token) continue;
    const secret = scheme.kind === "basic" ? Buffer.from(client.token + ":").toString("base64") : client.token;
    const value = (scheme.prefix ? scheme.prefix + " " : "") + secret;
    if (scheme.in === "query") query.push(`${encode(scheme.name)}=${encode(client.token)}`);
    else if (scheme.in === "header") headers[scheme.name] = value;
  }
}

export function send(client, credentials, operation, args) {
  const headers = {};
  const query = [];
  let path = operation.path;
  for (const param of operation.params) {
    if (!(param.name in args)) continue;
    const value = args[param.name];
    if (param.in === "path") path = path.replaceAll(`{${param.wire}}`, simplePath(param, value));
    else if (param.in === "query")
      for (const [key, text, done] of pairs(param, value)) query.push(`${encode(key)}=${done ? text : encode(text)}`);
    else if (param.in === "header") headers[param.wire] = param.encoding === "wait" ? `wait=${value}` : simple(param, value);
  }
  authorize(client, credentials, operation, headers, query);
  const made = operation.body ? body(operation, args) : null;
  if (made) headers["Content-Type"] = made.type;
  if (made) headers["Content-Length"] = made.bytes.length;
  const url = client.baseUrl.replace(/\/$/, "") + path + (query.length ? `?${query.join("&")}` : "");
  return exchange(url, operation, headers, made?.bytes);
}

function simplePath(param, value) {
  if (value === null || typeof value !== "object") return encode(plain(value));
  if (Array.isArray(value)) return value.map((item) => encode(plain(item))).join(",");
  return Object.entries(value).map(([k, v]) => encode(k) + (param.explode ? "=" : ",") + encode(plain(v))).join(",");
}

function exchange(url, operation, headers, bytes) {
  return new Promise((resolve, reject) => {
    const library = url.startsWith("https:") ? https : http;
    const request = library.request(url, { method: operation.method, headers }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const content = Buffer.concat(parts);
        if (response.statusCode >= 400) return reject(new Error(`${response.statusCode}: ${content}`));
        if (!content.length && operation.result !== "binary") return resolve(operation.result === "text" ? "" : null);
        if (operation.result === "json") return resolve(JSON.parse(content));
        if (operation.result === "text") return resolve(content.toString());
        if (operation.result === "empty") return resolve(null);
        const type = response.headers["content-type"];
        resolve({ content_type: type, size: content.length, data: content.toString("base64") });
      });
    });
    request.on("error", reject);
    request.end(bytes);
  });
}
