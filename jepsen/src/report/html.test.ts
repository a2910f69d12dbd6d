import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Html, html } from './html.js';

/** What a browser makes of a text between tags, or of the value of an attribute. */
function unescaped(text: string): string {
  const letters: Readonly<Record<string, string>> = {
    '&lt;': '<',
    '&gt;': '>',
    '&quot;': '"',
    '&#39;': "'",
    '&amp;': '&',
  };
  return text.replace(/&(?:lt|gt|quot|#39|amp);/g, (escaped) => letters[escaped] ?? escaped);
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", '/', 's', '!', '-', ';', 'lt') }),
);

describe('html', () => {
  it('keeps a value a text, whatever is in it', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const { text } = html`<p title="${value}">${value}</p>`;
        const [, attribute = '', content = ''] =
          /^<p title="([^"]*)">([^<]*)<\/p>$/s.exec(text) ?? [];
        expect(attribute).toBe(content);
        expect(unescaped(content)).toBe(value);
      }),
    );
  });

  it('takes HTML as it is, and lists of it without anything between', () => {
    const items = ['<a>', 'b'].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}</ul>${new Html('<hr>')}${3}`.text).toBe(
      '<ul><li>&lt;a&gt;</li><li>b</li></ul><hr>3',
    );
  });
});
