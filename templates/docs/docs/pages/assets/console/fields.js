// The fields of a form: what a reader types, and what it means as a value.
import { plain } from "./values.js";

const LARGEST = 1_000_000; // bytes of a file, which all tabs show

export const make = (tag, attributes, ...inner) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inner);
  return made;
};
export const row = (label, input, ...more) => make("div", { class: "console-row" }, make("label", { for: input.id }, ...[label].flat()), input, ...more);
const isText = (p) => (p.kind === "string" && !p.values) || p.kind === "binary";

// What a field holds: undefined where it is empty. Throws a message where it cannot be read.
export function read(p, text) {
  if (text === "") return undefined;
  if (isText(p)) return text;
  if (p.kind === "boolean" || p.values) return JSON.parse(text);
  try {
    const value = JSON.parse(text);
    const numeric = p.kind === "integer" || p.kind === "number";
    if (numeric ? typeof value === "number" : true) return value;
  } catch {
    if (p.kind === "any") return text;
  }
  throw new Error(`${p.name}: ${p.kind === "integer" || p.kind === "number" ? "a number is needed" : "JSON is needed"}`);
}
// The input of a value: a choice where it has few values, else a text.
export function input(p, id, value) {
  let made;
  if (p.kind === "boolean" || p.values) {
    const options = p.values ?? [true, false];
    made = make("select", { id }, make("option", { value: "" }, ""), ...options.map((each) => make("option", { value: JSON.stringify(each) }, plain(each))));
  } else if (p.kind === "integer" || p.kind === "number") made = make("input", { id, inputmode: "decimal", autocomplete: "off", placeholder: p.default ?? "" });
  else made = make("textarea", { id, rows: "1", autocomplete: "off", spellcheck: "false", placeholder: p.default ?? ({ string: "", binary: "Text, or a data: URL" }[p.kind] ?? "JSON") });
  made.value = value === undefined ? "" : isText(p) && typeof value === "string" ? value : JSON.stringify(value);
  return made;
}
// Puts what is chosen into the field, as a `data:` URL: a list of them where the argument is one.
export function chooser(p, target) {
  const several = p.kind === "array";
  const chosen = make("input", { type: "file", class: "console-file", "aria-label": `Choose a file for ${p.name}`, ...(several ? { multiple: "" } : {}) });
  chosen.addEventListener("change", async () => {
    const files = [...chosen.files];
    const large = files.reduce((sum, file) => sum + file.size, 0) > LARGEST;
    chosen.setCustomValidity(large ? `At most ${LARGEST.toLocaleString("en")} bytes are sent from a page; the command line takes a file of any size.` : "");
    if (large) return void chosen.reportValidity();
    const urls = await Promise.all(files.map(dataUrl));
    if (!urls.length) return;
    target.value = several ? JSON.stringify(urls) : urls[0];
    const name = chosen.form.elements.namedItem("filename");
    if (name && !several) name.value = files[0].name;
    target.dispatchEvent(new Event("input", { bubbles: true }));
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
