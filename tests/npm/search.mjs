// Searches a built site in headless Chromium by keyboard and prints as JSON what it saw, with the milliseconds that each
// query took by the clock and of the page's main thread, and the thread's for as much typed where nothing searches.
// node search.mjs BASE CHROMIUM QUERIES; QUERIES is a JSON list.
import { chromium } from "playwright-core";

const [base, executablePath, queries] = process.argv.slice(2);
const HANGS = 600_000; // milliseconds; it measures nothing, and a machine may have much else to do
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"], timeout: HANGS });
const context = await browser.newContext();
context.setDefaultTimeout(HANGS);
const page = await context.newPage();
const found = new Map(); // a query may be __proto__
const seen = { outside: [], errors: [], bytes: 0, took: {}, cpu: {}, typing: 0 };
page.on("pageerror", (error) => seen.errors.push(String(error)));
page.on("request", (request) => {
  if (!request.url().startsWith(base)) seen.outside.push(request.url());
});
page.on("response", async (response) => {
  if (response.url().includes("/search/")) seen.bytes += (await response.body().catch(() => "")).length;
});
// Nothing from elsewhere, no script in the page, no eval.
await context.route(base, async (route) => {
  const response = await route.fetch();
  const headers = { ...response.headers(), "content-security-policy": "script-src 'self' 'unsafe-inline'; connect-src 'self'" };
  await route.fulfill({ response, headers });
});
await page.goto(base, { waitUntil: "load" });
await page.keyboard.press("/");
const input = page.locator("dialog[open] input[role=combobox]");
const devtools = await context.newCDPSession(page);
await devtools.send("Performance.enable");
const busy = async () => (await devtools.send("Performance.getMetrics")).metrics.find((each) => each.name === "TaskDuration").value * 1000;
for (const query of JSON.parse(queries)) {
  await input.fill("");
  await page.waitForFunction(() => document.querySelector(".search-dialog").dataset.query === "");
  const worked = await busy();
  const began = await page.evaluate(() => performance.now());
  await input.fill(query);
  const took = await page.evaluate(async ([began, query]) => {
    const dialog = document.querySelector(".search-dialog");
    while (dialog.dataset.query !== query) await new Promise((done) => setTimeout(done, 1));
    return performance.now() - began;
  }, [began, query]);
  seen.took[query] = took;
  seen.cpu[query] = (await busy()) - worked;
  found.set(query, await page.locator("[role=option]").evaluateAll((all, base) => all.map((each) => each.dataset.href.slice(base.length)), base));
}
// A floor: a field of the dialog that nothing listens to.
await page.evaluate(() => document.querySelector(".search-dialog").append(Object.assign(document.createElement("input"), { id: "unheard" })));
for (let n = 0; n < 10; n++) {
  const worked = await busy();
  await page.locator("#unheard").fill(`typed ${n}`);
  await page.evaluate(() => new Promise((done) => setTimeout(done, 1)));
  seen.typing += ((await busy()) - worked) / 10;
}
await page.evaluate(() => document.getElementById("unheard").remove());

const state = () =>
  page.evaluate(() => {
    const input = document.querySelector("[role=combobox]");
    const list = document.getElementById(input.getAttribute("aria-controls"));
    const active = document.getElementById(input.getAttribute("aria-activedescendant"));
    return {
      role: list.role, expanded: input.ariaExpanded, at: [...list.children].indexOf(active),
      selected: [...list.children].filter((each) => each.ariaSelected === "true").length, focused: document.activeElement === input,
    };
  });
const last = JSON.parse(queries).at(-1);
await input.fill("");
await page.waitForFunction(() => document.querySelector(".search-dialog").dataset.query === "");
await input.fill(last);
await page.waitForFunction((query) => document.querySelector(".search-dialog").dataset.query === query, last);
seen.typed = await state();
await page.keyboard.press("ArrowDown");
seen.down = await state();
await page.keyboard.press("ArrowUp");
await page.keyboard.press("ArrowUp");
seen.around = { ...(await state()), count: found.get(last).length };
await page.keyboard.press("Escape");
seen.escaped = await page.locator("dialog[open]").count();
await page.keyboard.press("/");
await input.fill("");
await page.waitForFunction(() => document.querySelector(".search-dialog").dataset.query === "");
await input.fill(last);
await page.waitForFunction((query) => document.querySelector(".search-dialog").dataset.query === query, last);
await page.keyboard.press("Enter");
await page.waitForURL(base + found.get(last)[0]);
seen.entered = page.url().slice(base.length);
await browser.close();
console.log(JSON.stringify({ ...seen, found: Object.fromEntries(found) }));
