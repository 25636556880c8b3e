#!/bin/bash
# Make every mail of the other programs anew into a folder, as it would stand in our inbox. ./make.sh OUT
set -eu
cd "$(dirname "$0")"
out=$(mkdir -p "$1" && cd "$1" && pwd)
php -d sendmail_path="$PWD/capture.sh" php.php "$out"
ruby ruby.rb "$out"
perl perl.pl "$out" 2> /dev/null
node nodemailer.js "$out"
java -cp /usr/share/java/javax.mail.jar:/usr/share/java/javax.activation.jar -Dfile.encoding=UTF-8 Java.java "$out"
./readers.sh "$out"
./shell.sh "$out"

# Our border takes the mail: line ends as in SMTP, and what it says of the sender's DKIM signature.
for mail in "$out"/*.eml; do
  domain=$(LC_ALL=C sed -n '1,/^\r*$/s/.*@\([a-z.-]*\.example\)>\{0,1\}\r*$/\1/p' "$mail" | grep -v hoshobin | head -1)
  { printf 'Authentication-Results: border.hoshobin.example; dkim=pass header.d=%s\n' "${domain:-nowhere.example}"
    printf 'Received: from mail.%s by border.hoshobin.example; Tue, 10 Nov 2026 10:57:59 +0900\n' "${domain:-nowhere.example}"
    cat "$mail"; } | LC_ALL=C sed -e '/^From .*[0-9][0-9]:[0-9][0-9]:/d' -e 's/\r*$/\r/' > "$mail.crlf"
  mv "$mail.crlf" "$mail"
done
