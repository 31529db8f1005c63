// The members of an argument one by one: fields of an object, items of a list, entries of a map. They write the JSON of its
// text field, which is what is sent, and are made anew of what is typed there.
import { input, make, read, row } from "./fields.js";

const button = (text, label, act) => {
  const made = make("button", { type: "button", class: "console-member", "aria-label": label }, text);
  made.addEventListener("click", act);
  return made;
};
let count = 0;

// p: the argument; target: its text field. Nothing is made until it is opened.
export function members(p, target) {
  const panel = make("details", { class: "console-members" }, make("summary", {}, p.within.items ? `Items of ${p.name}` : `Fields of ${p.name}`));
  let editor;
  let own = false;
  const write = () => {
    own = true;
    try {
      const value = editor.value();
      target.setCustomValidity("");
      target.value = value === undefined ? "" : JSON.stringify(value);
    } catch (error) {
      target.setCustomValidity(error.message); // what is in the text field is not what the reader sees here
    }
    target.dispatchEvent(new Event("input", { bubbles: true }));
    own = false;
  };
  const show = () => {
    let value;
    try {
      value = target.value === "" ? undefined : JSON.parse(target.value);
    } catch {
      return; // half of it is typed
    }
    editor = inside(p.within, value, p.name, write);
    panel.replaceChildren(panel.firstElementChild, editor.element);
  };
  panel.addEventListener("toggle", () => panel.open && show());
  panel.addEventListener("input", (event) => event.stopPropagation());
  target.addEventListener("input", () => {
    if (own) return;
    target.setCustomValidity("");
    if (panel.open) show();
  });
  return panel;
}
// An editor is {element, value}: value() is undefined where nothing is typed, and throws a message where that is no value.
function editor(about, value, path, changed) {
  if (about.fields || about.items || about.rest) {
    const within = inside(about, value, path, changed);
    return { element: make("fieldset", { class: "console-group" }, make("legend", {}, make("code", {}, path)), within.element), value: within.value };
  }
  const made = input(about, `console-member-${count++}`, value);
  made.addEventListener("input", changed);
  return { element: row([make("code", {}, path), about.required ? " required" : ""], made), value: () => read({ ...about, name: path }, made.value) };
}
function inside(about, value, path, changed) {
  if (about.items) return list(about.items, Array.isArray(value) ? value : [], path, changed);
  const object = value && typeof value === "object" && !Array.isArray(value) ? value : {};
  return about.rest ? map(about.rest, object, path, changed) : fields(about.fields, object, path, changed);
}
function fields(known, object, path, changed) {
  const names = known.map((each) => each.name);
  const others = Object.entries(object).filter(([name]) => !names.includes(name));
  const editors = known.map((each) => editor(each, own(object, each.name), `${path}.${each.name}`, changed));
  return {
    element: make("div", { class: "console-list" }, ...editors.map((each) => each.element)),
    value: () => entries([...editors.map((each, n) => [names[n], each.value()]), ...others]),
  };
}
function list(about, given, path, changed) {
  const element = make("div", { class: "console-list" });
  let items = [];
  const add = (value) => {
    const item = editor(about, value, `${path}[${items.length}]`, changed);
    const line = make("div", { class: "console-item" }, item.element);
    line.append(button("Remove", `Remove ${path}[${items.length}]`, () => {
      items = items.filter((each) => each !== item);
      line.remove();
      changed();
    }));
    items.push(item);
    more.before(line);
  };
  const more = button("Add", `Add an item to ${path}`, () => add(undefined));
  element.append(more);
  given.forEach(add);
  return { element, value: () => some(items.map((each) => each.value()).filter((each) => each !== undefined)) };
}
function map(about, object, path, changed) {
  const element = make("div", { class: "console-list" });
  let pairs = [];
  const add = (name, value) => {
    const key = input({ kind: "string" }, `console-member-${count++}`, name);
    const item = editor(about, value, `${path}.*`, changed);
    const pair = [key, item];
    key.addEventListener("input", changed);
    const line = make("div", { class: "console-item" }, row(`Name in ${path}`, key), item.element);
    line.append(button("Remove", `Remove an entry of ${path}`, () => {
      pairs = pairs.filter((each) => each !== pair);
      line.remove();
      changed();
    }));
    pairs.push(pair);
    more.before(line);
  };
  const more = button("Add", `Add an entry to ${path}`, () => add("", undefined));
  element.append(more);
  for (const [name, value] of Object.entries(object)) add(name, value);
  return { element, value: () => entries(pairs.filter(([key]) => key.value).map(([key, item]) => [key.value, item.value()])) };
}
const own = (object, name) => (Object.hasOwn(object, name) ? object[name] : undefined);
const some = (items) => (items.length ? items : undefined);
// An object of what is typed: a name such as `__proto__` is a name.
function entries(pairs) {
  const typed = pairs.filter(([, value]) => value !== undefined);
  if (!typed.length) return undefined;
  const found = {};
  for (const [name, value] of typed) Object.defineProperty(found, name, { value, enumerable: true, configurable: true });
  return found;
}
