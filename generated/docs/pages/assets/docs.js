// What the theme makes while a page is read: a screen reader needs to tell it apart, a keyboard to reach it.
(() => {
  const mend = () => {
    document.querySelectorAll(".md-code__nav").forEach((bar, index) => {
      if (!bar.ariaLabel) bar.ariaLabel = `Code ${index + 1}`;
    });
    for (const wide of document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])")) wide.tabIndex = 0;
  };
  new MutationObserver(mend).observe(document, { childList: true, subtree: true });
})();
