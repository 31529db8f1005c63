// The request, by OpenAPI's styles: {url, headers, body}, and the parts of a form or the content of a file.
import { file, parts, UNKNOWN } from "./parts.js";
import { line, plain } from "./values.js";

export const escaped = (value) => encodeURIComponent(plain(value)).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
function query(p, value) {
  if (value === null) return [];
  const name = escaped(p.wire);
  const between = { spaceDelimited: "%20", pipeDelimited: "%7C" }[p.style] ?? ",";
  if (Array.isArray(value)) return p.explode ? value.map((item) => `${name}=${escaped(item)}`) : [`${name}=${value.map(escaped).join(between)}`];
  if (typeof value !== "object") return [`${name}=${escaped(value)}`];
  const pairs = Object.entries(value).filter(([, item]) => item !== null);
  if (p.style === "deepObject") return pairs.map(([key, item]) => `${name}%5B${escaped(key)}%5D=${escaped(item)}`);
  if (p.explode) return pairs.map(([key, item]) => `${escaped(key)}=${escaped(item)}`);
  return [`${name}=${pairs.flat().map(escaped).join(between)}`];
}
function simple(p, value, write) {
  if (Array.isArray(value)) return value.map(write).join(",");
  if (value === null || typeof value !== "object") return write(value);
  return Object.entries(value).map(([key, item]) => write(key) + (p.explode ? "=" : ",") + write(item)).join(",");
}
export function request(data, args, base) {
  const events = data.stream && args[data.stream[0]] === true;
  const headers = data.headers.map(([name, value]) => [name, events && name === "Accept" ? data.stream[1] : value]);
  const pieces = [];
  const fields = {};
  const sent = [];
  let path = data.path;
  let whole;
  let given = false;
  for (const p of data.parameters) {
    if (!Object.hasOwn(args, p.name)) continue;
    const value = args[p.name];
    if (p.in === "path") path = path.replaceAll(`{${p.wire}}`, () => simple(p, value, escaped));
    else if (p.in === "query") pieces.push(...query(p, value));
    else if (p.in === "header") {
      const text = p.encoding === "wait" ? `wait=${plain(value)}` : p.encoding === "duration" && typeof value !== "string" ? `${plain(value)}s` : simple(p, value, plain);
      if (value !== null) headers.push([p.wire, text]);
    } else {
      given = true;
      if (p.in === "body") whole = value;
      else if (!p.rest) sent.push([p, value]);
      else for (const [key, item] of Object.entries(value ?? {})) sent.push([{ ...p, wire: key }, item]);
    }
  }
  for (const [p, value] of sent) Object.defineProperty(fields, p.wire, { value, enumerable: true, configurable: true });
  let body;
  let form;
  let content;
  if (data.body && (given || data.body.required)) {
    const value = data.body.flattened ? fields : (whole ?? null);
    if (data.body.kind === "multipart") form = parts(sent, data.body.flattened ? null : whole);
    else if (data.body.kind === "binary") content = file(plain(value ?? ""));
    else if (data.body.kind === "json") body = line(value);
    else if (data.body.kind === "text") body = plain(value ?? "");
    else body = Object.entries(value ?? {}).map(([key, item]) => `${escaped(key)}=${escaped(item)}`).join("&");
    // Of what may be any file, its own type decides.
    if (!form) headers.push(["Content-Type", content && data.body.media.endsWith("/*") ? content.media || UNKNOWN : data.body.media]);
  }
  const [front, first] = base.split("?");
  const parameters = [first, ...pieces].filter(Boolean).join("&");
  return { url: front.replace(/\/+$/, "") + path + (parameters ? `?${parameters}` : ""), headers, body, form, content };
}
