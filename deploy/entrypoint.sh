#!/bin/sh
# Give a component its secrets: every mounted file with a name in capitals becomes the variable of that name.
set -eu
for file in "${BIDN_GEHEIMEN_MAP:-/run/secrets}"/*; do
    name=${file##*/}
    case $name in
        *[!A-Z0-9_]* | '') ;;
        *) [ -r "$file" ] && export "$name=$(cat "$file")" ;;
    esac
done
exec "$@"
