// The request: {url, headers, cookies, type, body}, and the parts of a form or the content of a file.
import { file, parts, UNKNOWN } from "./parts.js";
import { header, path as inPath, pieces } from "./styles.js";
import { line, plain } from "./values.js";

function headerText(p, value) {
  if (p.encoding === "wait") return `wait=${plain(value)}`;
  return p.encoding === "duration" && typeof value !== "string" ? `${plain(value)}s` : header(p, value);
}
export function request(data, args, base) {
  const events = data.stream && args[data.stream[0]] === true;
  const headers = data.headers.map(([name, value]) => [name, events && name === "Accept" ? data.stream[1] : value]);
  const query = [];
  const cookies = [];
  const sent = [];
  let path = data.path;
  let whole;
  let given = false;
  for (const p of data.parameters) {
    if (!Object.hasOwn(args, p.name)) continue;
    const value = args[p.name];
    if (p.in === "path") path = path.replaceAll(`{${p.placeholder}}`, () => inPath(p, value));
    else if (p.in === "query") query.push(...pieces(p, value));
    else if (p.in === "cookie") cookies.push(...pieces(p, value));
    else if (p.in === "header") {
      if (value !== null) headers.push([p.wire, headerText(p, value)]);
    } else {
      given = true;
      if (p.in === "body") whole = [p, value];
      else if (!p.rest) sent.push([p, value]);
      else for (const [key, item] of Object.entries(value ?? {})) sent.push([{ ...p, wire: key }, item]);
    }
  }
  const [front, first] = base.split(/\?(.*)/s);
  const [place, second] = path.split(/\?(.*)/s);
  const parameters = [first, second, ...query].filter(Boolean).join("&");
  const url = front.replace(/\/+$/, "") + place + (parameters ? `?${parameters}` : "");
  const content = data.body && (given || data.body.required) ? body(data.body, sent, whole) : {};
  return { url, headers, cookies, ...content };
}
function body(about, sent, whole) {
  const value = about.flattened ? fields(sent) : (whole?.[1] ?? null);
  const isObject = value && typeof value === "object" && !Array.isArray(value);
  // The properties of a form that is one argument are fields without more about them.
  const each = !about.flattened && isObject ? Object.entries(value).map(([wire, item]) => [{ ...whole[0], wire, in: "field", media: undefined, explode: true }, item]) : whole ? [whole] : sent;
  if (about.kind === "multipart") return { form: parts(about, each, sent) };
  if (about.kind === "form") return { type: about.media, body: each.flatMap(([p, item]) => pieces(p, item)).join("&") };
  if (about.kind === "text") return { type: about.media, body: plain(value ?? "") };
  if (about.kind === "json") {
    // RFC 7464: each text of a sequence begins with a record separator.
    if (about.sequence && Array.isArray(value)) return { type: about.media, sequence: value.map((item) => `${about.sequence === "json-seq" ? "\x1e" : ""}${line(item)}\n`).join("") };
    return { type: about.media, body: line(value) };
  }
  const content = file(plain(value ?? ""));
  // Of what may be any file, its own type decides.
  return { type: about.media.endsWith("/*") ? content.media || UNKNOWN : about.media, content };
}
function fields(sent) {
  const found = {};
  for (const [p, value] of sent) Object.defineProperty(found, p.wire, { value, enumerable: true, configurable: true });
  return found;
}
