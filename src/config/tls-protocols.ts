/** The value of `tls-protocols`: versions of TLS in one text. */
import { oneLine, type ValueType } from './value-type.ts';
import { lowerCase, quoteWord } from './words.ts';

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

/** In any case, with blanks between them; none is the usual ones. */
export function tlsProtocols(): ValueType<readonly (typeof versions)[number][]> {
  return {
    expected: 'some of `TLSv1`, `TLSv1.1`, `TLSv1.2` and `TLSv1.3`, in quotes if several',
    manyWords: false,
    parse: (words) => {
      const text = words[0] ?? '';
      const names = text.split(' ').filter((name) => name !== '');
      const value = versions.filter((version) =>
        names.some((name) => lowerCase(name) === lowerCase(version)),
      );
      const isKnown = (name: string) => value.some((each) => lowerCase(each) === lowerCase(name));
      if (!names.every(isKnown)) return 'Invalid tls-protocols';
      return { value, text };
    },
    lines: (setting, initial) => oneLine(setting, initial, quoteWord(setting.text)),
  };
}
