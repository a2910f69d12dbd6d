/**
 * What takes two columns on a terminal: East Asian Wide and Fullwidth (Unicode's annex 11), and
 * emoji that are shown as such by themselves, but for the halves of flags.
 */
const WIDE =
  /(?![\u{1f1e6}-\u{1f1ff}])[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3040-\u3247\u3250-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;

/** What takes none: it changes what stands before it. A soft hyphen is shown. */
const NARROW = /(?!\xad)[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/u;

const ASCII = /^\p{ASCII}*$/u;

/** Columns that a text without control characters takes on a terminal. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  for (const character of text) {
    if (WIDE.test(character)) columns += 2;
    else if (!NARROW.test(character)) columns += 1;
  }
  return columns;
}
