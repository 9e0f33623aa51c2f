#!/bin/sh
# Arguments that are no program of the image (an option, a script) are given to node.
case "${1-}" in
  -*) is_program= ;;
  *) is_program=$(command -v -- "${1-}" || true) ;;
esac
if [ -z "$is_program" ] || { [ -f "$1" ] && [ ! -x "$1" ]; }; then
  set -- node "$@"
fi
exec "$@"
