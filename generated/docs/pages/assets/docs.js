// What the theme makes while a page is read: a screen reader needs to tell it apart, a keyboard to reach it.
(() => {
  const root = new URL("../", document.currentScript.src);
  // Its callback comes after layout, so that the widths are known; also for a block of a tab that was hidden until now.
  const seen = new WeakSet();
  const sizes = new ResizeObserver((entries) => {
    const wide = entries.map(({ target }) => target).filter((code) => code.scrollWidth > code.clientWidth);
    for (const code of wide) code.tabIndex = 0;
  });
  const mend = () => {
    document.querySelectorAll(".md-code__nav").forEach((bar, index) => {
      if (!bar.ariaLabel) bar.ariaLabel = `Code ${index + 1}`;
    });
    // The theme escapes the title twice in this label; the link's text, which a phone does not show, says it once.
    for (const link of document.querySelectorAll(".md-footer__link")) {
      const words = link.querySelector(".md-footer__title")?.textContent.trim().split(/\s+/);
      if (words) link.ariaLabel = words.join(" ");
    }
    for (const wide of document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])")) wide.tabIndex = 0;
    for (const code of document.querySelectorAll("pre > code")) {
      if (!seen.has(code)) sizes.observe(code);
      seen.add(code);
    }
  };
  let waiting = 0;
  const soon = () => {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      mend();
    });
  };
  new MutationObserver((records) => {
    // Another text may be wider in a block that is as large as before; what is observed anew is measured anew.
    for (const code of new Set(records.map(({ target }) => target.closest?.("pre > code")))) {
      if (!code) continue;
      sizes.unobserve(code);
      sizes.observe(code);
    }
    soon();
  }).observe(document, { childList: true, subtree: true });
  addEventListener("load", mend);

  // The versions beside this one, where it is one of several: the same page of another, or its first where it has none.
  async function versions() {
    const header = document.querySelector(".md-header__inner");
    if (!window.siteVersion || !header) return;
    const listed = await fetch(new URL("../versions.json", root), { cache: "no-cache" }).then((r) => r.json());
    const select = document.createElement("select");
    select.className = "site-version";
    select.ariaLabel = "Version";
    for (const name of listed) select.add(new Option(name, name, false, name === window.siteVersion));
    select.addEventListener("change", async () => {
      const other = new URL(`../${encodeURIComponent(select.value)}/`, root);
      const page = new URL(location.pathname.slice(root.pathname.length), other);
      const there = await fetch(page, { method: "HEAD" }).then((r) => r.ok, () => false);
      location.assign(there ? page : other);
    });
    header.append(select);
  }
  const start = () => versions().catch(() => {});
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
