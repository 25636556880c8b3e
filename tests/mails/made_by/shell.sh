#!/bin/bash
# Mails by what an administrator has at hand: nkf and sendmail, swaks, mpack, git. ./shell.sh OUT
set -eu
cd "$(dirname "$0")"
out=$1
export LANG=C.UTF-8
desk=hosho@hoshobin.example
field() { ruby letter.rb "$1" "$2"; }
head_of() { # ID CHARSET
  printf 'From: %s <%s>\nTo: %s\nSubject: %s\nDate: Tue, 10 Nov 2026 10:57:00 +0900\nMessage-ID: <%s@%s>\nMIME-Version: 1.0\n' \
    "$(field "$1" name)" "$(field "$1" from)" "$desk" "$(field "$1" subject)" "$RANDOM$RANDOM" "$(field "$1" from | cut -d@ -f2)"
}

# nkf over the whole mail, as many a cron job does: JIS by its own rules, B or Q words, Shift_JIS and EUC labels.
by_nkf() { # NAME ID LABEL BODY-OPTIONS
  { head_of "$2" | nkf -W $4 -M | sed "s/^M[Ii][Mm][Ee]-[Vv]ersion/MIME-Version/"
    printf 'Content-Type: text/plain; charset=%s\n\n' "$3"
    field "$2" text | nkf -W -m0 -x $4; } > "$out/nkf-$1-$2.eml"
}
by_nkf jis certificate ISO-2022-JP -j
by_nkf jis verify-reply ISO-2022-JP -j
by_nkf cp50221 agree ISO-2022-JP --oc=CP50221
by_nkf cp50221 japanese-of-every-kind ISO-2022-JP --oc=CP50221
by_nkf cp50220 key-notice ISO-2022-JP --oc=CP50220
by_nkf iso-2022-jp-1 status ISO-2022-JP-1 --oc=ISO-2022-JP-1
by_nkf sjis submit Shift_JIS -s
by_nkf cp932 japanese-of-every-kind Windows-31J --oc=CP932
by_nkf euc submitted EUC-JP -e
by_nkf eucjp-ms japanese-of-every-kind eucJP-ms --oc=eucJP-ms
by_nkf utf-8 verify-typed UTF-8 -w
by_nkf utf-8-as-utf-16 help UTF-16 -w
{ head_of list; printf 'Content-Type: text/plain; charset=ISO-2022-JP\nContent-Transfer-Encoding: quoted-printable\n\n'
  field list text | nkf -W -j -MQ -f0; } | nkf -W -j -M > "$out/nkf-quoted-printable-list.eml"
{ head_of withdraw | nkf -W -j -M; printf 'Content-Type: text/plain; charset=ISO-2022-JP\nContent-Transfer-Encoding: base64\n\n'
  field withdraw text | nkf -W -j | base64; } > "$out/nkf-base64-withdraw.eml"
# Raw headers in each code, which no RFC allows.
for code in j s e w; do
  { printf 'From: %s <%s>\nSubject: %s\n\n' "$(field status name)" "$(field status from)" "状況の確認について"; field status text; } |
    nkf -W -m0 -x -$code > "$out/nkf-raw-headers-$code-status.eml"
done

# swaks: its own boundary and headers; names of files raw.
by_swaks() { # NAME ID OPTIONS…
  local name=$1 id=$2
  shift 2
  swaks --dump-mail --to "$desk" --from "$(field "$id" from)" --h-From "$(field "$id" name | nkf -W -M -w | tr -d '\n') <$(field "$id" from)>" \
    --h-Subject "$(field "$id" subject | nkf -W -w -M)" "$@" > "$out/swaks-$name-$id.eml"
}
by_swaks plain list --body "$(field list text)"
by_swaks plain submit --body "$(field submit text)" --add-header 'Content-Type: text/plain; charset=UTF-8'
by_swaks attached contract --attach-type text/plain --attach-body "$(field contract text)" --attach-type application/pdf \
  --attach-name "請負契約書（写）.pdf" --attach @papers/contract.pdf
by_swaks attached archive --attach-body "$(field archive text)" --attach-type application/zip --attach-name "contract.zip" --attach @papers/contract.zip

# mpack: the text is a description, the file the mail.
cp papers/contract.pdf "$out/契約書.pdf"
field contract text > "$out/words"
mpack -s "$(field contract subject | nkf -W -w -M | tr -d '\n')" -d "$out/words" -c application/pdf -o "$out/mpack-contract.eml" "$out/契約書.pdf"
mpack -s "contract" -o "$out/mpack-file-alone-contract.eml" "$out/契約書.pdf"
rm -f "$out/契約書.pdf" "$out/words"

# git: a commit message is a subject that nobody thought of as a mail.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git -C "$work" init -q
git -C "$work" -c user.name="$(field status name)" -c user.email="$(field status from)" commit -q --allow-empty -m "状況" -m "$(field status text)"
git -C "$work" -c user.name="$(field list name)" -c user.email="$(field list from)" commit -q --allow-empty -m "一覧" -m "$(field list text)"
git -C "$work" format-patch -q --always --to="$desk" --from="$(field status name) <$(field status from)>" --start-number=1 -o "$work/p" --root HEAD
cp "$work"/p/0001* "$out/git-format-patch-status.eml"
cp "$work"/p/0002* "$out/git-format-patch-list.eml"
