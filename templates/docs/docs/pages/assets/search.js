// The site's search: loads the few files of the index in search/ that a query needs; indexing.py says what they hold.
(() => {
  const root = new URL("../", document.currentScript.src);
  const SHOWN = 12;
  const files = new Map();
  const load = (name) => {
    if (!files.has(name)) {
      const wanted = fetch(new URL(`search/${name}.json`, root)).then((r) => (r.ok ? r.json() : Promise.reject(r.status)));
      wanted.catch(() => files.delete(name));
      files.set(name, wanted);
    }
    return files.get(name);
  };

  const SKIPPED = new Set("a an and are as at be by do does for from how i if in is it its of on or that the this to what with".split(" "));
  const ENDINGS = [["ing", 4], ["ion", 5], ["ies", 3], ["es", 4], ["ed", 4], ["s", 3], ["e", 4], ["y", 4]];
  const plain = (text) => text.normalize("NFKD").replace(/[^\x00-\x7f]/g, "");
  const fold = (text) => plain(text).toLowerCase().trim().split(/\s+/).join(" ");
  const words = (text) => plain(text).replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const stem = (word) => {
    const found = ENDINGS.find(([end, least]) => word.endsWith(end) && word.length - end.length >= least && !word.endsWith("ss"));
    return found ? word.slice(0, -found[0].length) : word;
  };

  // The terms that begin with a text, at most those of two files: [term, documents and weights].
  async function beginning(start) {
    const { terms } = await load("index");
    let at = 0;
    for (let high = terms.length; at < high; ) {
      const middle = (at + high) >> 1;
      if (terms[middle] <= start) at = middle + 1;
      else high = middle;
    }
    const names = [];
    for (let n = Math.max(0, at - 1); n < terms.length && names.length < 2; n++) {
      if (names.length === 0 || terms[n].startsWith(start)) names.push(`terms-${n}`);
    }
    const found = (await Promise.all(names.map(load))).flatMap((file) => Object.entries(file));
    return found.filter(([term]) => term.startsWith(start));
  }

  const raise = (scores, posting, share) => {
    for (let n = 0; n < posting.length; n += 2) {
      scores.set(posting[n], Math.max(scores.get(posting[n]) ?? 0, posting[n + 1] * share));
    }
  };

  // What a word finds: itself, another form of it, and what begins with it.
  async function matches(word, last) {
    const scores = new Map();
    const root = stem(word);
    for (const [term, posting] of await beginning(last ? word : word.slice(0, 40))) {
      if (term === word) raise(scores, posting, 1);
      else if (last && word.length > 1) raise(scores, posting, 0.4 + (0.4 * word.length) / term.length);
    }
    if (root !== word) for (const [term, posting] of await beginning(root)) if (term === root) raise(scores, posting, 0.9);
    return scores;
  }

  // The numbers of the documents that a query finds, the best first. A name in full goes before its beginning.
  async function find(query) {
    const all = words(query.slice(0, 200));
    const asked = all.filter((word) => !SKIPPED.has(word)).slice(0, 8);
    const total = new Map();
    const used = asked.length ? asked : all.slice(0, 8);
    const found = await Promise.all(used.map((word, n) => matches(word, n === used.length - 1)));
    for (const scores of found) {
      for (const [id, score] of scores) {
        const [sum, count] = total.get(id) ?? [0, 0];
        total.set(id, [sum + score, count + 1]);
      }
    }
    const ranked = new Map([...total].map(([id, [sum, count]]) => [id, sum * (count / used.length) ** 2]));
    const keys = new Set([fold(query), used.join(" "), all.join("")].filter(Boolean).map((key) => `=${key.slice(0, 100)}`));
    for (const key of keys) {
      for (const [term, posting] of await beginning(key)) {
        const scores = new Map();
        raise(scores, posting, term === key ? 50 : key.length < 4 ? 0 : (3 * key.length) / term.length);
        for (const [id, score] of scores) ranked.set(id, Math.max(ranked.get(id) ?? 0, 0) + score);
      }
    }
    return [...ranked].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([id]) => id);
  }

  async function search(query) {
    const { documents } = await load("index");
    const best = (await find(query)).slice(0, SHOWN);
    return Promise.all(best.map(async (id) => (await load(`documents-${Math.floor(id / documents)}`))[id % documents]));
  }

  // An address such as guides/mock/#pets.list leads to the function of that name.
  async function named(name) {
    const key = `=${fold(name)}`;
    const posting = (await beginning(key)).find(([term]) => term === key)?.[1] ?? [];
    const { documents, count } = await load("index");
    for (let n = 0; n < posting.length; n += 2) {
      if (posting[n] >= count) continue;
      const [, href, kind] = (await load(`documents-${Math.floor(posting[n] / documents)}`))[posting[n] % documents];
      if (kind === "function") return new URL(href, root);
    }
  }
  const follow = async () => {
    try {
      const name = decodeURIComponent(location.hash.slice(1));
      if (!name || name.startsWith("__") || document.getElementById(name)) return;
      const page = await named(name);
      if (page) location.replace(page);
    } catch {
      // No name at all, or no index: the page stays as it is.
    }
  };

  const make = (tag, attributes, ...inner) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...inner);
    return made;
  };

  function start() {
    follow();
    addEventListener("hashchange", follow);
    const header = document.querySelector(".md-header__inner");
    if (!header) return;
    const input = make("input", {
      type: "search", role: "combobox", "aria-label": "Search", "aria-expanded": "false", "aria-controls": "search-results",
      "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false", placeholder: "A function, a path, a word …",
    });
    const list = make("ul", { id: "search-results", role: "listbox", "aria-label": "Results" });
    const state = make("p", { role: "status", class: "search-state" });
    const close = make("button", { type: "button", class: "search-close" }, "Close");
    const dialog = make("dialog", { class: "search-dialog", "aria-label": "Search" }, make("div", { class: "search-field" }, input, close), state, list);
    const button = make("button", { type: "button", class: "search-open" }, make("span", {}, "Search"), make("kbd", { "aria-hidden": "true" }, "/"));
    dialog.dataset.query = "";
    header.append(button);
    document.body.append(dialog);

    let chosen = -1;
    let turn = 0;
    const choose = (index) => {
      const options = [...list.children];
      chosen = options.length ? (index + options.length) % options.length : -1;
      options.forEach((option, n) => option.setAttribute("aria-selected", String(n === chosen)));
      if (chosen < 0) return input.removeAttribute("aria-activedescendant");
      input.setAttribute("aria-activedescendant", options[chosen].id);
      options[chosen].scrollIntoView({ block: "nearest" });
    };
    const show = (results, query) => {
      list.replaceChildren(
        ...results.map(([title, href, kind, context], n) =>
          make("li", { id: `search-result-${n}`, role: "option", "data-href": new URL(href, root).href },
            make("span", { class: "search-title" }, title), make("span", { class: "search-kind" }, kind), make("span", { class: "search-context" }, context))),
      );
      input.setAttribute("aria-expanded", String(results.length > 0));
      state.textContent = !query ? "" : results.length ? `${results.length} found` : "Nothing found";
      dialog.dataset.query = query;
      choose(0);
    };
    const go = (option) => {
      if (!option) return;
      dialog.close();
      location.assign(option.dataset.href);
    };
    input.addEventListener("input", async () => {
      const mine = ++turn;
      const query = input.value.trim();
      const results = query ? await search(query).catch(() => null) : [];
      if (mine !== turn) return;
      show(results ?? [], query);
      if (results === null) state.textContent = "The index of the search could not be loaded.";
    });
    input.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) choose(chosen + step);
      else if (event.key === "Enter") go(list.children[chosen]);
      else if (event.key === "Escape") dialog.close(); // which a field of this type would only be emptied by
      else return;
      event.preventDefault();
    });
    list.addEventListener("click", (event) => go(event.target.closest("[data-href]")));
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    close.addEventListener("click", () => dialog.close());
    const open = () => {
      dialog.showModal();
      input.select();
      load("index").catch(() => {});
    };
    button.addEventListener("click", open);
    addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
      // A field that was left by closing the dialog keeps the focus until the page is drawn anew.
      if (!dialog.contains(event.target) && event.target.closest?.("input, textarea, select, [contenteditable]")) return;
      event.preventDefault();
      event.stopPropagation();
      open();
    }, true);
  }
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
