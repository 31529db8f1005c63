// Chooses another version of a published site in headless Chromium and prints as JSON where that led.
// node versions.mjs BASE CHROMIUM
import { chromium } from "playwright-core";

const [base, executablePath] = process.argv.slice(2);
const HANGS = 600_000; // milliseconds; it measures nothing, and a machine may have much else to do
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"], timeout: HANGS });
const page = await (await browser.newContext()).newPage();
page.setDefaultTimeout(HANGS);
const seen = {};
await page.goto(base, { waitUntil: "load" });
await page.waitForURL((url) => url.pathname !== "/");
seen.first = page.url().slice(base.length);
const select = page.locator("select.site-version");
async function choose(from, version, leads) {
  await page.goto(base + from, { waitUntil: "load" });
  await select.selectOption(version);
  await page.waitForURL(base + leads);
  return select.inputValue();
}
seen.listed = await select.locator("option").allTextContents();
seen.same = await choose("1.10.0/errors/", "1.9.0", "1.9.0/errors/");
seen.missing = await choose("1.10.0/new/", "1.9.0", "1.9.0/");
await browser.close();
console.log(JSON.stringify(seen));
