/**
 * The grammar of one configuration line: words parted by blanks, quoted where needed.
 *
 * Everything here works on byte strings: JavaScript strings whose every character is one byte, as
 * `latin1` decodes them. A configuration file may hold any bytes (a password is one), so text is
 * read and written as `latin1`, and only a value that people read is decoded, by `decodeUtf8`.
 */

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  a: '\x07',
};
const lettersOfEscapes = new Map(Object.entries(escapes).map(([letter, byte]) => [byte, letter]));
const blank = /[ \t\n\v\f\r]/;
const hexPair = /^[0-9a-fA-F]{2}$/;

/** The UTF-8 text that a byte string holds. */
export function decodeUtf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The byte string of a text's UTF-8 form. */
export function encodeUtf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** A–Z become a–z; every other byte stays as it is. */
export function lowerCase(bytes: string): string {
  return bytes.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * Splits a line into words as Redis does: `"…"` knows \n \r \t \b \a \xHH and \ before any other
 * character, `'…'` knows only \', and a closing quote ends its word. Returns undefined when quotes
 * are unbalanced or a closing quote is not followed by a blank.
 */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  while (true) {
    while (at < line.length && blank.test(line.charAt(at))) at++;
    if (at >= line.length) return words;
    const read = readWord(line, at);
    if (read === undefined) return undefined;
    words.push(read.word);
    at = read.end;
  }
}

function readWord(line: string, start: number): { word: string; end: number } | undefined {
  let word = '';
  let at = start;
  while (at < line.length) {
    const character = line.charAt(at);
    // Only these end a bare word in Redis; \v and \f part words but are kept inside one.
    if (character === ' ' || character === '\t' || character === '\n' || character === '\r') break;
    if (character !== '"' && character !== "'") {
      word += character;
      at++;
      continue;
    }
    const quoted = character === '"' ? readDouble(line, at + 1) : readSingle(line, at + 1);
    if (quoted === undefined) return undefined;
    if (quoted.end < line.length && !blank.test(line.charAt(quoted.end))) return undefined;
    return { word: word + quoted.word, end: quoted.end };
  }
  return { word, end: at };
}

/** Reads from behind the opening `"` to behind the closing one. */
function readDouble(line: string, start: number): { word: string; end: number } | undefined {
  let word = '';
  for (let at = start; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === '"') return { word, end: at + 1 };
    if (character !== '\\' || at + 1 >= line.length) {
      word += character;
      continue;
    }
    at++;
    const escaped = line.charAt(at);
    const hex = line.slice(at + 1, at + 3);
    if (escaped === 'x' && hexPair.test(hex)) {
      word += String.fromCharCode(Number.parseInt(hex, 16));
      at += 2;
    } else {
      word += escapes[escaped] ?? escaped;
    }
  }
  return undefined;
}

/** Reads from behind the opening `'` to behind the closing one. */
function readSingle(line: string, start: number): { word: string; end: number } | undefined {
  let word = '';
  for (let at = start; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === "'") return { word, end: at + 1 };
    if (character === '\\' && line.charAt(at + 1) === "'") {
      word += "'";
      at++;
    } else {
      word += character;
    }
  }
  return undefined;
}

/** The word in double quotes, as `splitWords` reads it back and CONFIG REWRITE writes it. */
export function quoteWord(word: string): string {
  let quoted = '"';
  for (const character of word) {
    const code = character.charCodeAt(0);
    const letter = lettersOfEscapes.get(character);
    if (character === '"' || character === '\\') quoted += `\\${character}`;
    else if (letter !== undefined) quoted += `\\${letter}`;
    else if (code >= 0x20 && code < 0x7f) quoted += character;
    else quoted += `\\x${code.toString(16).padStart(2, '0')}`;
  }
  return `${quoted}"`;
}

/** The word as it is where that can be read again, else {@link quoteWord}ed. */
export function plainWord(word: string): string {
  return /^[!#-&(-[\]-~]+$/.test(word) ? word : quoteWord(word);
}
