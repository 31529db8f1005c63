// How a value stands in a path, a query, a header, a cookie or a form: OpenAPI's styles, by RFC 6570. As the clients have it.
import { json, plain } from "./values.js";

const FIRST = { label: ".", matrix: ";" };
const BETWEEN = { spaceDelimited: "%20", pipeDelimited: "%7C", tabDelimited: "%09" };
const NAMELESS = ["simple", "label", "querystring"];
const QUERY = ":/?@!$'()*+,;=";
const KEPT = { path: ":@!$&'()*+,;=", cookie: ":/?#[]@!$&'()*+=" };
const TRIPLE = /(%[0-9A-Fa-f]{2})/;
const COOKIE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/; // RFC 6265

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const present = (items) => items.filter((item) => item !== null);
export const isJson = (media) => /(?:\/|\+)json$/i.test(media.split(";")[0].trim());
export const isForm = (media) => media.split(";")[0].trim().toLowerCase() === "application/x-www-form-urlencoded";
export const escaped = (text) => encodeURIComponent(plain(text)).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function written(p, value) {
  const text = plain(value);
  if (p.style === "cookie") {
    if (!COOKIE.test(text)) throw new Error(`${p.name}: a cookie takes printable ASCII characters other than blanks, quotes, commas, semicolons and backslashes`);
    return text;
  }
  if (!p.reserved) return escaped(text);
  const kept = KEPT[p.in] ?? QUERY;
  const quoted = (piece) => [...piece].map((char) => (kept.includes(char) ? char : escaped(char))).join("");
  return text.split(TRIPLE).map((piece, n) => (n % 2 ? piece : quoted(piece))).join("");
}
function named(p, text) {
  const name = escaped(p.wire);
  return !text && p.style === "matrix" ? name : `${name}=${text}`;
}
function deep(p, name, value) {
  if (Array.isArray(value)) {
    return present(value).flatMap((item, n) => {
      const brackets = p.arrayFormat || (item !== null && typeof item === "object");
      return deep(p, brackets ? `${name}%5B${p.arrayFormat === "indices" ? n : ""}%5D` : name, item);
    });
  }
  if (isObject(value)) return Object.entries(value).flatMap(([key, item]) => deep(p, `${name}%5B${written(p, key)}%5D`, item));
  return value === null ? [] : [`${name}=${written(p, value)}`];
}
// The pieces of a path, query, cookie or form parameter, escaped, for the place to join; none for what is not sent.
export function pieces(p, value) {
  const hasName = (p.style || p.in !== "path") && !NAMELESS.includes(p.style);
  const withName = (text) => (hasName ? named(p, text) : text);
  if (p.media) {
    const text = content(p, value);
    return [withName(p.style === "querystring" && isForm(p.media[1]) && isObject(value) ? text : escaped(text))];
  }
  if (value === null && ["query", "cookie"].includes(p.in)) return [];
  if (isObject(value) && p.in === "field" && !p.style) return [named(p, written(p, value))];
  if (p.style === "deepObject" && value !== null && typeof value === "object") return deep(p, escaped(p.wire), value);
  let items;
  if (isObject(value)) {
    const pairs = Object.entries(value).filter(([, item]) => item !== null).map((pair) => pair.map((each) => written(p, each)));
    if (p.explode) return pairs.map(([key, text]) => `${key}=${text}`);
    items = pairs.flat();
  } else if (Array.isArray(value)) {
    items = present(value).map((item) => written(p, item));
    if (p.explode) return items.map(withName);
  } else items = [written(p, value)];
  return items.length ? [withName(items.join(BETWEEN[p.style] ?? ","))] : [];
}
export function path(p, value) {
  const first = FIRST[p.style] ?? "";
  const text = pieces(p, value).join(first || ",");
  return text && first + text;
}
export function header(p, value) {
  if (p.media) return content(p, value);
  if (isObject(value)) return Object.entries(value).filter(([, item]) => item !== null).map(([key, item]) => `${key}${p.explode ? "=" : ","}${plain(item)}`).join(",");
  return Array.isArray(value) ? present(value).map(plain).join(",") : plain(value);
}
// The text of a value that a media type describes, of which `p.media` has that of a text and that of anything else.
function content(p, value) {
  const media = p.media[typeof value === "string" ? 0 : 1];
  if (isForm(media) && isObject(value)) return urlencoded(value);
  return typeof value === "string" && !isJson(media) ? value : json(value);
}
export function urlencoded(value) {
  const pairs = Object.entries(value).flatMap(([key, given]) => (Array.isArray(given) ? given : [given]).map((item) => [key, item]));
  return pairs.filter(([, item]) => item !== null).map((pair) => pair.map(escaped).join("=")).join("&").replaceAll("%20", "+");
}
// The names and texts of the parts that a field with a style is, in which nothing is escaped.
export function styledParts(p, value) {
  return pieces(p, value).map((piece) => {
    const at = piece.indexOf("=");
    return (at < 0 ? [piece, ""] : [piece.slice(0, at), piece.slice(at + 1)]).map(decodeURIComponent);
  });
}
