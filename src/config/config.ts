/**
 * The configuration in force: what CONFIG GET, SET and REWRITE and the whole program look at.
 *
 * Every directive always has a valid setting: its default, then what files and flags say, then
 * CONFIG SET. Whoever has to act on a change subscribes with `onChange` and may refuse it; a CONFIG SET
 * then leaves everything as it was. Names, values and texts at this class's protocol side are byte
 * strings (words.ts): decode arguments and encode replies as latin1.
 */
import { globMatch } from '#types/glob.ts';
import type { Directive } from './directive.ts';
import {
  allDirectives,
  allNames,
  type DirectiveName,
  findDirective,
  type NamedDirective,
  type ValueOf,
} from './directives.ts';
import { ConfigError, type ConfigLine } from './parse.ts';
import { isOutdated, reasonToRefuse } from './refused.ts';
import { rewriteConfig } from './rewrite.ts';
import { nearestName } from './suggest.ts';
import type { Setting, Stage } from './value-type.ts';
import { decodeUtf8, encodeUtf8, lowerCase, splitWords } from './words.ts';

/**
 * Acts on a changed value. Returns why it cannot (empty if that cannot be said), having changed nothing.
 * When a later one refuses, those that accepted are called again with the values swapped.
 */
export type ApplyChange<T> = (value: T, previous: T) => string | undefined;

/** A CONFIG SET in progress: one name and the text given for it. */
interface Change extends NamedDirective {
  readonly text: string;
}

export class Config {
  /** The `user` lines of files and flags: ACL users, which are not settings. */
  readonly users: ConfigLine[] = [];
  private readonly settings: Map<DirectiveName, Setting<unknown>>;
  private readonly defaults: ReadonlyMap<DirectiveName, Setting<unknown>>;
  private readonly subscribers = new Map<DirectiveName, ApplyChange<unknown>[]>();

  /** All defaults. `workingDirectory` is the process's own, absolute; a relative `dir` starts there. */
  constructor({ workingDirectory }: { workingDirectory: string }) {
    this.defaults = defaultSettings(workingDirectory);
    this.settings = new Map(this.defaults);
  }

  /** The value in force. O(1). */
  get<Name extends DirectiveName>(name: Name): ValueOf<Name> {
    // The map holds what the directive's own type parsed, which the map's type cannot say.
    return this.setting(name).value as ValueOf<Name>;
  }

  /** Whether a file, a flag or CONFIG SET has said anything of it. */
  isGiven(name: DirectiveName): boolean {
    return this.settings.get(name) !== this.defaults.get(name);
  }

  /** Takes over the lines of files and flags, before the program starts. Throws ConfigError. */
  load(lines: readonly ConfigLine[]): void {
    const seen = new Set<DirectiveName>();
    for (const line of lines) {
      const named = findDirective(line.name);
      if (line.name === 'user') this.addUser(line);
      else if (named !== undefined) this.loadLine(named, line, seen);
      else if (!(isOutdated(line.name) && line.words.length === 1)) throw unknownDirective(line);
    }
  }

  private addUser(line: ConfigLine): void {
    const [name] = line.words;
    if (this.users.some(({ words }) => words[0] === name)) {
      const problem = 'Duplicate user found. A user can only be defined once in config files';
      throw new ConfigError(line.place, line.name, problem);
    }
    this.users.push(line);
  }

  private loadLine(named: NamedDirective, line: ConfigLine, seen: Set<DirectiveName>): void {
    const { type, sensitive } = named.directive;
    const words = wordsOfLine(named.directive, line);
    const stage: Stage = seen.has(named.name) ? 'next line' : 'first line';
    const setting = type.parse(words, this.setting(named.name), stage);
    if (typeof setting === 'string') {
      const given = sensitive ? '' : `, not '${words.join(' ')}'`;
      throw new ConfigError(line.place, line.name, `${setting}${given}`);
    }
    seen.add(named.name);
    this.settings.set(named.name, setting);
  }

