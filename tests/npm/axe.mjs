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
  // What moves has come to rest, and scripts have seen the new sizes.
  await page.evaluate(async () => {
    for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame);
    await Promise.allSettled(document.getAnimations().filter((each) => each.effect.getComputedTiming().endTime < Infinity).map((each) => each.finished));
  });
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
async function walk(colorScheme, paths, dark, opens) {
  const context = await browser.newContext({ colorScheme });
  context.setDefaultTimeout(HANGS);
  const page = await context.newPage();
  for (const path of paths) {
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
    if (opens) {
      const [width, height] = SIZES[dark ? 2 : 0];
      await page.setViewportSize({ width, height });
      await open(page);
      await look(page, { path, width, colorScheme, state: "opened" });
    }
  }
  await context.close();
}
// With all opened each page is looked at once: one in the light theme, the next in the dark one, on a phone.
const halves = [0, 1].map((half) => pages.filter((_, n) => n % 2 === half));
await Promise.all(SCHEMES.flatMap((scheme, dark) => halves.map((paths, half) => walk(scheme, paths, dark, half === dark))));
if (process.stderr.isTTY) process.stderr.write("\n");
await browser.close();
console.log(JSON.stringify(sums));
