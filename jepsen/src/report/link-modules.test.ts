import { describe, expect, it } from 'vitest';
import { linkModules } from './link-modules.js';

function linked(modules: Readonly<Record<string, string>>): string {
  return linkModules('main', (name) => {
    const text = modules[name];
    if (text === undefined) throw new Error(`no module ${name}`);
    return text;
  });
}

/** What the script leaves in `told`. */
function run(script: string): unknown {
  return new Function(`'use strict'; let told;\n${script}\nreturn told;`)();
}

describe('linkModules', () => {
  it('runs each module once, before those that import it, with names of its own', () => {
    const script = linked({
      main: "import { next as count, Word } from './one-two.js';\nimport { twice } from './three.js';\ntold = [count(), twice(), new Word().text];\n//# sourceMappingURL=main.js.map",
      'one-two':
        "let state = 0;\nconst hidden = 'word';\nexport function next() { return ++state; }\nexport class Word { text = hidden; }\n",
      three:
        "import { next } from './one-two.js';\nconst hidden = 2;\nexport const twice = () => next() * hidden;\n",
    });
    expect(run(script)).toEqual([1, 4, 'word']);
    expect(script).not.toContain('sourceMappingURL');
  });

  it('refuses what it does not know', () => {
    for (const line of [
      'export default 1;',
      "import './other.js';",
      "import * as all from './other.js';",
      "import { readFile } from 'node:fs';",
      "export { x } from './other.js';",
      'export let changing = 1;',
    ]) {
      expect(() => linked({ main: line, other: '' }), line).toThrow("can't be linked");
    }
  });

  it('refuses modules that import one another in a circle', () => {
    const circle = {
      main: "import { a } from './a.js';",
      a: "import { b } from './b.js';\nexport const a = 1;",
      b: "import { a } from './a.js';\nexport const b = 1;",
    };
    expect(() => linked(circle)).toThrow('in a circle at a');
  });
});
