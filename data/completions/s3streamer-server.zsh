#compdef s3streamer-server
# zsh completion for s3streamer-server
#
# SPDX-License-Identifier: GPL-3.0-or-later

_arguments \
  '--config=[do as this file says]:file:_files' \
  '--check[only tell what is wrong in the configuration]' \
  '--add-principal=[add somebody, and print the token]:name:' \
  '*--prefix=[where something may be done]:folder:' \
  '*--right=[what may be done]:right:(create overwrite remove link)' \
  '--quota=[how much may be kept]:bytes:(1G 10G 100G)' \
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