  /**
   * CONFIG SET with its arguments, names and values in turn. All take effect or none does.
   * Returns undefined, or the text of the error reply as Redis 7.0 has it (without `ERR`).
   * `isLocal`: the client connects from this machine, which may allow it protected directives.
   */
  set(args: readonly string[], { isLocal = false } = {}): string | undefined {
    if (args.length === 0 || args.length % 2 !== 0) return 'syntax error';
    const changes = this.changesOf(args, isLocal);
    if (typeof changes === 'string') return changes;
    const before = new Map(this.settings);
    for (const { name, calledBy, directive, text } of changes) {
      const words = directive.type.manyWords ? (text === '' ? [] : text.split(' ')) : [text];
      const setting = directive.type.parse(words, this.setting(name), 'set');
      if (typeof setting === 'string') {
        this.restore(before);
        return setFailed(calledBy, setting);
      }
      this.settings.set(name, setting);
    }
    return this.announce(changes, before);
  }

  /** What is to be set, or the error reply for the first thing wrong with the names. */
  private changesOf(args: readonly string[], isLocal: boolean): readonly Change[] | string {
    const changes: Change[] = [];
    for (let at = 0; at < args.length; at += 2) {
      const given = args[at] ?? '';
      const named = findDirective(given);
      if (named === undefined) {
        return `Unknown option or number of arguments for CONFIG SET - '${given}'`;
      }
      if (!named.directive.mutable) return setFailed(given, "can't set immutable config");
      if (named.directive.protected && !this.allowsProtected(isLocal)) {
        return setFailed(given, "can't set protected config");
      }
      // Redis compares names as given: a directive and its alias together are no duplicate.
      if (changes.some(({ calledBy }) => calledBy === named.calledBy)) {
        return setFailed(given, 'duplicate parameter');
      }
      changes.push({ ...named, text: args[at + 1] ?? '' });
    }
    return changes;
  }

  private allowsProtected(isLocal: boolean): boolean {
    const allowed = this.get('enable-protected-configs');
    return allowed === 'yes' || (allowed === 'local' && isLocal);
  }

  /** Tells the subscribers of what changed; takes everything back when one refuses. */
  private announce(
    changes: readonly Change[],
    before: ReadonlyMap<DirectiveName, Setting<unknown>>,
  ): string | undefined {
    const undo: (() => void)[] = [];
    const announced = new Set<DirectiveName>();
    for (const { name, calledBy, directive } of changes) {
      const previous = before.get(name);
      const current = this.setting(name);
      if (previous === undefined || announced.has(name)) continue;
      if (previous.text === current.text && directive.readsFiles !== true) continue;
      announced.add(name);
      for (const apply of this.subscribers.get(name) ?? []) {
        const refusal = apply(current.value, previous.value);
        if (refusal !== undefined) {
          this.restore(before);
          for (const revert of undo.reverse()) revert();
          return setFailed(calledBy, refusal);
        }
        undo.push(() => apply(previous.value, current.value));
      }
    }
    return undefined;
  }

  private restore(before: ReadonlyMap<DirectiveName, Setting<unknown>>): void {
    for (const [name, setting] of before) this.settings.set(name, setting);
  }

  /** Calls `apply` whenever CONFIG SET changes the value. Returns how to stop that. */
  onChange<Name extends DirectiveName>(name: Name, apply: ApplyChange<ValueOf<Name>>): () => void {
    // The subscribers of a name are only ever called with that name's values.
    const subscriber = apply as ApplyChange<unknown>;
    const subscribers = this.subscribers.get(name) ?? [];
    this.subscribers.set(name, [...subscribers, subscriber]);
    return () => {
      const rest = (this.subscribers.get(name) ?? []).filter((other) => other !== subscriber);
      this.subscribers.set(name, rest);
    };
  }

