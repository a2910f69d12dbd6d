import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { generatedInput } from './generated-input.test.support.js';
import { renderReport } from './render-report.js';

const PROGRAM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => existsSync(file));

/** Counts what a page paints: the time that it takes depends on the machine. */
const COUNT_PAINTING = `
  window.painted = 0;
  for (const name of ['fillRect', 'strokeRect', 'fillText', 'stroke', 'fill']) {
    const paint = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...args) {
      window.painted++;
      return paint.apply(this, args);
    };
  }`;

/** Where the color of violations is on the operations: one pixel of it, as the page measures; or undefined. */
const FIND_VIOLATING = `(() => {
  const canvas = document.getElementById('operations');
  const { width, height } = canvas;
  const reading = (columns, rows) =>
    new OffscreenCanvas(columns, rows).getContext('2d', { willReadFrequently: true });
  const probe = reading(1, 1);
  probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--violating');
  probe.fillRect(0, 0, 1, 1);
  const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
  const copy = reading(width, height);
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, width, height);
  for (let at = 0; at < data.length; at += 4) {
    if (data[at] !== red || data[at + 1] !== green || data[at + 2] !== blue) continue;
    const ratio = canvas.clientWidth / width;
    return { x: ((at / 4) % width + 0.5) * ratio, y: (Math.floor(at / 4 / width) + 0.5) * ratio };
  }
})()`;

