# fish completion for s3streamer
#
# SPDX-License-Identifier: GPL-3.0-or-later

# The keys after --purge are on the server.
complete -c s3streamer -n '__fish_contains_opt purge' -f

# IDs are in the journal.
complete -c s3streamer -n '__fish_contains_opt resume abort' -f -a '(s3streamer --list 2> /dev/null)'

complete -c s3streamer -l upload -d 'Upload the files and folders named'
complete -c s3streamer -l purge -d 'Remove objects from the server'
complete -c s3streamer -l list -d 'List uploads, unfinished and done'
complete -c s3streamer -l resume -d 'Go on with unfinished uploads'
complete -c s3streamer -l abort -d 'Give unfinished uploads up'
complete -c s3streamer -l verify -d 'Compare files with what was uploaded'
complete -c s3streamer -l path -x -d 'Target folder in the bucket'
complete -c s3streamer -l name -x -d 'Target name, for one file or a pipe'
complete -c s3streamer -l connection -x -a this-computer -d 'A saved connection'
complete -c s3streamer -l request-url -x -d 'A server without a saved connection'
complete -c s3streamer -l s3 -x -d 'A bucket, straight, with your own keys'
complete -c s3streamer -l endpoint -x -d 'Where the bucket is'
complete -c s3streamer -l region -x -d 'The region of the bucket'
complete -c s3streamer -l profile -x -d 'Whose keys to take from the shared AWS files'
complete -c s3streamer -l link-expires -x -d 'How many seconds the link to a private bucket works'
complete -c s3streamer -l storage-class -x -a 'STANDARD STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING GLACIER_IR GLACIER DEEP_ARCHIVE REDUCED_REDUNDANCY' -d 'Storage class of objects in a bucket'
complete -c s3streamer -l content-type -x -d 'Content type, in place of the guess'
complete -c s3streamer -l metadata -x -d 'Metadata of objects in a bucket, NAME=VALUE'
complete -c s3streamer -l domain -x -d 'Where visitors download from'
complete -c s3streamer -l token-file -r -F -d 'File with the token'
complete -c s3streamer -l token-stdin -d 'Read the token from standard input'
complete -c s3streamer -l api-key-file -r -F -d 'File with the API key'
complete -c s3streamer -l parts -x -a '1 2 4 5 8 16 32 64' -d 'Parts sent at the same time'
complete -c s3streamer -l part-size -x -a '5 16 50 100 500 1000 5120' -d 'Size of a part in MiB'
complete -c s3streamer -l tmp -x -a '(__fish_complete_directories)' -d 'Where a pipe is kept'
complete -c s3streamer -l overwrite -d 'Replace what is there'
complete -c s3streamer -l sha256 -d 'Compute the SHA-256 as well'
complete -c s3streamer -l limit-rate -x -d 'Bytes per second at most, with K, M or G'
complete -c s3streamer -l retry-for -x -d 'How many seconds a server may be away'
complete -c s3streamer -l json -d 'One JSON object per file; =stream for events as well'
complete -c s3streamer -l quiet -d 'Say nothing but errors'
complete -c s3streamer -l verbose -d 'Say what happens to each file'
complete -c s3streamer -l no-input -d 'Never ask for anything'
complete -c s3streamer -l dry-run -d 'Only say what would be done'
complete -c s3streamer -l help -d 'Show the help'
complete -c s3streamer -l version -d 'Show the version'
