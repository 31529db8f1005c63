// Offers a console on a function's page, and loads it once it is opened: most readers send nothing.
(() => {
  const here = document.currentScript.src;
  const make = (tag, attributes, text) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.textContent = text;
    return made;
  };
  function offer() {
    const heading = document.querySelector("[data-console]");
    if (!heading) return;
    const panel = make("details", { class: "console" }, "");
    panel.append(make("summary", {}, "Try it"));
    panel.addEventListener("toggle", async () => {
      if (!panel.open || panel.childElementCount > 1) return;
      const state = make("p", { role: "status" }, "Loading …");
      panel.append(state);
      try {
        const { start } = await import(new URL("console/form.js", here));
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
