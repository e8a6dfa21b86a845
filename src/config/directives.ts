/**
 * The table of all directives, from its pages, and how to find a directive by name.
 * A name is unique among names and aliases together; this is checked when the module loads.
 */
import type { Directive, Directives } from './directive.ts';
import { encodingDirectives } from './directives/encodings.ts';
import { generalDirectives } from './directives/general.ts';
import { ignoredDirectives } from './directives/ignored.ts';
import { memoryDirectives } from './directives/memory.ts';
import { networkDirectives } from './directives/network.ts';
import { observabilityDirectives } from './directives/observability.ts';
import { persistenceDirectives } from './directives/persistence.ts';
import { replicationDirectives } from './directives/replication.ts';
import { tlsDirectives } from './directives/tls.ts';
import { transactionDirectives } from './directives/transactions.ts';
import type { ValueType } from './value-type.ts';
import { lowerCase } from './words.ts';

const directives = {
  ...networkDirectives,
  ...tlsDirectives,
  ...generalDirectives,
  ...memoryDirectives,
  ...transactionDirectives,
  ...observabilityDirectives,
  ...persistenceDirectives,
  ...encodingDirectives,
  ...ignoredDirectives,
  ...replicationDirectives,
};

/** The pages of the table with their headings, in the order of the documentation. */
export const sections: readonly { readonly title: string; readonly directives: Directives }[] = [
  { title: 'Network', directives: networkDirectives },
  { title: 'TLS', directives: tlsDirectives },
  { title: 'General', directives: generalDirectives },
  { title: 'Memory', directives: memoryDirectives },
  { title: 'Transactions', directives: transactionDirectives },
  { title: 'Observability', directives: observabilityDirectives },
  { title: 'Persistence', directives: persistenceDirectives },
  { title: 'Encodings', directives: encodingDirectives },
  { title: 'Process and operating system, without effect', directives: ignoredDirectives },
  { title: 'Replication and cluster, without effect', directives: replicationDirectives },
];

/** The name of a directive, not an alias. */
export type DirectiveName = keyof typeof directives;

/** What `config.get(name)` returns. */
export type ValueOf<Name extends DirectiveName> =
  (typeof directives)[Name]['type'] extends ValueType<infer Value> ? Value : never;

/** A name under which a directive is known. */
export interface NamedDirective {
  /** The directive's own name. */
  readonly name: DirectiveName;
  /** The name it was found by: its own or an alias, in lower case. */
  readonly calledBy: string;
  readonly directive: Directive;
}

const byName = indexByName();

function indexByName(): ReadonlyMap<string, NamedDirective> {
  const index = new Map<string, NamedDirective>();
  for (const [key, directive] of Object.entries<Directive>(directives)) {
    // Object.entries forgets that the keys are the table's.
    const name = key as DirectiveName;
    for (const calledBy of [name, ...(directive.aliases ?? [])]) {
      if (index.has(calledBy)) throw new Error(`directive ${calledBy} is declared twice`);
      index.set(calledBy, { name, calledBy, directive });
    }
  }
  return index;
}

/** The directive of that name or alias, in any case. O(1). */
export function findDirective(name: string): NamedDirective | undefined {
  return byName.get(lowerCase(name));
}

/** All directives under all their names: the table's order, aliases behind the name they stand for. */
export function allNames(): Iterable<NamedDirective> {
  return byName.values();
}

/** All directives once, in the table's order. */
export function* allDirectives(): Iterable<NamedDirective> {
  for (const named of byName.values()) if (named.name === named.calledBy) yield named;
}
