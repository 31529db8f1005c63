// Opens pages in headless Chromium and prints what each is made of: elements with the names of their attributes, outside
// of highlighted code. node dom.mjs BASE CHROMIUM PAGES; PAGES is a JSON list of paths.
import { chromium } from "playwright-core";

const [base, executablePath, paths] = process.argv.slice(2);
const HANGS = 600_000; // milliseconds; it measures nothing, and a machine may have much else to do
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"], timeout: HANGS });
const context = await browser.newContext();
context.setDefaultTimeout(HANGS);
const seen = { pages: {}, outside: [], run: [], errors: [] };
await context.exposeFunction("PWNED", () => seen.run.push("PWNED"));
const page = await context.newPage();
page.on("dialog", (dialog) => dialog.dismiss().then(() => seen.run.push(dialog.message())));
page.on("request", (request) => {
  if (!request.url().startsWith(base) && !request.url().startsWith("data:")) seen.outside.push(request.url());
});
page.on("pageerror", (error) => seen.errors.push(`${page.url()}: ${error}`));
for (const path of JSON.parse(paths)) {
  await page.goto(base + path, { waitUntil: "load" });
  seen.pages[path] = await page.evaluate(() => {
    const counts = {};
    for (const each of document.querySelectorAll("*")) {
      if (each.parentElement?.closest("pre, svg")) continue;
      // The theme's own script sets these on its own elements, sooner or later.
      const own = /^(tabbed|md-)/.test(each.className) ? ["style", "tabindex", "title"] : ["tabindex"];
      const names = each.getAttributeNames().filter((name) => !own.includes(name)).sort();
      const scheme = each.hasAttribute("href") && !each.closest("svg") ? new URL(each.href).protocol : "";
      const key = `${each.tagName} ${names.join(" ")} ${scheme}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  });
}
await browser.close();
console.log(JSON.stringify(seen));
