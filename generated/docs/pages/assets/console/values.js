// Values as each language writes them: what the tabs show is what the page was generated with.
const LUA_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const printable = (text) => /^[\x20-\x7e]*$/.test(text);
const hex = (number, digits) => number.toString(16).padStart(digits, "0");
const ascii = (json) => json.replace(/[\x7f-\uffff]/g, (c) => `\\u${hex(c.charCodeAt(0), 4)}`);
export const json = (value, indent) => ascii(JSON.stringify(value, null, indent));
// As it is, where it is a text, a number or a boolean; else JSON.
export const plain = (value) => (typeof value === "string" ? value : value === null ? "" : json(value));
// As Python's json.dumps has it on one line.
export const line = (value) => {
  if (Array.isArray(value)) return `[${value.map(line).join(", ")}]`;
  if (value && typeof value === "object") return `{${Object.entries(value).map(([k, v]) => `${json(k)}: ${line(v)}`).join(", ")}}`;
  return json(value);
};
const pythonText = (text) => {
  if (printable(text) && !/["\\]/.test(text)) return `"${text}"`;
  const quote = text.split('"').length > text.split("'").length ? "'" : '"';
  const escaped = [...text].map((char) => {
    const code = char.codePointAt(0);
    const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" }[char];
    if (short) return short;
    if (code >= 32 && code < 127) return char === quote ? `\\${char}` : char;
    return code < 256 ? `\\x${hex(code, 2)}` : code < 65536 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  });
  return quote + escaped.join("") + quote;
};
export const python = (value) => {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return pythonText(value);
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([k, v]) => `${pythonText(k)}: ${python(v)}`).join(", ")}}`;
  return String(value);
};
const luaText = (text) => {
  const bytes = (char) => [...new TextEncoder().encode(char)].map((byte) => `\\${String(byte).padStart(3, "0")}`).join("");
  const written = (char) => (/["\\]/.test(char) ? `\\${char}` : char === "\n" ? "\\n" : printable(char) ? char : bytes(char));
  return `"${[...text].map(written).join("")}"`;
};
export function lua(value, reserved, depth = 0, before = 0) {
  const entry = (key, written) => (key === null ? written : LUA_NAME.test(key) && !reserved.includes(key) ? `${key} = ${written}` : `[${luaText(key)}] = ${written}`);
  const entries = (table) => (Array.isArray(table) ? table.map((item) => [null, item]) : Object.entries(table));
  const flat = (item) => {
    if (item === null) return "json.null";
    if (typeof item === "string") return luaText(item);
    if (typeof item !== "object") return String(item);
    const inner = entries(item).map(([key, each]) => entry(key, flat(each)));
    return inner.length ? `{ ${inner.join(", ")} }` : "{}";
  };
  const short = flat(value);
  if (value === null || typeof value !== "object" || short === "{}" || short.length <= 60 - 2 * depth - before) return short;
  const pad = "  ".repeat(depth + 1);
  const lines = entries(value).map(([key, item]) => `${pad}${entry(key, lua(item, reserved, depth + 1, entry(key, "").length + 1))},\n`);
  return `{\n${lines.join("")}${"  ".repeat(depth)}}`;
}
export const shell = (text) => {
  if (printable(text)) return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
  const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "'": "\\'", "\\": "\\\\", "\0": "" };
  const written = (char) => short[char] ?? (/[\p{C}\p{Zl}\p{Zp}]/u.test(char) ? [...new TextEncoder().encode(char)].map((b) => `\\x${hex(b, 2)}`).join("") : char);
  return /[\t\n\r\p{C}\p{Zl}\p{Zp}]/u.test(text) ? `$'${[...text].map(written).join("")}'` : `'${text.replaceAll("'", `'"'"'`)}'`;
};
