// The text of every tab, of what is typed.
import { base64, bytes } from "./parts.js";
import { request } from "./request.js";
import { escaped } from "./styles.js";
import { json, line, lua, python, shell } from "./values.js";

const wrapped = (parts) => {
  const flat = parts.join(" ");
  return flat.length <= 88 && !flat.includes("\n") ? flat : parts.join(" \\\n  ");
};

export function spelled(data, args, base) {
  const given = data.parameters.filter((p) => Object.hasOwn(args, p.name)).map((p) => [p, args[p.name]]);
  const passed = given.map(([p, value]) => `${p.keyword}=${python(value)}`);
  const flat = `${data.python.call}${passed.join(", ")})`;
  const call = flat.length <= data.python.width ? flat : `${data.python.call}\n${passed.map((each) => `    ${each},\n`).join("")})`;
  const around = (surface, text) => data.around[surface][0] + text + data.around[surface][1];
  const named = Object.fromEntries(given.map(([p, value]) => [p.name, value]));
  return {
    Python: around("Python", call),
    "Python async": around("Python async", call.replaceAll("\n", "\n        ")),
    CLI: command(data, given),
    MCP: json({ name: data.name, arguments: named }, 2),
    Lua: around("Lua", `${data.lua}(${lua(named, data.luaReserved)})`),
    curl: curl(data, args, base),
  };
}
function command(data, given) {
  const left = new Map(given.map(([p, value]) => [p.name, [p, value]]));
  const isJson = (text) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const flag = (p, value) => (typeof value !== "string" ? line(value) : p.kind === "any" && isJson(value) ? json(value) : value.startsWith("@") ? `@${value}` : value);
  const parts = [data.command];
  places: for (const place of data.places) {
    let word = "";
    for (const [name, separator] of place) {
      const [p, value] = left.get(name) ?? [];
      if (!p || value === null || typeof value === "object") break places;
      const text = flag(p, value);
      if (!text || (separator && text.includes(separator))) break places;
      word += text + separator;
    }
    if (word.startsWith("-") || word.length > 200) break;
    for (const [name] of place) left.delete(name);
    parts[0] += ` ${shell(word)}`;
  }
  for (const [p, value] of left.values()) {
    if (typeof value === "boolean") parts.push(value ? `--${p.flag}` : `--no-${p.flag}`);
    else parts.push(`--${p.flag} ${shell(flag(p, value))}`);
  }
  if (data.yes) parts.push("--yes");
  return wrapped(parts);
}
// How a file comes through a pipe, which curl reads.
function pipe(content) {
  if (content.text !== undefined) return `printf %s ${shell(content.text)} | `;
  return `printf %s ${shell(content.base64 ?? base64(content.bytes))} | base64 --decode | `;
}
const inQuotes = (text) => text.replace(/[\\"]/g, "\\$&");
const BOUNDARY = "b0undary";
// What is piped in and the options that send a form. A pipe is one file, and the name of an option ends at its first `=`.
function curlForm(form, about) {
  if (!about.named || !form.length || form.filter((part) => part.content).length > 1 || form.some((part) => part.name.includes("="))) {
    const typed = shell(`Content-Type: ${about.named ? "multipart/form-data" : about.media}; boundary=${BOUNDARY}`);
    return [`printf %s ${base64(bytes(form, BOUNDARY, about.named))} | base64 --decode | `, [`--header ${typed}`, "--data-binary @-"]];
  }
  let piped = "";
  const options = form.map((part) => {
    const more = part.headers.map(([name, value]) => `;headers="${inQuotes(`${name}: ${value}`)}"`).join("");
    if (part.content) {
      piped = pipe(part.content);
      return `--form ${shell(`${part.name}=@-;filename="${inQuotes(part.filename)}";type=${part.media}${more}`)}`;
    }
    if (part.plain && ["", "text/plain"].includes(part.media) && !more) return `--form-string ${shell(`${part.name}=${part.text}`)}`;
    return `--form ${shell(`${part.name}="${inQuotes(part.text)}"${part.media && `;type=${part.media}`}${more}`)}`;
  });
  return [piped, options];
}
function curl(data, args, base) {
  const { url, headers, cookies, type, body, sequence, form, content } = request(data, args, base);
  const parts = ["curl --silent --show-error --fail-with-body", data.method === "HEAD" ? "--head" : `--request ${shell(data.method)}`];
  for (const { kind, in: place, name, prefix, variables } of data.credentials) {
    if (kind === "mutualTLS") parts.push(`--cert "$${variables.certificate}"`, `--key "$${variables.key}"`);
    else if (kind === "basic" || kind === "digest") parts.push(`${kind === "digest" ? "--digest " : ""}--user "$${variables.username}:$${variables.password}"`);
    else if (place === "query") parts.push(`--url-query ${shell(`${escaped(name)}=`)}"$${variables.token}"`);
    else if (place === "cookie") parts.push(`--cookie ${shell(`${name}=`)}"$${variables.token}"`);
    else parts.push(prefix ? `--header "${name}: ${prefix} $${variables.token}"` : `--header ${shell(`${name}: `)}"$${variables.token}"`);
  }
  for (const [name, value] of headers) parts.push(`--header ${shell(`${name}: ${value}`)}`);
  if (cookies.length) parts.push(`--cookie ${shell(cookies.join("; "))}`);
  if (type !== undefined) parts.push(`--header ${shell(`Content-Type: ${type}`)}`);
  if (body !== undefined) parts.push(`--data-raw ${shell(body)}`);
  const [piped, options] = form ? curlForm(form, data.body) : content || sequence !== undefined ? [pipe(content ?? { text: sequence }), ["--data-binary @-"]] : ["", []];
  parts.push(...options);
  // Where it is the API's own, the environment may name another, as on the page.
  const means = /^[A-Za-z0-9:/?&=._~%@+,-]*$/;
  const own = base === data.server && data.variable && base ? base.split("?")[0].replace(/\/+$/, "") : "";
  let shown = shell(url);
  if (own && means.test(own)) {
    const rest = url.slice(own.length);
    const variable = `\${${data.variable}:-${own}}`;
    shown = means.test(rest) ? `"${variable}${rest}"` : `"${variable}"${shell(rest)}`;
  }
  parts.push((/[[\]{}]/.test(url) ? "--globoff " : "") + shown);
  return piped + wrapped(parts);
}
