// Uses the consoles of function pages in headless Chromium and prints as JSON what it saw.
// node console.mjs BASE CHROMIUM PAGES CALLS
// PAGES: a JSON list of paths whose tabs are spelled anew from the example; CALLS: [{page, base, token, set: {name: text}, files: {name: paths},
// server: {variable: text} of the last server that is offered, steps: [[open | press | fill, label, text]] among the members of an argument}].
import { chromium } from "playwright-core";

const [base, executablePath, pages, calls] = process.argv.slice(2);
const HANGS = Number(process.env.HANGS_MS ?? 120_000); // milliseconds; it measures nothing, and a machine may have much else to do
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"], timeout: HANGS });
const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
context.setDefaultTimeout(HANGS);
const seen = { tabs: {}, calls: [], errors: [], run: [], asked: [] };
await context.exposeFunction("PWNED", () => seen.run.push("PWNED"));
const page = await context.newPage();
page.on("pageerror", (error) => seen.errors.push(String(error)));
page.on("dialog", (dialog) => dialog.accept());
page.on("request", (request) => seen.asked.push(request.url()));

const texts = () =>
  page.evaluate(() => {
    const set = document.querySelector("[data-console] ~ .tabbed-set");
    const labels = [...set.querySelectorAll(":scope > .tabbed-labels > label")].map((each) => each.textContent.trim());
    const codes = [...set.querySelectorAll(":scope > .tabbed-content > .tabbed-block")].map((each) => each.querySelector("code").textContent.trimEnd());
    return Object.fromEntries(labels.map((label, n) => [label, codes[n]]));
  });
async function type(input, text) {
  if ((await input.evaluate((each) => each.tagName)) === "SELECT") await input.selectOption(text);
  else await input.fill(text);
}
async function open(path) {
  await page.goto(base + path, { waitUntil: "load" });
  const before = await texts();
  await page.locator("details.console > summary").click();
  await page.locator(".console-form").waitFor();
  return before;
}

for (const path of JSON.parse(pages)) {
  const before = await open(path);
  const server = await page.evaluate(async () => (await (await fetch(document.querySelector("[data-console]").dataset.console)).json()).server);
  // What is written in the tabs is taken away first, so that what stands there after was spelled by the script.
  await page.evaluate(() => document.querySelectorAll("[data-console] ~ .tabbed-set:first-of-type code, [data-console] ~ .tabbed-set code").forEach((each) => (each.textContent = "")));
  await page.locator("#console-base").fill(server);
  seen.tabs[path] = { before, after: await texts(), status: await page.locator(".console-status").textContent() };
}
for (const call of JSON.parse(calls)) {
  await open(call.page);
  if (call.base) await page.locator("#console-base").fill(call.base);
  if (call.token) await page.locator("#console-token-0").fill(call.token);
  for (const [name, text] of Object.entries(call.set)) {
    await type(page.locator(`[id="console-${name}"]`), text);
  }
  if (call.server) {
    const offered = await page.locator("#console-server option").count();
    await page.locator("#console-server").selectOption({ index: offered - 2 }); // the last one is any other
    for (const [name, text] of Object.entries(call.server)) await type(page.locator(`.console-list [name="${name}"]`), text);
  }
  for (const [act, label, text] of call.steps ?? []) {
    if (act === "open") await page.getByText(label, { exact: true }).click();
    else if (act === "press") await page.getByRole("button", { name: label, exact: true }).click();
    else await type(page.getByLabel(label, { exact: true }), text);
  }
  for (const [name, files] of Object.entries(call.files ?? {})) {
    const before = await page.locator(`[id="console-${name}"]`).inputValue();
    await page.locator(`[id="console-${name}"] ~ [type=file]`).setInputFiles(files);
    await page.waitForFunction(([name, before]) => document.getElementById(`console-${name}`).value !== before, [name, before]);
  }
  if (await page.locator(".console-send").isVisible()) await page.locator(".console-send").click();
  else await page.getByRole("button", { name: "Copy as curl" }).click();
  await page.waitForFunction(() => !document.querySelector(".console-send").disabled && document.querySelector(".console-status").textContent);
  seen.calls.push({
    status: await page.locator(".console-status").textContent(),
    answer: await page.locator(".console-answer").textContent(),
    elements: await page.locator(".console-answer *").count(),
    tabs: await texts(),
    base: await page.locator("#console-base").inputValue(),
    notes: await page.locator(".console-form > p").first().textContent(),
    copied: await page.evaluate(() => navigator.clipboard.readText()),
    kept: await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])),
  });
}
await browser.close();
console.log(JSON.stringify(seen));
