#compdef s3streamer-server
# zsh completion for s3streamer-server
#
# SPDX-License-Identifier: GPL-3.0-or-later

_arguments \
  '--embedded[be the backend behind "this computer"]' \
  '--stop[end the one that runs]' \
  '--lambda[be a function of AWS Lambda]' \
  '--root=[where objects are kept]:folder:_files -/' \
  '--listen=[where to listen]:address:(127.0.0.1\:8333)' \
  '--allow-remote[listen where other computers get to, without TLS]' \
  '--token-file=[what clients have to show]:file:_files' \
  '--log-json[log lines are JSON objects]' \
  '(- *)--help[show the help]' \
  '(- *)--version[show the version]'
