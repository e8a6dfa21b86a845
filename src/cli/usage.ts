/** What `zippy --help` prints. */
export const usage = `Usage: zippy [config-file] [-] [--directive value ...] ...
       zippy check FILE ... | repair FILE
       zippy snapshot export FILE [config-file] [--directive value ...]
       zippy --help | --version

Starts the server. Directives come from the file, then from standard input if asked for by a lone -,
then from the flags; the later one counts. Their names are Redis's.

check says of RDB files, deltas, append-only files and manifests what they hold and where they are broken;
repair cuts a broken append-only file where it is whole, and keeps a copy. snapshot export writes the snapshot
in dir and its deltas as one plain RDB file. A configuration file of such a name is given as ./check.

Examples:
  zippy                                        listens on 127.0.0.1:6379
  zippy zippy.conf --loglevel verbose          a file, and what is different today
  zippy --port 7001 --requirepass secret
  zippy --port 0 --unixsocket /tmp/zippy.sock  no TCP at all
  echo 'maxclients 100' | zippy -
`;
