#!/bin/sh
# Stand in for sendmail: keep what a program hands over on standard input as the file named by $EML.
cat > "$EML"