describe('a report in a browser', () => {
  if (PROGRAM === undefined) {
    it('is not looked at, as there is no chromium here', () => {
      process.stdout.write('No chromium: reports are not looked at in a browser.\n');
    });
    return;
  }

  let browser: Browser;
  let directory = '';
  const open: Page[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'jepsen-report-'));
    // Neither a limit of time nor a sandbox, which root can't have.
    browser = await chromium.launch({
      executablePath: PROGRAM,
      timeout: 0,
      args: ['--no-sandbox'],
    });
  });
  afterEach(async () => {
    for (const page of open.splice(0)) await page.context().close();
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    rmSync(directory, { recursive: true });
  });

  /** Opens a report from a file, as a user does; what the browser complains of is a failure. */
  async function openReport(report: string, options: BrowserContextOptions = {}): Promise<Page> {
    const file = join(directory, 'report.html');
    writeFileSync(file, report);
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      ...options,
    });
    context.setDefaultTimeout(0);
    const page = await context.newPage();
    open.push(page);
    await page.addInitScript(COUNT_PAINTING);
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) complaints.push(request.url());
    });
    await page.goto(pathToFileURL(file).href);
    await page.locator('#timeline[data-state=shown], #broken:not(:empty)').waitFor();
    return page;
  }

  async function painted(page: Page): Promise<number> {
    return Number(await page.evaluate('window.painted'));
  }

  /** Until what was done is painted. */
  async function settled(page: Page): Promise<void> {
    await page.evaluate(
      'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))',
    );
  }

  const rangeOf = (page: Page) => page.locator('#range').textContent();
  const factsOf = (page: Page) => page.locator('#facts').textContent();

  for (const operations of [100, 100_000]) {
    describe(`of ${operations} operations`, () => {
      const input = generatedInput({ operations, clients: 20, seed: 7 });
      const report = renderReport(input);

      it('is shown with little painting, however many operations there are', async () => {
        const page = await openReport(report);
        const [result] = input.results;
        await expect(page.locator('h1').textContent()).resolves.toContain('Violation found');
        expect(await page.locator('article.finding').count()).toBe(2);
        expect(await page.locator('#order option').count()).toBe(3);
        expect(Object.keys(result?.orders ?? {})).toHaveLength(2);
        const count = await painted(page);
        expect(count).toBeGreaterThan(100);
        // Of 1280 pixels by 20 clients, and as much again in points of latency.
        expect(count).toBeLessThan(40_000);
        expect(Number(await page.evaluate("document.querySelectorAll('*').length"))).toBeLessThan(
          3000,
        );
      });

      it('is zoomed and moved by keys, buttons, wheel and drag', async () => {
        const page = await openReport(report);
        const whole = await rangeOf(page);
        const canvas = page.locator('#operations');
        await canvas.focus();
        await canvas.press('+');
        await settled(page);
        const half = await rangeOf(page);
        expect(half).not.toBe(whole);
        await canvas.press('ArrowRight');
        await settled(page);
        expect(await rangeOf(page)).not.toBe(half);
        await canvas.press('0');
        await settled(page);
        expect(await rangeOf(page)).toBe(whole);
        await page.locator('#zoom-in').click();
        await settled(page);
        expect(await rangeOf(page)).toBe(half);
        const box = await canvas.boundingBox();
        const [x, y] = [(box?.x ?? 0) + 600, (box?.y ?? 0) + 20];
        await page.mouse.move(x, y);
        await page.keyboard.down('Control');
        await page.mouse.wheel(0, -400);
        await page.keyboard.up('Control');
        // The wheel arrives when the browser gets to it.
        while ((await rangeOf(page)) === half) await settled(page);
        await settled(page);
        const before = await rangeOf(page);
        await page.mouse.down();
        await page.mouse.move(x - 200, y, { steps: 3 });
        await page.mouse.up();
        await settled(page);
        expect(await rangeOf(page)).not.toBe(before);
      });

      it('leads to the violating operations, and shows them', async () => {
        const page = await openReport(report);
        await page.locator('#violating-next').click();
        await settled(page);
        const first = await factsOf(page);
        expect(first).toContain('finding 1 (linearizability)');
        const place = await page.evaluate(FIND_VIOLATING);
        const canvas = page.locator('#operations');
        await canvas.press('Escape');
        await settled(page);
        expect(await factsOf(page)).toBe('');
        if (!isPlace(place)) throw new Error('no violating operation is painted');
        await canvas.hover({ position: place });
        await settled(page);
        expect(await page.locator('#tip').isVisible()).toBe(true);
        await canvas.click({ position: place });
        await settled(page);
        expect(await factsOf(page)).toBe(first);
        await canvas.press('n');
        await settled(page);
        const second = await factsOf(page);
        expect(second).toContain('finding 1');
        expect(second).not.toBe(first);
        await canvas.press('0');
        await page.locator('[data-finding="0"]').click();
        await settled(page);
        expect(await factsOf(page)).toBe(second);
        expect(await page.evaluate(FIND_VIOLATING)).toBeDefined();
        await page.locator('[data-operation]').first().click();
        await settled(page);
        expect(await factsOf(page)).toBe(first);
      });

      it('shows the order that was found for a key', async () => {
        const page = await openReport(report);
        await page.locator('#order').selectOption({ index: 1 });
        await page.locator('#order-next').click();
        await settled(page);
        const count = input.results[0]?.orders?.['0']?.length ?? 0;
        expect(await page.locator('#order-words').textContent()).toBe(
          `1 of ${count} in the order found`,
        );
        await page.locator('#order-next').click();
        await settled(page);
        expect(await page.locator('#order-words').textContent()).toContain('2 of');
        expect(await factsOf(page)).toContain('key "0"');
      });
    });
  }

  it('fits on a phone, in the dark', async () => {
    const input = generatedInput({ operations: 1000, clients: 20, seed: 7 });
    const page = await openReport(renderReport(input), {
      viewport: { width: 375, height: 720 },
      colorScheme: 'dark',
      isMobile: true,
      hasTouch: true,
    });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375);
    expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe(
      'rgb(18, 23, 29)',
    );
    await page.locator('#violating-next').tap();
    await settled(page);
    expect(await factsOf(page)).toContain('finding 1');
  });

  it('runs nothing of what is in a history, and shows it as text', async () => {
    const hostile =
      '</script><script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">';
    const input = generatedInput({ operations: 10, clients: 2, seed: 7 });
    const report = renderReport({
      ...input,
      members: [{ id: 1, name: hostile }],
      history: {
        header: { ...input.history.header, workload: hostile },
        events: [
          { index: 0, atMs: 0, process: hostile, type: 'invoke', input: { kind: hostile } },
          { index: 1, atMs: 1, process: hostile, type: 'ok', call: 0, output: hostile },
        ],
      },
      results: [
        {
          checker: hostile,
          verdict: 'invalid',
          findings: [{ lines: [hostile], calls: [0] }],
          figures: {},
          orders: { [hostile]: [0] },
        },
      ],
    });
    const page = await openReport(report);
    await page.locator('#violating-next').click();
    await settled(page);
    expect(await factsOf(page)).toContain(hostile);
    expect(await page.locator('h1').textContent()).toContain(hostile);
    expect(await page.locator('article pre').textContent()).toBe(hostile);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('img').count()).toBe(0);
  });

  it('shows a test without any operation', async () => {
    const input = generatedInput({ operations: 10, clients: 2, seed: 7 });
    const report = renderReport({
      ...input,
      history: { ...input.history, events: [] },
      results: [],
      roles: [],
      members: [],
      verdict: 'valid',
    });
    const page = await openReport(report);
    expect(await page.locator('#broken').textContent()).toBe('');
    await page.locator('#zoom-in').click();
    await settled(page);
  });
});

function isPlace(value: unknown): value is { x: number; y: number } {
  return typeof value === 'object' && value !== null && 'x' in value && 'y' in value;
}
