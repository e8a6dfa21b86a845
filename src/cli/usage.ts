/** What `zippy --help` says besides the list of commands, and what `zippy server --help` says. */

export const programHelp = `
Without a command, or with a configuration file or directives, zippy starts a server:
  zippy                                  listens on 127.0.0.1:6379
  zippy --port 7001                      the same as zippy server --port 7001

Then, in another terminal:
  zippy cli                              a prompt
  zippy cli SET greeting hello           one command

zippy COMMAND --help tells more about one of them.

Exit codes: 0 done, 1 it could not be done, 2 the command line was not understood,
70 an error in zippy itself, 130 interrupted.
`;

export const serverHelp = `
Directives come from the file, then from standard input if asked for by a lone -,
then from the flags; the later one counts. Their names are Redis's.

A configuration file that is named as a command is given as ./check.

Examples:
  zippy                                        listens on 127.0.0.1:6379
  zippy zippy.conf --loglevel verbose          a file, and what is different today
  zippy --port 7001 --requirepass secret
  zippy --port 0 --unixsocket /tmp/zippy.sock  no TCP at all
  echo 'maxclients 100' | zippy -
`;
