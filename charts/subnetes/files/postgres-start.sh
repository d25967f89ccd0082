#!/bin/sh
# Makes the cluster with a role and a database for each service at first start, in a folder beside the final one, so
# that a start cut short leaves nothing half made; then sets the passwords as the Secrets have them now, and serves.
set -eu
export PATH=/usr/lib/postgresql/15/bin:/bin
volume=/var/lib/subnetes-postgres
data=$volume/pgdata
passwords=/etc/subnetes/passwords

single() { postgres --single -j -D "$1" -c "$2" postgres >/tmp/single.log 2>&1 || { cat /tmp/single.log >&2; return 1; }; }

if [ ! -f "$data/PG_VERSION" ]; then
  echo "making the database cluster"
  rm -rf "$volume/new"
  initdb -D "$volume/new" --username=postgres --locale=C.UTF-8 --encoding=UTF8 --data-checksums \
    --auth-local=trust --auth-host=scram-sha-256 --pwfile=$passwords/postgres/password >/dev/null
  for name in ledger scoring billing; do
    printf 'CREATE ROLE %s LOGIN;\n\nCREATE DATABASE %s OWNER %s;\n\nREVOKE ALL ON DATABASE %s FROM PUBLIC;\n' \
      $name $name $name $name | single "$volume/new" search_path=public
  done
  sync
  mv "$volume/new" "$data"
fi

for name in postgres ledger scoring billing; do
  # The generated passwords have no character that SQL would have to quote.
  printf "ALTER ROLE %s PASSWORD '%s';\n" $name "$(cat $passwords/$name/password)" | single "$data" log_statement=none
done
rm -f /tmp/single.log
exec postgres -D "$data" -c config_file=/etc/subnetes/postgres/postgresql.conf -c hba_file=/etc/subnetes/postgres/pg_hba.conf
