/** Text that is HTML already: all that came from elsewhere in it is escaped. */
export class Html {
  readonly text: string;

  /** @param text is taken as it is: what is not our own goes through `html` */
  constructor(text: string) {
    this.text = text;
  }
}

type HtmlValue = Html | string | number | readonly HtmlValue[];

/** HTML with values in it, each escaped so that it stays a text or the value of a quoted attribute. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(
    parts.reduce((text, part, at) => `${text}${textOf(values[at - 1] ?? '')}${part}`),
  );
}

function textOf(value: HtmlValue): string {
  if (value instanceof Html) return value.text;
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return value.map(textOf).join('');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ESCAPES[letter] ?? letter);
}
