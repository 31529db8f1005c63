// Has axe look at pages of a built site in headless Chromium: each in both themes at three widths, and with all opened.
// node axe.mjs BASE CHROMIUM PAGES, a JSON list of paths; prints a line of JSON for each view that has findings, then the sums.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [base, executablePath, listed] = process.argv.slice(2);
const pages = JSON.parse(listed);
const axe = readFileSync(new URL("./node_modules/axe-core/axe.min.js", import.meta.url), "utf-8");
const SIZES = [[1280, 900], [820, 1100], [390, 844]];
const SCHEMES = ["light", "dark"];
const HANGS = 600_000; // milliseconds; it measures nothing, and a machine may have much else to do
const all = pages.length * SIZES.length * SCHEMES.length;
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"], timeout: HANGS });
const sums = { views: 0, findings: 0, themes: {} };

async function open(page) {
  const offered = page.locator("details.console > summary");
  if (await offered.count()) {
    await offered.first().click();
    await page.locator(".console-form").waitFor();
  }
  await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
}
async function look(page, about) {
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } }));
  const found = violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.target).join(" ; ").slice(0, 400)}`);
  sums.findings += found.length;
  if (found.length) console.log(JSON.stringify({ ...about, found }));
}
function tell() {
  const text = `${sums.views} of ${all} views, ${sums.findings} findings`;
  if (process.stderr.isTTY) process.stderr.write(`\r${text} `);
  else if (sums.views % 60 === 0) console.error(text);
}
async function theme(colorScheme, which) {
  const context = await browser.newContext({ colorScheme });
  context.setDefaultTimeout(HANGS);
  const page = await context.newPage();
  for (const [n, path] of pages.entries()) {
    await page.setViewportSize({ width: SIZES[0][0], height: SIZES[0][1] });
    await page.goto(base + path, { waitUntil: "load" });
    await page.evaluate(axe);
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height });
      await look(page, { path, width, colorScheme, state: "as it is loaded" });
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      sums.themes[background] = (sums.themes[background] ?? 0) + 1;
      sums.views++;
      tell();
    }
    // With all opened each page is looked at once: one in the light theme, the next in the dark one, which are phones.
    if (n % 2 === which) {
      const [width, height] = SIZES[which ? 2 : 0];
      await page.setViewportSize({ width, height });
      await open(page);
      await look(page, { path, width, colorScheme, state: "opened" });
    }
  }
  await context.close();
}
await Promise.all(SCHEMES.map(theme));
if (process.stderr.isTTY) process.stderr.write("\n");
await browser.close();
console.log(JSON.stringify(sums));
