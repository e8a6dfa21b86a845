/** Links in Markdown: what they point to in the repository exists, files and headings. */
import { posix } from 'node:path';

/** Links of `text`, the file at `path`, that lead nowhere. `read` gives a file's text, undefined if there is none. */
export function deadLinks(
  path: string,
  text: string,
  exists: (path: string) => boolean,
  read: (path: string) => string | undefined,
): string[] {
  const prose = text.replace(/```[\s\S]*?```|`[^`\n]*`/g, (code) => code.replace(/[^\n]/g, ' '));
  const links = [...prose.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].map(
    (match) => match[1] ?? '',
  );
  return links.flatMap((link) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [file = '', anchor] = link.split('#', 2);
    const target = file === '' ? path : posix.join(posix.dirname(path), decodeURIComponent(file));
    if (!exists(target.replace(/\/$/, '')))
      return [`${path} links to ${link}, which does not exist`];
    if (anchor === undefined || !target.endsWith('.md')) return [];
    const anchors = anchorsOf(file === '' ? text : (read(target) ?? ''));
    return anchors.has(anchor) ? [] : [`${path} links to ${link}, a heading that does not exist`];
  });
}

/** The anchors that GitHub gives to headings. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+\s+(.+?)\s*$/gm)].map((match) => match[1] ?? '');
  const slugs = headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
  return new Set([
    ...slugs,
    ...[...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map((m) => m[1] ?? ''),
  ]);
}
