# fish completion for s3streamer-server
#
# SPDX-License-Identifier: GPL-3.0-or-later

complete -c s3streamer-server -f
complete -c s3streamer-server -l config -r -F -d 'Do as this file says'
complete -c s3streamer-server -l check -d 'Only tell what is wrong in the configuration'
complete -c s3streamer-server -l add-principal -x -d 'Add somebody, and print the token'
complete -c s3streamer-server -l prefix -x -d 'Where something may be done'
complete -c s3streamer-server -l right -x -a 'create overwrite remove link' -d 'What may be done'
complete -c s3streamer-server -l quota -x -a '1G 10G 100G' -d 'How much may be kept'
complete -c s3streamer-server -l embedded -d 'Be the backend behind "this computer"'
complete -c s3streamer-server -l stop -d 'End the one that runs'
complete -c s3streamer-server -l lambda -d 'Be a function of AWS Lambda'
complete -c s3streamer-server -l root -x -a '(__fish_complete_directories)' -d 'Where objects are kept'
complete -c s3streamer-server -l listen -x -a '127.0.0.1:8333' -d 'Where to listen'
complete -c s3streamer-server -l allow-remote -d 'Listen where other computers get to, without TLS'
complete -c s3streamer-server -l token-file -r -F -d 'What clients have to show'
complete -c s3streamer-server -l log-json -d 'Log lines are JSON objects'
complete -c s3streamer-server -l help -d 'Show the help'
complete -c s3streamer-server -l version -d 'Show the version'
