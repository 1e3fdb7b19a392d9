// Reads what a TypeScript or JavaScript file imports, without a compiler: text in strings, templates, comments and regular
// expressions is no code, so it is taken out before anything is looked for.

/**
 * What makes a module of another part of it, by where its specifier stands: an import or a re-export, static, dynamic or of a
 * type; a module that is resolved; a URL relative to the file.
 */
const FORMS = [
  { kind: 'import', pattern: /\b(?:import|export)\b[^'();=]*?\bfrom\s*'(\d+)'/g },
  { kind: 'import', pattern: /\bimport\s*\(?\s*'(\d+)'/g },
  { kind: 'import', pattern: /(?<![.\w#])(?:require|import\.meta|createRequire\([^()]*\))(?:\.resolve)?\(\s*'(\d+)'/g },
  { kind: 'url', pattern: /\bnew\s+URL\(\s*'(\d+)'\s*,\s*import\.meta\.url\b/g },
];

/** Behind one of these a slash begins a regular expression; behind anything else it divides. */
const BEFORE_A_REGEX =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|=>|\b(?:return|typeof|case|in|of|do|else|void|await|yield|throw))\s*$/;

/** @see the types in imports.d.mts */
export function importsOf(text) {
  const { code, strings } = codeOf(text);
  return FORMS.flatMap(({ kind, pattern }) =>
    [...code.matchAll(pattern)].map((match) => ({
      kind,
      isType: /^(?:import|export)\s+type\b/.test(match[0]),
      specifier: strings[Number(match[1])],
      line: code.slice(0, match.index + match[0].length).split('\n').length,
    })),
  ).sort((a, b) => a.line - b.line);
}

/** @see the types in imports.d.mts */
export function codeOf(text) {
  const strings = [];
  /** For each template that is open: how many braces are open in the expression in it. */
  const templates = [];
  let code = '';
  let at = 0;

  const blank = (end) => {
    code += text.slice(at, end).replace(/[^\n]+/g, ' ');
    at = end;
  };
  const endOf = (pattern) => {
    pattern.lastIndex = at;
    return pattern.exec(text) === null ? text.length : pattern.lastIndex;
  };
  const blankTemplate = () => {
    blank(endOf(/(?:\\[\s\S]|\$(?!\{)|[^\\`$])*/y));
    if (text[at] === '`') at++;
    else if (at < text.length) {
      at += 2;
      templates.push(0);
    }
  };

  while (at < text.length) {
    const char = text[at];
    const two = text.slice(at, at + 2);
    if (two === '//') blank(endOf(/[^\n]*/y));
    else if (two === '/*') blank(endOf(/[\s\S]*?\*\//y));
    else if (char === "'" || char === '"') {
      const end = endOf(char === "'" ? /'(?:\\[\s\S]|[^'\\\n])*'?/y : /"(?:\\[\s\S]|[^"\\\n])*"?/y);
      code += `'${strings.push(text.slice(at + 1, end - 1)) - 1}'`;
      at = end;
    } else if (char === '`') {
      at++;
      blankTemplate();
    } else if (char === '/' && BEFORE_A_REGEX.test(code.slice(-20))) {
      blank(endOf(/\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/?/y));
    } else if (char === '}' && templates.at(-1) === 0) {
      templates.pop();
      at++;
      blankTemplate();
    } else {
      if (templates.length > 0) templates.push(templates.pop() + (char === '{' ? 1 : char === '}' ? -1 : 0));
      const end = endOf(/[\s\S][^/'"`{}]*/y);
      code += text.slice(at, end);
      at = end;
    }
  }
  return { code, strings };
}
