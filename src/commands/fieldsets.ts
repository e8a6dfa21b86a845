/** The lists of field names that a client has prepared, by the names it gave them, for the hashes it is to import. */

/** The most that the names of all fields of a client may take, each with what it costs to keep. */
const bytesMax = 16 << 20;
const bytesPerField = 100;

/** Field names in the order in which the values will come. */
export type Fieldset = readonly Buffer[];

export class Fieldsets {
  /** Made with the first one: few clients have any. */
  private byName: Map<string, Fieldset> | undefined;
  private bytes = 0;

  /** Puts a list in the place of any of that name. Returns whether there is room for it. */
  add(name: string, fields: Fieldset): boolean {
    const before = this.byName?.get(name);
    const bytes = this.bytes + bytesOf(fields) - (before === undefined ? 0 : bytesOf(before));
    if (bytes > bytesMax) return false;
    this.bytes = bytes;
    this.byName ??= new Map();
    this.byName.set(name, fields);
    return true;
  }

  get(name: string): Fieldset | undefined {
    return this.byName?.get(name);
  }

  /** Returns whether there was any of that name. */
  remove(name: string): boolean {
    const fields = this.get(name);
    if (fields === undefined) return false;
    this.bytes -= bytesOf(fields);
    return this.byName?.delete(name) ?? false;
  }

  /** Returns how many there were. */
  clear(): number {
    const count = this.byName?.size ?? 0;
    this.byName = undefined;
    this.bytes = 0;
    return count;
  }
}

function bytesOf(fields: Fieldset): number {
  return fields.reduce((sum, { length }) => sum + length + bytesPerField, bytesPerField);
}
