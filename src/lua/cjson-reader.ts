/** JSON as Lua values: reads a text of one character a byte and pushes what it says. */
import type { LuaVm } from './vm.ts';

const depthMax = 1000;
const number =
  /[-+]?(?:0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[iI][nN][fF](?:inity)?|[nN][aA][nN])/y;
const space = /[ \t\n\r]*/y;
const plain = /[^"\\]*/y;
const unescaped: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const tokenNames: Readonly<Record<string, string>> = {
  '': 'T_END',
  '{': 'T_OBJ_BEGIN',
  '}': 'T_OBJ_END',
  '[': 'T_ARR_BEGIN',
  ']': 'T_ARR_END',
  ':': 'T_COLON',
  ',': 'T_COMMA',
};

export class JsonReader {
  private readonly vm: LuaVm;
  private readonly json: string;
  private at = 0;

  constructor(vm: LuaVm, json: string) {
    this.vm = vm;
    this.json = json;
  }

  /** Reads all of the text, and pushes its value. */
  read(): void {
    this.value(0);
    this.skip();
    if (this.at < this.json.length) this.unexpected('the end');
  }

  private value(depth: number): void {
    this.skip();
    const { json, vm } = this;
    const first = json.charAt(this.at);
    if (first === '"') vm.pushText(this.string());
    else if (first === '{') this.object(depth + 1);
    else if (first === '[') this.array(depth + 1);
    else if (json.startsWith('true', this.at)) this.word(4, () => vm.pushBoolean(true));
    else if (json.startsWith('false', this.at)) this.word(5, () => vm.pushBoolean(false));
    else if (json.startsWith('null', this.at)) {
      this.word(4, () => vm.api.lua_pushlightuserdata(vm.state, 0));
    } else vm.pushNumber(this.number());
  }

  private word(length: number, push: () => void): void {
    this.at += length;
    push();
  }

  private number(): number {
    number.lastIndex = this.at;
    const found = number.exec(this.json)?.[0];
    if (found === undefined) return this.unexpected('value');
    this.at += found.length;
    const unsigned = found.replace(/^[-+]/, '').toLowerCase();
    const size = unsigned.startsWith('inf')
      ? Number.POSITIVE_INFINITY
      : unsigned === 'nan'
        ? Number.NaN
        : Number(unsigned);
    return found.startsWith('-') ? -size : size;
  }

  private object(depth: number): void {
    this.enter(depth);
    const { vm } = this;
    vm.newTable();
    this.skip();
    if (this.take('}')) return;
    for (;;) {
      this.skip();
      if (this.json.charAt(this.at) !== '"') this.unexpected('object key string');
      vm.pushText(this.string());
      this.skip();
      if (!this.take(':')) this.unexpected('colon');
      this.value(depth);
      vm.setPair(-3);
      this.skip();
      if (this.take('}')) return;
      if (!this.take(',')) this.unexpected('comma or object end');
    }
  }

  private array(depth: number): void {
    this.enter(depth);
    const { vm } = this;
    vm.newTable();
    this.skip();
    if (this.take(']')) return;
    for (let i = 1; ; i++) {
      this.value(depth);
      vm.setAt(-2, i);
      this.skip();
      if (this.take(']')) return;
      if (!this.take(',')) this.unexpected('comma or array end');
    }
  }

  private enter(depth: number): void {
    this.at++;
    if (depth > depthMax) {
      this.vm.fail(`Found too many nested data structures (${depth})`);
    }
    this.vm.makeRoom();
  }

  /** The string that begins here, as bytes. */
  private string(): string {
    this.at++;
    let text = '';
    for (;;) {
      plain.lastIndex = this.at;
      const run = plain.exec(this.json)?.[0] ?? '';
      text += run;
      this.at += run.length;
      const next = this.json.charAt(this.at++);
      if (next === '"') return text;
      if (next === '') this.invalid('unexpected end of string', this.at - 1);
      text += this.escape();
    }
  }

  private escape(): string {
    const letter = this.json.charAt(this.at++);
    const known = unescaped[letter];
    if (known !== undefined) return known;
    if (letter !== 'u') return this.invalid('invalid escape code', this.at - 2);
    let code = this.codeUnit();
    if (code >= 0xd800 && code < 0xdc00 && this.json.startsWith('\\u', this.at)) {
      this.at += 2;
      const low = this.codeUnit();
      if (low < 0xdc00 || low > 0xdfff) this.invalid('invalid unicode escape code', this.at - 12);
      code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
    } else if (code >= 0xd800 && code < 0xe000) {
      this.invalid('invalid unicode escape code', this.at - 6);
    }
    return Buffer.from(String.fromCodePoint(code)).toString('latin1');
  }

  private codeUnit(): number {
    const digits = this.json.slice(this.at, this.at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
      this.invalid('invalid unicode escape code', this.at - 2);
    }
    this.at += 4;
    return Number.parseInt(digits, 16);
  }

  private skip(): void {
    space.lastIndex = this.at;
    this.at += space.exec(this.json)?.[0].length ?? 0;
  }

  private take(character: string): boolean {
    if (this.json.charAt(this.at) !== character) return false;
    this.at++;
    return true;
  }

  private unexpected(expected: string): never {
    return this.vm.fail(
      `Expected ${expected} but found ${this.tokenName()} at character ${this.at + 1}`,
    );
  }

  private invalid(found: string, at: number): never {
    return this.vm.fail(`Expected value but found ${found} at character ${at + 1}`);
  }

  private tokenName(): string {
    const next = this.json.charAt(this.at);
    const named = tokenNames[next];
    if (named !== undefined) return named;
    if (next === '"') return 'T_STRING';
    if (/^(true|false)/.test(this.json.slice(this.at, this.at + 5))) return 'T_BOOLEAN';
    if (this.json.startsWith('null', this.at)) return 'T_NULL';
    number.lastIndex = this.at;
    return number.test(this.json) ? 'T_NUMBER' : 'invalid token';
  }
}
