// The form of a console: sends the call of the tabs from the browser, and has the tabs spelled anew of what is typed.
// A token stays in its field: it is never stored and never part of an address. Text of a server is shown as text.
import { bytes } from "./parts.js";
import { request } from "./request.js";
import { spelled } from "./spelling.js";
import { plain } from "./values.js";

const SHOWN = 200_000; // characters of an answer
const SECONDS = 60;
const LARGEST = 1_000_000; // bytes of a file, which all tabs show

// What a field holds: undefined where it is empty. Throws a message where it cannot be read.
function read(p, text) {
  if (text === "") return undefined;
  if ((p.kind === "string" && !p.values) || p.kind === "binary") return text;
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
  const shown = value === undefined ? "" : (p.kind === "string" && !p.values) || p.kind === "binary" ? value : JSON.stringify(value);
  let input;
  if (p.kind === "boolean" || p.values) {
    const options = p.values ?? [true, false];
    input = make("select", { id }, make("option", { value: "" }, ""), ...options.map((each) => make("option", { value: JSON.stringify(each) }, plain(each))));
  } else if (p.kind === "integer" || p.kind === "number") input = make("input", { id, inputmode: "decimal", autocomplete: "off", placeholder: p.default ?? "" });
  else input = make("textarea", { id, rows: "1", autocomplete: "off", spellcheck: "false", placeholder: p.default ?? ({ string: "", binary: "Text, or a data: URL" }[p.kind] ?? "JSON") });
  input.value = shown;
  input.name = p.name;
  const label = make("label", { for: id }, make("code", {}, p.name), p.required ? " required" : "");
  return make("div", { class: "console-row" }, label, input, ...(p.file ? [chooser(p, input)] : []));
}
// Puts what is chosen into the field, as a `data:` URL: a list of them where the argument is one.
function chooser(p, input) {
  const several = p.kind === "array";
  const chosen = make("input", { type: "file", class: "console-file", "aria-label": `Choose a file for ${p.name}`, ...(several ? { multiple: "" } : {}) });
  chosen.addEventListener("change", async () => {
    const files = [...chosen.files];
    const large = files.reduce((sum, file) => sum + file.size, 0) > LARGEST;
    chosen.setCustomValidity(large ? `At most ${LARGEST.toLocaleString("en")} bytes are sent from a page; the command line takes a file of any size.` : "");
    if (large) return void chosen.reportValidity();
    const urls = await Promise.all(files.map(dataUrl));
    if (!urls.length) return;
    input.value = several ? JSON.stringify(urls) : urls[0];
    const name = chosen.form.elements.namedItem("filename");
    if (name && !several) name.value = files[0].name;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return chosen;
}
const dataUrl = (file) =>
  new Promise((done, failed) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => done(reader.result));
    reader.addEventListener("error", () => failed(reader.error));
    reader.readAsDataURL(file);
  });

export async function start(heading) {
  const data = await (await fetch(new URL(`../../functions/${heading.dataset.console}`, import.meta.url))).json();
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
      const value = read(p, rows[n].querySelector("[name]").value);
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
    const missing = data.parameters.find((p, n) => p.required && rows[n].querySelector("[name]").value === "");
    if (missing) return void (status.textContent = `${missing.name}: it is required`);
    const { url, headers, body, form: parts, content } = request(data, values(), base());
    const local = ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname);
    if (!local && data.careful.length && !confirm(`This call is ${data.careful.join(" and ")}. Send it?`)) return;
    send.disabled = true;
    answer.hidden = true;
    status.textContent = "Sending …";
    try {
      const sent = new Headers(headers);
      const boundary = [...crypto.getRandomValues(new Uint32Array(4))].join("-");
      if (parts) sent.set("Content-Type", `multipart/form-data; boundary=${boundary}`);
      const whole = parts ? bytes(parts, boundary) : content ? content.bytes : body;
      carried.forEach((each, n) => {
        const secret = tokens[n][1].value;
        if (secret) sent.set(each.name, each.kind === "basic" ? `Basic ${btoa(secret)}` : each.prefix ? `${each.prefix} ${secret}` : secret);
      });
      const response = await fetch(url, { method: data.method, headers: sent, body: whole, redirect: "manual", credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(SECONDS * 1000) });
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
