#!/bin/bash
# Answers and forwards by programs that quote by themselves: mutt, s-nail, nmh and Emacs (Gnus). ./readers.sh OUT
set -eu
cd "$(dirname "$0")"
out=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work LANG=C.UTF-8 LC_ALL=C.UTF-8 TERM=xterm

mkdir -p "$work/Mail/inbox" "$work/Mail/drafts"

field() { ruby letter.rb "$1" "$2"; }

# What a person types, above the quotation or below it.
cat > "$work/editor" <<'EDITOR'
#!/bin/sh
if [ "$WHERE" = below ]; then cat "$1" "$TEXT" > "$1.new"; else cat "$TEXT" "$1" > "$1.new"; fi
cat "$1.new" > "$1"
EDITOR
chmod +x "$work/editor"

mutt_answers() { # ID ORIGINAL WHERE CHARSET [attribution]
  ruby originals.rb "$2" > "$work/mbox"
  field "$1" text > "$work/text"
  cat > "$work/muttrc" <<RC
set editor="$work/editor" sendmail="$PWD/capture.sh" from="$(field "$1" from)" realname="$(field "$1" name)"
set abort_unmodified=no use_from=yes fast_reply=yes include=yes autoedit=yes copy=no confirmappend=no send_charset="$4" wait_key=no
set user_agent=yes hostname=$(field "$1" from | cut -d@ -f2) ${5:-}
set header_cache="" mbox_type=mbox quit=yes move=no delete=no
RC
  EML="$out/mutt-$4-$3-$1.eml" TEXT="$work/text" WHERE=$3 timeout 60 \
    script -qec "mutt -F $work/muttrc -f $work/mbox -e 'push <first-entry><reply>y<quit>'" /dev/null > /dev/null
}
mutt_answers withdraw readback above utf-8
mutt_answers agree-denied readback below iso-2022-jp
mutt_answers certificate registered above iso-2022-jp
mutt_answers key-notice registered below utf-8
mutt_answers submit key-notice above iso-2022-jp
mutt_answers submitted key-notice below utf-8
mutt_answers verify-reply submission above utf-8
mutt_answers verify-person submission below iso-2022-jp

# mutt without a reader: new mails, with and without a file.
mutt_writes() { # ID CHARSET [FILE NAME]
  cat > "$work/muttrc" <<RC
set sendmail="$PWD/capture.sh" from="$(field "$1" from)" realname="$(field "$1" name)" use_from=yes copy=no
set send_charset="$2" hostname=$(field "$1" from | cut -d@ -f2)
RC
  [ $# -lt 3 ] || cp "$3" "$work/$4"
  field "$1" text | EML="$out/mutt-new-$2-$1.eml" mutt -F "$work/muttrc" -s "$(field "$1" subject)" \
    ${3:+-a "$work/$4"} -- hosho@hoshobin.example
}
mutt_writes apply utf-8
mutt_writes status iso-2022-jp
mutt_writes contract iso-2022-jp papers/contract.pdf "請負契約書（写）.pdf"
mutt_writes archive utf-8 papers/contract.zip "請負契約書（写）.zip"
mutt_writes question utf-8

snail() { # NAME ID COMMANDS…
  local name=$1 id=$2
  shift 2
  printf '%s\n' "$@" "$(field "$id" text)" '~.' x |
    EML="$out/s-nail-$name-$id.eml" s-nail -# -n -R -S mta="$PWD/capture.sh" -S from="$(field "$id" name) <$(field "$id" from)>" \
      -S sendwait -S hostname="$(field "$id" from | cut -d@ -f2)" -S sendcharsets=utf-8 -f "$work/mbox" > /dev/null
}
for id in submit withdraw certificate; do
  ruby originals.rb "$(field "$id" reply_to)" > "$work/mbox"
  snail quoting "$id" 'set quote' 'reply 1'
done
ruby originals.rb registered > "$work/mbox"
snail plain key-notice 'reply 1'
for id in list apply-fault; do
  field "$id" text | EML="$out/s-nail-new-$id.eml" s-nail -# -n -S mta="$PWD/capture.sh" -S from="$(field "$id" name) <$(field "$id" from)>" \
    -S sendwait -S hostname=iyo-kensetsu.example -S sendcharsets=iso-2022-jp,utf-8 -s "$(field "$id" subject)" hosho@hoshobin.example
done

# nmh: repl quotes with its filter, send encodes.
echo "Path: $work/Mail" > "$work/.mh_profile"
nmh() { # ID ORIGINAL
  ruby originals.rb "$2" | tail -n +2 > "$work/Mail/inbox/1"
  cat > "$work/filter" <<'FILTER'
ignores="MIME-Version,Content-Type,Content-Transfer-Encoding"
:hosho@hoshobin.example writes:
body:component="> ",overflowtext="",overflowoffset=0
FILTER
  /usr/bin/mh/repl -build -filter "$work/filter" -nocc all +inbox 1 > /dev/null
  { printf 'From: %s <%s>\n' "$(field "$1" name)" "$(field "$1" from)"; grep -v -i '^From:\|^Fcc:' "$work/Mail/reply"; field "$1" text; } > "$work/Mail/draft"
  EML="$out/nmh-$1.eml" /usr/bin/mh/send -mts sendmail/pipe -sendmail "$PWD/capture.sh" -messageid random -nopush -mime "$work/Mail/draft" > /dev/null 2>&1 ||
    EML="$out/nmh-$1.eml" /usr/bin/mh/send -mts sendmail/pipe -sendmail "$PWD/capture.sh" -nopush "$work/Mail/draft"
}
for id in agree submitted verify-reply; do nmh "$id" "$(field "$id" reply_to)"; done

emacs -Q --batch -l emacs.el "$out"
