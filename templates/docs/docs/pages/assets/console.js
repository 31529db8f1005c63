// The console of a function's page: sends the call of the tabs from the browser, and spells the tabs from what is typed.
// A token stays in its field: it is never stored and never part of an address. Text of a server is shown as text.
(() => {
  const here = document.currentScript.src;
  const SHOWN = 200_000; // characters of an answer
  const SECONDS = 60;

  // Values as each language writes them.
  const LUA_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
  const printable = (text) => /^[\x20-\x7e]*$/.test(text);
  const hex = (number, digits) => number.toString(16).padStart(digits, "0");
  const ascii = (json) => json.replace(/[\x7f-\uffff]/g, (c) => `\\u${hex(c.charCodeAt(0), 4)}`);
  const json = (value, indent) => ascii(JSON.stringify(value, null, indent));
  // As Python's json.dumps has it on one line.
  const line = (value) => {
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
  const python = (value) => {
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
  function lua(value, reserved, depth = 0, before = 0) {
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
  const shell = (text) => {
    if (printable(text)) return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
    const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "'": "\\'", "\\": "\\\\", "\0": "" };
    const written = (char) => short[char] ?? (/[\p{C}\p{Zl}\p{Zp}]/u.test(char) ? [...new TextEncoder().encode(char)].map((b) => `\\x${hex(b, 2)}`).join("") : char);
    return /[\t\n\r\p{C}\p{Zl}\p{Zp}]/u.test(text) ? `$'${[...text].map(written).join("")}'` : `'${text.replaceAll("'", `'"'"'`)}'`;
  };
  const wrapped = (parts) => {
    const flat = parts.join(" ");
    return flat.length <= 88 && !flat.includes("\n") ? flat : parts.join(" \\\n  ");
  };

  // The request, by OpenAPI's styles.
  const plain = (value) => (typeof value === "string" ? value : value === null ? "" : JSON.stringify(value));
  const escaped = (value) => encodeURIComponent(plain(value)).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
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
  function request(data, args, base) {
    const headers = data.headers.map(([name, value]) => [name, value]);
    const pieces = [];
    const fields = {};
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
        else if (p.rest) for (const [key, item] of Object.entries(value ?? {})) Object.defineProperty(fields, key, { value: item, enumerable: true });
        else Object.defineProperty(fields, p.wire, { value, enumerable: true });
      }
    }
    let body;
    if (data.body && (given || data.body.required)) {
      const value = data.body.flattened ? fields : (whole ?? null);
      headers.push(["Content-Type", data.body.media]);
      if (data.body.kind === "json") body = line(value);
      else if (data.body.kind === "text") body = plain(value ?? "");
      else body = Object.entries(value ?? {}).map(([key, item]) => `${escaped(key)}=${escaped(item)}`).join("&");
    }
    const [front, first] = base.split("?");
    const parameters = [first, ...pieces].filter(Boolean).join("&");
    return { url: front.replace(/\/+$/, "") + path + (parameters ? `?${parameters}` : ""), headers, body };
  }

  // The text of every tab.
  function spelled(data, args, base) {
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
  function curl(data, args, base) {
    const { url, headers, body } = request(data, args, base);
    const parts = ["curl --silent --show-error --fail-with-body", `--request ${shell(data.method)}`];
    for (const { kind, in: place, name, prefix, variables } of data.credentials) {
      if (kind === "basic" || kind === "digest") parts.push(`${kind === "digest" ? "--digest " : ""}--user "$${variables.username}:$${variables.password}"`);
      else if (place === "query") parts.push(`--url-query ${shell(`${escaped(name)}=`)}"$${variables.token}"`);
      else if (place === "header") parts.push(prefix ? `--header "${name}: ${prefix} $${variables.token}"` : `--header ${shell(`${name}: `)}"$${variables.token}"`);
    }
    for (const [name, value] of headers) parts.push(`--header ${shell(`${name}: ${value}`)}`);
    if (body !== undefined) parts.push(`--data-raw ${shell(body)}`);
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
    return wrapped(parts);
  }

  // What a field holds: undefined where it is empty. Throws a message where it cannot be read.
  function read(p, text) {
    if (text === "") return undefined;
    if (p.kind === "string" && !p.values) return text;
    if (p.kind === "boolean" || p.values) return JSON.parse(text);
    try {
      const value = JSON.parse(text);
      if (p.kind === "any" || p.kind === "object" || p.kind === "array" || typeof value === "number") return value;
    } catch {
      if (p.kind === "any") return text;
    }
    throw new Error(`${p.name}: ${p.kind === "integer" || p.kind === "number" ? "a number is needed" : "JSON is needed"}`);
  }

  const make = (tag, attributes, ...inner) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...inner);
    return made;
  };
  function field(p, value) {
    const id = `console-${p.name}`;
    const shown = value === undefined ? "" : p.kind === "string" && !p.values ? value : JSON.stringify(value);
    let input;
    if (p.kind === "boolean" || p.values) {
      const options = p.values ?? [true, false];
      input = make("select", { id }, make("option", { value: "" }, ""), ...options.map((each) => make("option", { value: JSON.stringify(each) }, plain(each))));
    } else if (p.kind === "integer" || p.kind === "number") input = make("input", { id, inputmode: "decimal", autocomplete: "off", placeholder: p.default ?? "" });
    else input = make("textarea", { id, rows: "1", autocomplete: "off", spellcheck: "false", placeholder: p.default ?? (p.kind === "string" ? "" : "JSON") });
    input.value = shown;
    input.name = p.name;
    const label = make("label", { for: id }, make("code", {}, p.name), p.required ? " required" : "");
    return make("div", { class: "console-row" }, label, input);
  }

  async function start(heading) {
    const data = await (await fetch(new URL(`../functions/${heading.dataset.console}`, here))).json();
    const row = (label, attributes) => {
      const input = make("input", attributes);
      return [make("div", { class: "console-row" }, make("label", { for: attributes.id }, label), input), input];
    };
    const [addressRow, address] = row("Base URL", { id: "console-base", type: "url", autocomplete: "off", spellcheck: "false" });
    address.value = data.address;
    const carried = data.credentials.filter((each) => each.in === "header" && !["digest", "mutualTLS"].includes(each.kind));
    const tokens = carried.map((each, n) => {
      const basic = each.kind === "basic";
      return row(basic ? "User:password" : carried.length > 1 ? `Token for ${each.name}` : "Token", { id: `console-token-${n}`, type: "password", autocomplete: "off" });
    });
    const rows = data.parameters.map((p) => field(p, data.arguments[p.name]));
    const send = make("button", { type: "submit", class: "console-send" }, "Send");
    const status = make("p", { role: "status", class: "console-status" });
    const answer = make("pre", { class: "console-answer", tabindex: "0", role: "region", "aria-label": "Answer" });
    answer.hidden = true;
    const notes = [`The call goes from this page to the base URL and nowhere else. This one is the mock's, once \`${data.mock}\` runs, which prints a token for it.${data.server ? ` The API's is ${data.server}.` : ""}`];
    if (data.credentials.length > carried.length) notes.push("One of its credentials is not sent from here: it would be part of the address, or is none that a page can send.");
    const form = make("form", { class: "console-form", "aria-label": "Try it" }, addressRow, ...tokens.map(([each]) => each), ...rows, send, make("p", {}, notes.join(" ")), status, answer);

    const set = heading.parentElement.querySelector(`#${CSS.escape(heading.id)} ~ .tabbed-set`);
    const tabs = new Map();
    const labels = [...set.querySelectorAll(":scope > .tabbed-labels > label")];
    set.querySelectorAll(":scope > .tabbed-content > .tabbed-block").forEach((block, n) => tabs.set(labels[n].textContent.trim(), block.querySelector("code")));
    const values = () => {
      const found = {};
      data.parameters.forEach((p, n) => {
        const value = read(p, rows[n].querySelector("input, select, textarea").value);
        if (value !== undefined) Object.defineProperty(found, p.name, { value, enumerable: true });
      });
      return found;
    };
    const base = () => {
      const url = new URL(address.value);
      if (!["http:", "https:"].includes(url.protocol) || url.username || url.hash) throw new Error("The base URL is an http or https address without a user name.");
      return address.value.trim();
    };
    const update = () => {
      try {
        const texts = spelled(data, values(), base());
        for (const [surface, code] of tabs) if (code && texts[surface] !== undefined && code.innerText.trimEnd() !== texts[surface]) code.textContent = `${texts[surface]}\n`;
        status.textContent = "";
        return true;
      } catch (error) {
        status.textContent = error.message;
        return false;
      }
    };
    form.addEventListener("input", update);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!update()) return;
      const missing = data.parameters.find((p, n) => p.required && rows[n].querySelector("input, select, textarea").value === "");
      if (missing) return void (status.textContent = `${missing.name}: it is required`);
      const { url, headers, body } = request(data, values(), base());
      const local = ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname);
      if (!local && data.careful.length && !confirm(`This call is ${data.careful.join(" and ")}. Send it?`)) return;
      send.disabled = true;
      answer.hidden = true;
      status.textContent = "Sending …";
      try {
        const sent = new Headers(headers);
        carried.forEach((each, n) => {
          const secret = tokens[n][1].value;
          if (secret) sent.set(each.name, each.kind === "basic" ? `Basic ${btoa(secret)}` : each.prefix ? `${each.prefix} ${secret}` : secret);
        });
        const response = await fetch(url, { method: data.method, headers: sent, body, redirect: "manual", credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(SECONDS * 1000) });
        if (response.type === "opaqueredirect") throw new Error("The server sends the call to another address, which is not followed.");
        const { text, cut } = await bounded(response);
        answer.textContent = pretty(text, cut) || "(no body)";
        answer.hidden = false;
        status.textContent = `${response.status} ${response.statusText}${cut ? `, cut after ${SHOWN.toLocaleString("en")} characters` : ""}`;
      } catch (error) {
        status.textContent = error instanceof TypeError ? "No answer: nothing listens there, or it does not let this page call it (CORS)." : error.message;
      }
      send.disabled = false;
    });
    update();
    return form;
  }
  async function bounded(response) {
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    let text = "";
    while (reader) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
      if (text.length > SHOWN) {
        await reader.cancel();
        return { text: text.slice(0, SHOWN), cut: true };
      }
    }
    return { text, cut: false };
  }
  function pretty(text, cut) {
    if (cut) return text;
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  }

  function offer() {
    const heading = document.querySelector("[data-console]");
    if (!heading) return;
    const panel = make("details", { class: "console" }, make("summary", {}, "Try it"));
    panel.addEventListener("toggle", async () => {
      if (!panel.open || panel.childElementCount > 1) return;
      const state = make("p", { role: "status" }, "Loading …");
      panel.append(state);
      try {
        state.replaceWith(await start(heading));
      } catch (error) {
        state.textContent = "The console could not be loaded.";
      }
    });
    heading.after(panel);
  }
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", offer);
  else offer();
})();
