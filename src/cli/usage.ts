/** What `zippy --help` prints. */
export const usage = `Usage: zippy [config-file] [-] [--directive value ...] ...
       zippy --help | --version

Starts the server. Directives come from the file, then from standard input if asked for by a lone -,
then from the flags; the later one counts. Their names are Redis's.

Examples:
  zippy                                        listens on 127.0.0.1:6379
  zippy zippy.conf --loglevel verbose          a file, and what is different today
  zippy --port 7001 --requirepass secret
  zippy --port 0 --unixsocket /tmp/zippy.sock  no TCP at all
  echo 'maxclients 100' | zippy -
`;
