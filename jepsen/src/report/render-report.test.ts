import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeReport } from './encode-report.js';
import { generatedInput } from './generated-input.test.support.js';
import { renderReport } from './render-report.js';
import type { ReportInput } from './report-input.js';

const small = generatedInput({ operations: 20, clients: 3, seed: 1 });

/** The same text wherever a test, its cluster or its clients name something. */
function named(text: string): ReportInput {
  return {
    ...small,
    history: {
      header: {
        ...small.history.header,
        workload: text,
        suite: text,
        nemeses: [text],
        startedAt: text,
        options: { [text]: text },
      },
      events: [
        { index: 0, atMs: 0, process: text, type: 'invoke', input: { kind: text, [text]: text } },
        { index: 1, atMs: 1, process: text, type: 'ok', call: 0, output: text },
        { index: 2, atMs: 1, process: text, type: 'invoke', input: { kind: text } },
        {
          index: 3,
          atMs: 2,
          process: text,
          type: 'fail',
          call: 2,
          error: { code: text, message: text },
        },
        {
          index: 4,
          atMs: 3,
          process: 'nemesis',
          type: 'invoke',
          input: { kind: text, [text]: text },
        },
      ],
    },
    results: [
      {
        checker: text,
        verdict: 'invalid',
        findings: [{ lines: [text], calls: [0] }],
        figures: { [text]: text },
        orders: { [text]: [0] },
      },
    ],
    members: [{ id: 1, name: text }],
    commands: [text],
    files: [text],
  };
}

/** The tags of a page, by name. */
function tagsOf(page: string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  // What is in a script is no tag until the script's own end.
  const outside = page.replace(/(<script[^>]*>).*?(<\/script>)/gs, '$1$2');
  for (const [, name = ''] of outside.matchAll(/<([a-z]\w*|!--)/gi)) {
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function dataIn(page: string): unknown {
  const [, packed = ''] = /<script id="data"[^>]*>([^<]*)<\/script>/.exec(page) ?? [];
  return JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString());
}

describe('renderReport', () => {
  it('lets no name break out of its place', () => {
    const tags = tagsOf(renderReport(named('name')));
    for (const text of [
      '</script><script>alert(1)</script>',
      '<!--<script>',
      '"><img src=x onerror=alert(1)>',
      "' onmouseover='alert(1)",
      '</title></style></pre><svg onload=alert(1)>',
      'javascript:alert(1)',
      '\u2028\0\u202e',
    ]) {
      const page = renderReport(named(text));
      expect(tagsOf(page), text).toEqual(tags);
      expect(page.match(/<\/script>/g)?.length, text).toBe(2);
      expect(page, text).not.toMatch(/href="(?!\.\/)/);
    }
  });

  it('lets no name of any kind break out', () => {
    // What is no path of a file has no link, and perhaps its list no heading.
    const optional = ['a', 'li', 'ul', 'h2'];
    const otherTagsOf = (page: string) =>
      Object.entries(tagsOf(page)).filter(([name]) => !optional.includes(name));
    const tags = otherTagsOf(renderReport(named('name')));
    const letters = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '&',
      '/',
      '\\',
      '!',
      '-',
      '=',
      's',
      ' ',
      '\n',
    );
    fc.assert(
      fc.property(fc.string({ unit: letters, minLength: 1, maxLength: 12 }), (text) => {
        expect(otherTagsOf(renderReport(named(text)))).toEqual(tags);
      }),
      { numRuns: 30 },
    );
  });

  it('holds the data of its script as it is', () => {
    for (const input of [small, named('</script>"')]) {
      expect(dataIn(renderReport(input))).toEqual(JSON.parse(JSON.stringify(encodeReport(input))));
    }
  });

  it('runs no script and takes no style but its own, and asks for nothing', () => {
    const page = renderReport(small);
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    const hashOf = (text = '') => `sha256-${createHash('sha256').update(text).digest('base64')}`;
    const [, script] = /<script type="module">(.*?)<\/script>/s.exec(page) ?? [];
    const [, style] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
    expect(policy.replaceAll('&#39;', "'")).toBe(
      `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; base-uri 'none'; form-action 'none'`,
    );
    expect(page.indexOf('Content-Security-Policy')).toBeLessThan(page.indexOf('<style>'));
    expect(page).not.toMatch(/\s(src|style|on\w+)=/);
    expect(page).not.toMatch(/https?:|\burl\(|@import/);
  });

  it('tells in words what was found, and how to run it again', () => {
    const page = renderReport(small);
    expect(page).toContain('<h1>Violation found: register on broken-register</h1>');
    expect(page).toContain('1 violation; 1 of 3 checks passed.');
    expect(page).toContain('process 2  read → 4  from 12.100 s to 12.310 s');
    expect(page).toContain('test --workload register --nemesis partition,kill --seed 1');
    expect(page).toContain('<a href="./n1/log">n1/log</a>');
    const valid = renderReport({ ...small, verdict: 'valid', results: [] });
    expect(valid).toContain('<h1>Valid: register on broken-register</h1>');
  });

  it('links to no file beyond its directory', () => {
    const files = ['../x', '/etc/x', 'a/../x', 'a//b', './x', '\uD800', 'https://x'];
    expect(renderReport({ ...small, files })).not.toContain('<li>');
  });
});
