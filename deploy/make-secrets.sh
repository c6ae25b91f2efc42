#!/usr/bin/env bash
# Makes everything secret of one installation, once: a certificate authority, the broker's certificate, passwords. What is
# there already is kept. Needs openssl. A device of its own name: bash deploy/make-secrets.sh device CB-0001
set -euo pipefail
umask 077
folder=${FDI_HOST_SECRETS:-$(cd "$(dirname "$0")" && pwd)/secrets}
mkdir -p "$folder"
cd "$folder"

password() { [ -s "$1" ] || openssl rand -hex 24 > "$1"; }

# A line of the broker's password file: PBKDF2 of SHA-512, as mosquitto_passwd writes it.
broker_line() {
  local salt key
  salt=$(openssl rand -hex 12)
  key=$(openssl kdf -binary -keylen 64 -kdfopt digest:SHA512 -kdfopt "pass:$(cat "$2")" -kdfopt "hexsalt:$salt" \
    -kdfopt iter:10000 PBKDF2 | openssl base64 -A)
  printf '%s:$7$10000$%s$%s\n' "$1" "$(printf '%s' "$salt" | sed 's/../\\x&/g' | xargs -0 printf '%b' | openssl base64 -A)" "$key"
}

if [ "${1:-}" = device ]; then
  name=${2:?usage: make-secrets.sh device NAME}
  case $name in *[!A-Za-z0-9._@-]*) echo "a device name has letters, digits or . _ @ - only" >&2; exit 1 ;; esac
  # Below lwm2m/rd/ all devices of the OMA binding have their topics; the others are logins of programs.
  case $name in rd | fdi-host | probe) echo "the name $name is reserved" >&2; exit 1 ;; esac
  mkdir -p devices
  password "devices/$name"
  if ! grep -q "^$name:" broker-users; then broker_line "$name" "devices/$name" >> broker-users; fi
  echo "$folder/devices/$name"
  exit 0
fi

for name in mqtt-host-password mqtt-probe-password metrics-password database-password grafana-password; do password "$name"; done
printf 'postgres://fdi:%s@timescaledb:5432/fdi\n' "$(cat database-password)" > database-url

if [ ! -s plant-ca.pem ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=fdi-host plant CA" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign" \
    -keyout plant-ca.key -out plant-ca.pem 2> /dev/null
fi
if [ ! -s broker.pem ]; then
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=mosquitto" -keyout broker.key -out broker.csr 2> /dev/null
  printf 'subjectAltName=DNS:mosquitto,DNS:localhost,DNS:%s,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' "$(hostname)" > broker.ext
  openssl x509 -req -in broker.csr -CA plant-ca.pem -CAkey plant-ca.key -CAcreateserial -days 825 -extfile broker.ext -out broker.pem 2> /dev/null
  rm -f broker.csr broker.ext
fi
if [ ! -s broker-users ]; then
  broker_line fdi-host mqtt-host-password > broker-users
  broker_line probe mqtt-probe-password >> broker-users
fi
# Containers read them as users of their own; the folder is closed to everyone else.
chmod 644 plant-ca.pem broker.pem broker.key broker-users mqtt-*-password metrics-password database-* grafana-password
chmod 700 .
echo "secrets are in $folder"