  /**
   * CONFIG GET: names that match any of the patterns, in any case, with their values.
   * A pattern without wildcards is answered by the name as it was given, once in whatever case, as Redis does.
   */
  match(patterns: readonly string[]): ReadonlyMap<string, string> {
    const matches = new Map<string, string>();
    const seen = new Set<string>();
    const add = (calledBy: string, name: DirectiveName) => {
      if (seen.has(lowerCase(calledBy))) return;
      seen.add(lowerCase(calledBy));
      matches.set(calledBy, this.setting(name).text);
    };
    for (const pattern of patterns) {
      if (!/[[*?]/.test(pattern)) {
        const named = findDirective(pattern);
        if (named !== undefined) add(pattern, named.name);
        continue;
      }
      const glob = Buffer.from(pattern, 'latin1');
      for (const { calledBy, name } of allNames()) {
        const text = Buffer.from(calledBy, 'latin1');
        if (globMatch(glob, 0, glob.length, text, 0, text.length, true)) {
          add(calledBy, name);
        }
      }
    }
    return matches;
  }

  /**
   * CONFIG REWRITE: the file's new text, with `users` as its lines of users. The caller keeps the file's path and
   * replaces it atomically.
   */
  rewrite(oldText: string, users: readonly string[] = []): string {
    return rewriteConfig(oldText, this.settings, this.defaults, users);
  }

  private setting(name: DirectiveName): Setting<unknown> {
    const setting = this.settings.get(name);
    if (setting === undefined) throw new Error(`directive ${name} has no setting`);
    return setting;
  }
}

/** Is what CONFIG SET is given for that name a secret, not to be logged or shown? */
export function isSensitive(name: string): boolean {
  return findDirective(name)?.directive.sensitive ?? false;
}

function defaultSettings(workingDirectory: string): Map<DirectiveName, Setting<unknown>> {
  const defaults = new Map<DirectiveName, Setting<unknown>>();
  for (const { name, directive } of allDirectives()) {
    const words = directive.default === '' ? [''] : splitWords(directive.default);
    const start = { value: workingDirectory, text: encodeUtf8(workingDirectory) };
    const current = name === 'dir' ? start : undefined;
    const setting = directive.type.parse(words ?? [], current, 'default');
    if (typeof setting === 'string') throw new Error(`default of ${name}: ${setting}`);
    defaults.set(name, setting);
  }
  return defaults;
}

/** The words of a line, where one quoted word may hold all words of a directive that takes many. */
function wordsOfLine(directive: Directive, line: ConfigLine): readonly string[] {
  const [first] = line.words;
  if (!directive.type.manyWords) {
    if (line.words.length === 1) return line.words;
    throw new ConfigError(line.place, line.name, 'wrong number of arguments, takes exactly one');
  }
  if (line.words.length !== 1 || first === undefined || first === '') return line.words;
  const words = splitWords(first);
  if (words === undefined) throw new ConfigError(line.place, line.name, 'unbalanced quotes');
  return words;
}

function unknownDirective({ name, place }: ConfigLine): ConfigError {
  const reason = reasonToRefuse(name);
  if (reason !== undefined) return new ConfigError(place, name, `not supported: ${reason}`);
  const [flag, value] = name.split('=', 2);
  if (flag !== undefined && value !== undefined && findDirective(flag) !== undefined) {
    return new ConfigError(place, name, `unknown directive, did you mean '${flag} ${value}'?`);
  }
  const names = [...allNames()].map(({ calledBy }) => calledBy);
  const nearest = nearestName(decodeUtf8(name), ['include', ...names]);
  const hint = nearest === undefined ? '' : `, did you mean '${nearest}'?`;
  return new ConfigError(place, name, `unknown directive${hint}`);
}

function setFailed(name: string, reason: string): string {
  const suffix = reason === '' ? '' : ` - ${reason}`;
  return `CONFIG SET failed (possibly related to argument '${name}')${suffix}`;
}
