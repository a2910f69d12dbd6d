/** `import { a, b as c } from './file.js';`, as the compiler writes it. */
const IMPORT = /^import \{([^}]*)\} from '\.\/([\w-]+)\.js';$/gm;
const EXPORTED = /^export (?:const|(?:async )?function\*?|class) (\w+)/gm;
const EXPORT = /^export (?=const|async|function|class)/gm;
const SOURCE_MAP = /^\/\/# sourceMappingURL=.*$/gm;
const OTHER_MODULE_SYNTAX = /^(?:import|export)\b.*$/m;

/**
 * Makes one script of modules that import one another by name from their own directory: what a page needs
 * that may load nothing. Each is a function that is run once, before those that import it.
 *
 * @param entry a module's name, without `.js`
 * @param read a module's text by its name
 * @throws Error where a module is written in a way that this does not know
 */
export function linkModules(entry: string, read: (name: string) => string): string {
  const linked: string[] = [];
  const begun = new Map<string, 'open' | 'linked'>();
  link(entry);
  return linked.join('\n');

  function link(name: string): void {
    if (begun.get(name) === 'linked') return;
    if (begun.has(name)) throw new Error(`modules import one another in a circle at ${name}`);
    begun.set(name, 'open');
    const text = read(name).replace(SOURCE_MAP, '').trim();
    for (const [, , imported = ''] of text.matchAll(IMPORT)) link(imported);
    begun.set(name, 'linked');
    const body = text
      .replace(IMPORT, (_, names: string, imported: string) => {
        return `const {${names.replaceAll(' as ', ': ')}} = ${variableOf(imported)};`;
      })
      .replace(EXPORT, '');
    const unknown = OTHER_MODULE_SYNTAX.exec(body);
    if (unknown !== null) throw new Error(`${name}.js can't be linked: ${unknown[0]}`);
    const names = Array.from(text.matchAll(EXPORTED), ([, exported]) => exported);
    linked.push(
      name === entry
        ? body
        : `const ${variableOf(name)} = (() => {\n${body}\nreturn { ${names.join(', ')} };\n})();`,
    );
  }
}

function variableOf(name: string): string {
  return `module_${name.replaceAll('-', '_')}`;
}
