#compdef s3streamer
# zsh completion for s3streamer
#
# SPDX-License-Identifier: GPL-3.0-or-later

# The keys after --purge are on the server.
local rest='*:file:_files'
(( ${words[(I)--purge]} )) && rest='*:key: '
# IDs are in the journal.
(( ${words[(I)--resume]} || ${words[(I)--abort]} )) &&
  rest='*:id:($(s3streamer --list 2> /dev/null | cut -f 1))'

_arguments \
  '(--purge --list --resume --abort --verify)--upload[upload the files and folders named]' \
  '(--upload --list --resume --abort --verify)--purge[remove objects from the server]' \
  '(--upload --purge --resume --abort --verify)--list[list uploads, unfinished and done]' \
  '(--upload --purge --list --abort --verify)--resume[go on with unfinished uploads]' \
  '(--upload --purge --list --resume --verify)--abort[give unfinished uploads up]' \
  '(--upload --purge --list --resume --abort)--verify[compare files with what was uploaded]' \
  '--path=[target folder in the bucket]:folder: ' \
  '--name=[target name, for one file or a pipe]:name: ' \
  '(--request-url)--connection=[a saved connection]:connection:(this-computer)' \
  '(--connection)--request-url=[a server without a saved connection]:URL: ' \
  '(--connection --request-url)--s3=[a bucket, straight, with your own keys]:s3\://BUCKET: ' \
  '--endpoint=[where the bucket is]:URL: ' \
  '--region=[the region of the bucket]:region: ' \
  '--profile=[whose keys to take from the shared AWS files]:profile: ' \
  '--link-expires=[how many seconds the link to a private bucket works]:seconds: ' \
  '--storage-class=[storage class of objects in a bucket]:class:(STANDARD STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING GLACIER_IR GLACIER DEEP_ARCHIVE REDUCED_REDUNDANCY)' \
  '--content-type=[content type, in place of the guess]:type: ' \
  '*--metadata=[metadata of objects in a bucket]:NAME=VALUE: ' \
  '--domain=[where visitors download from]:URL: ' \
  '(--token-stdin)--token-file=[file with the token]:file:_files' \
  '(--token-file)--token-stdin[read the token from standard input]' \
  '--api-key-file=[file with the API key]:file:_files' \
  '--parts=[parts sent at the same time]:number:(1 2 4 5 8 16 32 64)' \
  '--part-size=[size of a part in MiB]:MiB:(5 16 50 100 500 1000 5120)' \
  '--tmp=[where a pipe is kept]:folder:_files -/' \
  '--overwrite[replace what is there]' \
  '--sha256[compute the SHA-256 as well]' \
  '--limit-rate=[bytes per second at most]:rate: ' \
  '--retry-for=[how many seconds a server may be away]:seconds: ' \
  '--json=-[one JSON object per file, or events as well]::events:(stream)' \
  '(--verbose)--quiet[say nothing but errors]' \
  '(--quiet)--verbose[say what happens to each file]' \
  '--no-input[never ask for anything]' \
  '--dry-run[only say what would be done]' \
  '(- *)--help[show the help]' \
  '(- *)--version[show the version]' \
  $rest
