// Files, which are text or `data:` URLs in a field, and the parts of a form that holds them (RFC 7578).
import { isForm, styledParts, urlencoded } from "./styles.js";
import { line, plain } from "./values.js";

const DATA = /^data:([^,;]*)((?:;[^,;]*)*?)(;base64)?,([^]*)$/;
const MEDIA = /^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+-]+(?:; *charset=[A-Za-z0-9_-]+)?/;
export const UNKNOWN = "application/octet-stream";

const encoded = (text) => new TextEncoder().encode(text);
// A media type as curl takes it after `type=`: what follows another `;` would be an option of its own.
const media = (written) => written.match(MEDIA)?.[0] ?? "";
export const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

function unquoted(text) {
  const bytes = encoded(text);
  const found = [];
  for (let n = 0; n < bytes.length; n++) {
    const pair = bytes[n] === 37 ? String.fromCharCode(...bytes.subarray(n + 1, n + 3)) : "";
    if (/^[\da-f]{2}$/i.test(pair)) {
      found.push(parseInt(pair, 16));
      n += 2;
    } else found.push(bytes[n]);
  }
  return new Uint8Array(found);
}

// The bytes that a text stands for and the media type that it gives; the text where it is the content itself, or the base64
// that a `data:` URL has.
export function file(text) {
  const [whole, type, , is64, data] = text.match(DATA) ?? [];
  if (whole === undefined) return { text, bytes: encoded(text), media: "" };
  if (!is64) return { bytes: unquoted(data), media: media(type) || "text/plain" };
  try {
    return { bytes: Uint8Array.from(atob(data), (char) => char.charCodeAt(0)), media: media(type), base64: data };
  } catch {
    throw new Error("What follows `;base64,` in a data: URL is not base64.");
  }
}

// What a form consists of: [{name, bytes or text, media, headers, filename}]. Each item of a list is a part.
export function parts(about, given, all) {
  const named = all.find(([p]) => p.name === "filename")?.[1];
  const several = (value) => (Array.isArray(value) ? value : [value]);
  // The items of a list whose parts are told apart by their order, each written as its place says.
  const placed = ([, value]) => several(value).map((item, n) => [about.positions[Math.min(n, about.positions.length - 1)], item]);
  return (about.positions ? given.flatMap(placed) : given).flatMap(([p, value]) => {
    if (p.style) return styledParts(p, value).map(([wire, text]) => part({ ...p, wire, file: undefined }, text, named));
    return (about.positions ? [value] : several(value)).map((item) => part(p, item, named));
  });
}
function part(p, value, filename) {
  const about = { name: p.wire, headers: p.headers ?? [], text: plain(value), plain: typeof value === "string" };
  if (p.file || (typeof value === "string" && (p.fileTexts === "all" || (p.fileTexts && value.startsWith("data:"))))) {
    const content = file(about.text);
    return { ...about, content, media: content.media || (p.file ?? p.part)?.media || UNKNOWN, filename: plain(filename ?? p.wire).replace(/[\r\n]/g, "_") };
  }
  if (value && typeof value === "object") {
    const written = p.part?.structured ?? "";
    if (isForm(written) && !Array.isArray(value)) return { ...about, text: urlencoded(value), media: media(written) };
    return { ...about, text: line(value), media: media(written) || "application/json" };
  }
  return { ...about, text: p.part?.json ? line(value) : about.text, media: media(p.part?.media ?? "") };
}

const inName = (name) => name.replace(/["\r\n]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
// named: whether the parts have names, as those of multipart/form-data have.
export function bytes(all, boundary, named) {
  const pieces = all.flatMap(({ name, filename, media, headers, content, text }) => {
    const about = filename === undefined ? "" : `; filename="${inName(filename)}"`;
    const lines = [`--${boundary}`, ...(named ? [`Content-Disposition: form-data; name="${inName(name)}"${about}`] : [])];
    if (media) lines.push(`Content-Type: ${media}`);
    lines.push(...headers.map(([header, value]) => `${header}: ${value}`), "", "");
    return [encoded(lines.join("\r\n")), content ? content.bytes : encoded(text), encoded("\r\n")];
  });
  pieces.push(encoded(`--${boundary}--\r\n`));
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
