#!/usr/bin/env bash
# Install the real programs that the interop tests and the bench talk to (Debian 12, as root).
set -euo pipefail

declare -A program_of=(
    [postfix]=/usr/sbin/smtp-source
    [swaks]=/usr/bin/swaks
    [libio-socket-ssl-perl]=/usr/share/perl5/IO/Socket/SSL.pm # brings the TLS that swaks uses
    [dovecot-imapd]=/usr/lib/dovecot/imap
    [dovecot-lmtpd]=/usr/lib/dovecot/lmtp
    [dovecot-sieve]=/usr/bin/sievec
    [mutt]=/usr/bin/mutt
    [msmtp]=/usr/bin/msmtp
    [chromium]=/usr/bin/chromium
    [fonts-noto-cjk]=/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc
)

missing=()
for package in "${!program_of[@]}"; do
    [[ -e ${program_of[$package]} ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
    echo "interop-setup: everything is installed"
    exit 0
fi
if ((EUID != 0)); then
    echo "interop-setup: needs root to install: ${missing[*]}" >&2
    exit 1
fi

echo "interop-setup: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# Our tests start private instances; the system's own Postfix needs no name and is never started.
debconf-set-selections <<<"postfix postfix/main_mailer_type select No configuration"
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
apt-get update -q
apt-get install -q -y --no-install-recommends "${missing[@]}" </dev/null

for package in "${missing[@]}"; do
    [[ -e ${program_of[$package]} ]] || { echo "interop-setup: ${program_of[$package]} is missing" >&2; exit 1; }
done
