// The form of a console: sends the call of the tabs from the browser, and has the tabs spelled anew of what is typed.
// A token stays in its field: it is never stored and never part of an address. Text of a server is shown as text.
import { chooser, input, make, read, row } from "./fields.js";
import { members } from "./members.js";
import { bytes } from "./parts.js";
import { request } from "./request.js";
import { servers } from "./servers.js";
import { spelled } from "./spelling.js";

const SHOWN = 200_000; // characters of an answer
const SECONDS = 60;
const CURL = "The curl tab has all of it.";

function field(p, value) {
  const made = input(p, `console-${p.name}`, value);
  made.name = p.name;
  const more = [...(p.file && !p.rest ? [chooser(p, made)] : []), ...(p.within ? [members(p, made)] : [])];
  return row([make("code", {}, p.name), p.required ? " required" : ""], made, ...more);
}

export async function start(heading) {
  const data = await (await fetch(new URL(`../../functions/${heading.dataset.console}`, import.meta.url))).json();
  const named = (label, attributes) => {
    const made = make("input", { autocomplete: "off", ...attributes });
    return [row(label, made), made];
  };
  const [addressRow, address] = named("Base URL", { id: "console-base", type: "url", spellcheck: "false" });
  address.value = data.address;
  const carried = data.credentials.filter((each) => each.in === "header" && !["digest", "mutualTLS"].includes(each.kind));
  const tokens = carried.map((each, n) => {
    const basic = each.kind === "basic";
    return named(basic ? "User:password" : carried.length > 1 ? `Token for ${each.name}` : "Token", { id: `console-token-${n}`, type: "password" });
  });
  const rows = data.parameters.map((p) => field(p, data.arguments[p.name]));
  const send = make("button", { type: "submit", class: "console-send" }, "Send");
  send.hidden = Boolean(data.unsendable);
  const copy = make("button", { type: "button", class: "console-member" }, "Copy as curl");
  const status = make("p", { role: "status", class: "console-status" });
  const answer = make("pre", { class: "console-answer", tabindex: "0", role: "region", "aria-label": "Answer" });
  answer.hidden = true;
  const notes = data.unsendable
    ? [`${data.unsendable} ${CURL}`]
    : [`The call goes from this page to the base URL and nowhere else. This one is the mock's, once \`${data.mock}\` runs, which prints a token for it.${data.server ? ` The API's is ${data.server}.` : ""}`];
  const others = data.credentials.filter((each) => !carried.includes(each) && each.in !== "cookie");
  if (others.length && !data.unsendable) notes.push(`One of its credentials is not sent from here: it would be part of the address, or is none that a page can send. ${CURL}`);
  const buttons = make("div", { class: "console-buttons" }, send, copy);
  const form = make("form", { class: "console-form", "aria-label": "Try it" }, ...servers(data, address), addressRow, ...tokens.map(([each]) => each), ...rows, buttons, make("p", {}, notes.join(" ")), status, answer);

  const set = heading.parentElement.querySelector(`#${CSS.escape(heading.id)} ~ .tabbed-set`);
  const tabs = new Map();
  const labels = [...set.querySelectorAll(":scope > .tabbed-labels > label")];
  set.querySelectorAll(":scope > .tabbed-content > .tabbed-block").forEach((block, n) => tabs.set(labels[n].textContent.trim(), block.querySelector("code")));
  const values = () => {
    const found = {};
    data.parameters.forEach((p, n) => {
      const typed = rows[n].querySelector("[name]");
      if (typed.validationMessage) throw new Error(typed.validationMessage);
      const value = read(p, typed.value);
      if (value !== undefined) Object.defineProperty(found, p.name, { value, enumerable: true });
    });
    return found;
  };
  const base = () => {
    const url = URL.canParse(address.value) ? new URL(address.value) : { protocol: "" };
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
  copy.addEventListener("click", async () => {
    if (!update()) return;
    const text = tabs.get("curl")?.innerText.trimEnd() ?? spelled(data, values(), base()).curl;
    await navigator.clipboard.writeText(text).then(
      () => (status.textContent = "Copied."),
      () => (status.textContent = "This page may not write to the clipboard; the tab has the text."),
    );
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (data.unsendable || !update()) return;
    const missing = data.parameters.find((p, n) => p.required && rows[n].querySelector("[name]").value === "");
    if (missing) return void (status.textContent = `${missing.name}: it is required`);
    const withheld = data.parameters.find((p, n) => p.withheld && rows[n].querySelector("[name]").value !== "");
    if (withheld) return void (status.textContent = `${withheld.name}: a browser lets no page set the ${withheld.in} \`${withheld.wire}\`. ${CURL}`);
    const { url, headers, type, body, sequence, form: parts, content } = request(data, values(), base());
    if (["GET", "HEAD"].includes(data.method) && (parts || content || (body ?? sequence) !== undefined)) return void (status.textContent = `No page may send a body with ${data.method}. ${CURL}`);
    const local = ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname);
    if (!local && data.careful.length && !confirm(`This call is ${data.careful.join(" and ")}. Send it?`)) return;
    send.disabled = true;
    answer.hidden = true;
    status.textContent = "Sending …";
    try {
      const sent = new Headers(headers);
      const boundary = [...crypto.getRandomValues(new Uint32Array(4))].join("-");
      if (parts) sent.set("Content-Type", `${data.body.named ? "multipart/form-data" : data.body.media}; boundary=${boundary}`);
      else if (type !== undefined) sent.set("Content-Type", type);
      const whole = parts ? bytes(parts, boundary, data.body.named) : content ? content.bytes : (body ?? sequence);
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
