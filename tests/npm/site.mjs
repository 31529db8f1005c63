// Looks at the built site in headless Chromium and prints what it saw as JSON.
// node site.mjs BASE CHROMIUM PAGES [FOLDER-FOR-SCREENSHOTS]; PAGES is a JSON object of kind -> path.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [base, executablePath, pages, shots] = process.argv.slice(2);
const axe = readFileSync(new URL("./node_modules/axe-core/axe.min.js", import.meta.url), "utf-8");
const HANGS = 600_000; // milliseconds; it measures nothing, and a machine may have much else to do
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"], timeout: HANGS });
const seen = { views: [], outside: [], errors: [] };

async function contextOf(options) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(HANGS);
  return context;
}

async function open(context, path, until = "networkidle") {
  const page = await context.newPage();
  page.on("request", (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith("data:")) seen.outside.push(request.url());
  });
  page.on("response", (response) => {
    if (response.status() >= 400) seen.errors.push(`${path}: ${response.status()} ${response.url()}`);
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) seen.errors.push(`${path}: ${message.text()}`);
  });
  page.on("pageerror", (error) => seen.errors.push(`${path}: ${error}`));
  await page.goto(base + path, { waitUntil: until });
  return page;
}

async function look(context, scheme, size, kind, path) {
  const page = await open(context, path, "load");
  await page.evaluate(axe);
  const check = () => page.evaluate(() => axe.run(document, { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } }));
  const found = await check();
  if (kind === "function") {
    // Also with the console open, and with what the search finds.
    await page.locator("details.console > summary").click();
    await page.locator(".console-form").waitFor();
    // A line that is wider than its block, which was not: it is scrolled by keyboard.
    await page.locator(".console-form textarea").first().fill("wide ".repeat(60));
    await page.evaluate(async () => {
      for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame);
    });
    found.violations.push(...(await check()).violations);
    await page.locator(".search-open").click();
    await page.keyboard.type("prediction");
    await page.locator("[role=option]").first().waitFor();
    found.violations.push(...(await check()).violations);
    await page.keyboard.press("Escape");
  }
  const violations = found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" ; ")}`);
  const view = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth - innerWidth,
    background: getComputedStyle(document.body).backgroundColor,
    picture: [...document.querySelectorAll("img")].every((image) => image.complete && image.naturalWidth > 0 && image.alt),
  }));
  seen.views.push({ scheme, size, kind, ...view, violations });
  if (shots) await page.screenshot({ path: `${shots}/${kind}-${size}-${scheme}.png` });
  await page.close();
}

const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
const tablet = { tablet: { width: 820, height: 1100 } };
const all = Object.entries(JSON.parse(pages));
await Promise.all(
  ["light", "dark"].map(async (scheme) => {
    for (const [size, viewport] of Object.entries({ ...sizes, ...tablet })) {
      const context = await contextOf({ viewport, colorScheme: scheme });
      // Every page at one width in the light theme and at the other in the dark one; one page in all four ways.
      const here = all.filter(([kind]) => kind === "function" || (size !== "tablet" && (scheme === "light") === (size === "desktop")));
      for (const [kind, path] of here) await look(context, scheme, size, kind, path);
      await context.close();
    }
  }),
);

async function use(size, viewport) {
  const context = await contextOf({ viewport, permissions: ["clipboard-read", "clipboard-write"] });
  let page = await open(context, "functions/create_prediction/");

  // A tab that is chosen on one page is chosen on every other.
  const first = (which) => which.locator(".tabbed-set").first();
  await first(page).getByText("Lua", { exact: true }).click();
  await page.goto(`${base}functions/get_model/`, { waitUntil: "networkidle" });
  const tab = await first(page).locator(".tabbed-block:visible code").innerText();

  await first(page).locator(".tabbed-block:visible pre").hover();
  await first(page).locator(".tabbed-block:visible .md-code__button[data-md-type=copy], .tabbed-block:visible .md-clipboard").first().click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());

  // The theme that is chosen stays, too.
  await page.locator("label[for^=__palette]:visible").first().click();
  await page.reload({ waitUntil: "networkidle" });
  const theme = await page.evaluate(() => document.body.dataset.mdColorScheme);
  await page.close();

  // Search finds an argument by its name and lands on its heading.
  page = await open(context, "");
  await page.locator(".search-open").click();
  await page.keyboard.type("webhook_events_filter", { delay: 20 });
  const hit = page.locator("[role=option][data-href*='#argument-webhook_events_filter']").first();
  await hit.waitFor();
  await hit.click();
  await page.waitForURL(/#argument-webhook_events_filter/);
  const shown = (id) => {
    const box = document.getElementById(id)?.getBoundingClientRect();
    return box && box.height > 0 && box.top >= 0 && box.top < innerHeight;
  };
  await page.waitForFunction(shown, "argument-webhook_events_filter");
  const heading = await page.locator("#argument-webhook_events_filter").boundingBox();
  const searched = { url: page.url().slice(base.length), top: heading && heading.y, height: viewport.height };
  await page.close();

  // A field inside a closed tree opens when a link leads to it.
  page = await open(context, "functions/create_prediction/#result-urls-get");
  const opened = await page.waitForFunction(shown, "result-urls-get").then(() => true, () => false);
  await page.close();

  // Names of functions are anchors everywhere.
  page = await open(context, "guides/waiting/#models.get");
  await page.waitForURL(/functions\/get_model\/$/);
  const renamed = page.url().slice(base.length);

  const href = await page.locator("a[title='View as Markdown']").getAttribute("href");
  const twin = await (await fetch(new URL(href, page.url()))).text();
  await context.close();
  seen[size] = { tab, copied, theme, searched, opened, renamed, twin: twin.split("\n").find((l) => l.startsWith("# ")) };
}

await Promise.all(Object.entries(sizes).map(([size, viewport]) => use(size, viewport)));
await browser.close();
console.log(JSON.stringify(seen));
