// Has axe look at pages of a built site in headless Chromium: each in both themes at three widths, with all that opens opened.
// node axe.mjs BASE CHROMIUM < PAGES, a JSON list of paths; prints a line of JSON for each view that has findings, then the sums.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [base, executablePath] = process.argv.slice(2);
const pages = JSON.parse(readFileSync(0, "utf-8"));
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

for (const colorScheme of SCHEMES) {
  for (const [width, height] of SIZES) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    context.setDefaultTimeout(HANGS);
    const page = await context.newPage();
    for (const path of pages) {
      await page.goto(base + path, { waitUntil: "load" });
      await page.evaluate(axe);
      const found = [];
      for (const state of ["loaded", "opened"]) {
        if (state === "opened") await open(page);
        const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } }));
        found.push(...violations.map((each) => `${state}: ${each.id}: ${each.nodes.map((node) => node.target).join(" ; ").slice(0, 400)}`));
      }
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      sums.themes[background] = (sums.themes[background] ?? 0) + 1;
      sums.views++;
      sums.findings += found.length;
      if (process.stderr.isTTY) process.stderr.write(`\r${sums.views} of ${all} views, ${sums.findings} findings `);
      if (found.length) console.log(JSON.stringify({ path, width, colorScheme, found }));
    }
    await context.close();
  }
}
if (process.stderr.isTTY) process.stderr.write("\n");
await browser.close();
console.log(JSON.stringify(sums));
