// SPDX-License-Identifier: Apache-2.0
// drive_page.js BROWSER PAGE [SHOTS]: opens report.html by its file, as a double click does,
// presses, drags, pinches and types, and prints what it saw as JSON. SHOTS: a folder for
// screenshots.
const path = require("path");
const {pathToFileURL} = require("url");
const {chromium} = require("playwright-core");

const FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];

// Share of the canvas that is not its ground, and a checksum of what is drawn.
const lit = page => page.evaluate(() => {
  const width = gl.drawingBufferWidth, height = gl.drawingBufferHeight;
  const bytes = new Uint8Array(4 * width * height);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
  let count = 0, sum = 0;
  for (let i = 0; i < bytes.length; i += 4) {
    count += bytes[i] > 40 || bytes[i + 1] > 40 || bytes[i + 2] > 40;
    sum = (31 * sum + bytes[i] + 3 * bytes[i + 1] + 7 * bytes[i + 2]) % 1000000007;
  }
  return {share: count / (width * height), sum};
});

async function changes(page, act) {
  const before = await lit(page);
  await act();
  return (await lit(page)).sum !== before.sum;
}

async function drive3d(page, button) {
  const seen = {};
  await button.click();
  await page.waitForFunction(() => document.getElementById("viewer").dataset.loadMs, null,
                             {timeout: 60000});
  seen.title = await page.textContent("#viewer-title");
  seen.loadMs = Number(await page.getAttribute("#viewer", "data-load-ms"));
  seen.lit = (await lit(page)).share;
  seen.scale = await page.textContent("#scale-text");
  const box = await page.locator("#points").boundingBox();
  const middle = {x: box.x + box.width / 2, y: box.y + box.height / 2};
  seen.drag = await changes(page, async () => {
    await page.mouse.move(middle.x, middle.y);
    await page.mouse.down();
    await page.mouse.move(middle.x + 60, middle.y + 20);
    await page.mouse.up();
  });
  seen.wheel = await changes(page, async () => {
    await page.mouse.wheel(0, -300);
    await page.waitForTimeout(50);
  });
  seen.grown = (await lit(page)).share;
  seen.keys = await changes(page, () => page.keyboard.press("ArrowLeft"));
  for (const mode of ["1", "2", "3"])
    seen[`colour${mode}`] = await changes(page, () => page.selectOption("#viewer-colour", mode));
  seen.axes = await changes(page, () => page.click("#viewer-axes"));
  const before = await page.evaluate(() => ({...eye}));
  await page.click("#viewer-reset");
  seen.reset = before.zoom > 2 && await page.evaluate(() => eye.zoom === HOME.zoom && eye.yaw === HOME.yaw);
  seen.pinch = await changes(page, () => page.evaluate(() => {
    const canvas = document.getElementById("points");
    canvas.setPointerCapture = () => {};
    const send = (kind, id, x, y) => canvas.dispatchEvent(new PointerEvent(kind,
        {pointerId: id, pointerType: "touch", clientX: x, clientY: y, bubbles: true}));
    send("pointerdown", 11, 100, 200);
    send("pointerdown", 12, 200, 200);
    send("pointermove", 12, 300, 200);
    send("pointerup", 11, 100, 200);
    send("pointerup", 12, 300, 200);
  }));
  await page.focus("#points");
  for (let i = 0; i < 6; i++)
    await page.keyboard.press("Tab");
  seen.focusStays = await page.evaluate(() =>
      document.getElementById("viewer").contains(document.activeElement));
  return seen;
}

async function drivePictures(page) {
  const seen = {};
  seen.count = await page.locator(".picture img").count();
  await page.locator(".picture").nth(0).click();
  const source = () => page.getAttribute("#enlarged-image", "src");
  const first = await source();
  await page.keyboard.press("ArrowRight");
  seen.next = await source() !== first;
  await page.keyboard.press("ArrowLeft");
  seen.previous = await source() === first;
  await page.waitForFunction(() => document.getElementById("enlarged-image").complete);
  seen.width = await page.evaluate(() => document.getElementById("enlarged-image").naturalWidth);
  await page.keyboard.press("Escape");
  seen.closed = await page.isHidden("#enlarged");
  return seen;
}

async function visit(browser, file, width, scheme, shots) {
  const page = await browser.newPage({viewport: {width, height: 900}, colorScheme: scheme});
  const complaints = [];
  const fetched = [];
  page.on("console", line => line.type() === "error" && complaints.push(line.text()));
  page.on("pageerror", error => complaints.push(String(error)));
  page.on("request", request => /^https?:/.test(request.url()) && fetched.push(request.url()));
  const began = Date.now();
  await page.goto(pathToFileURL(path.resolve(file)).href, {timeout: 180000});
  const seen = {width, scheme, loadMs: Date.now() - began};
  seen.overflow = await page.evaluate(() =>
      document.documentElement.scrollWidth - document.documentElement.clientWidth);
  seen.verdict = await page.textContent(".verdict");
  seen.firstFrame = await page.locator(".frame h3").first().textContent().catch(() => null);
  seen.legends = await page.locator(".legend:not([hidden])").count();
  seen.alerted = await page.evaluate(() => Boolean(window.alerted));
  const shoot = async name => shots &&
      await page.screenshot({path: path.join(shots, `${name}-${width}-${scheme}.png`)});
  await shoot("top");
  if (await page.locator(".picture").count() > 0) {
    await page.locator(".frame").first().scrollIntoViewIfNeeded();
    await page.locator(".picture").first().scrollIntoViewIfNeeded();
    await shoot("frame");
    seen.pictures = await drivePictures(page);
  }
  const buttons = page.locator("button.open");
  if (await buttons.count() > 0) {
    seen.embedded = await drive3d(page, buttons.first());
    await page.click("#viewer-reset");
    await page.selectOption("#viewer-colour", "0");
    await shoot("viewer");
    await page.keyboard.press("Escape");
    seen.closed = await page.isHidden("#viewer");
    await page.evaluate(() => delete document.getElementById("viewer").dataset.loadMs);
    const last = buttons.last();
    seen.lastIsBeside = await last.evaluate(button =>
        !document.getElementById(`points-${button.dataset.number}`));
    await last.click();
    await page.waitForFunction(() => document.getElementById("viewer").dataset.loadMs, null,
                               {timeout: 60000});
    seen.lastLit = (await lit(page)).share;
  }
  seen.complaints = complaints;
  seen.fetched = fetched;
  await page.close();
  return seen;
}

async function main(executablePath, file, shots) {
  const browser = await chromium.launch({executablePath, args: FLAGS});
  const seen = [];
  for (const [width, scheme] of [[1400, "light"], [390, "dark"]])
    seen.push(await visit(browser, file, width, scheme, shots));
  await browser.close();
  console.log(JSON.stringify(seen));
}

main(...process.argv.slice(2)).catch(error => {
  console.error(error);
  process.exit(1);
});
