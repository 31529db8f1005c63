// What the base URL may be: the mock's, one of the API's servers with its variables, or any that is typed.
import { make, row } from "./fields.js";

// Rows that fill in `address`, the field of the base URL.
export function servers(data, address) {
  let filling = false;
  const names = ["The mock", ...data.servers.map((each) => (each.title ? `${each.url}: ${each.title}` : each.url)), "Another"];
  const choice = make("select", { id: "console-server" }, ...names.map((name, n) => make("option", { value: n }, name)));
  const variables = make("div", { class: "console-list" });
  const another = String(names.length - 1);
  const chosen = () => data.servers[choice.value - 1];
  const fill = () => {
    const server = chosen();
    const values = new Map([...variables.querySelectorAll("[name]")].map((each) => [each.name, each.value]));
    address.value = server?.template ? server.template.replace(/\{([^{}]*)\}/g, (all, name) => values.get(name) ?? all) : server ? server.url : data.address;
    filling = true;
    address.dispatchEvent(new Event("input", { bubbles: true }));
    filling = false;
  };
  choice.addEventListener("input", (event) => {
    event.stopPropagation();
    variables.replaceChildren(...(chosen()?.variables ?? []).map((each, n) => {
      const id = `console-variable-${n}`;
      const made = each.values.length ? make("select", { id, name: each.name }, ...each.values.map((value) => make("option", { value }, value))) : make("input", { id, name: each.name, autocomplete: "off" });
      made.value = each.default;
      return row(make("code", {}, each.name), made);
    }));
    if (choice.value !== another) fill();
  });
  variables.addEventListener("input", (event) => {
    event.stopPropagation();
    fill();
  });
  address.addEventListener("input", () => {
    if (!filling) choice.value = another;
  });
  return data.servers.length ? [row("Server", choice), variables] : [];
}
