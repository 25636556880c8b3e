<?php
// Mails as PHP programs send them: mb_send_mail, mail with hand-made headers, every charset that mbstring knows.
// php -d sendmail_path=./capture.sh php.php OUT
mb_internal_encoding('UTF-8');
$out = $argv[1];
$all = json_decode(file_get_contents(__DIR__ . '/letters.json'), true);
$letters = array_column($all['letters'], null, 'id');
$desk = $all['desk'];

function keep(string $name): void
{
    global $out;
    putenv("EML=$out/php-$name.eml");
}

function from(array $letter, string $charset): string
{
    return mb_encode_mimeheader($letter['name'], $charset, 'B') . " <{$letter['from']}>";
}

// As the manual says: one function does it all.
foreach ([['Japanese', 'iso-2022-jp', 'agree'], ['Japanese', 'iso-2022-jp', 'certificate'],
          ['Japanese', 'iso-2022-jp', 'verify-typed'], ['uni', 'utf-8', 'apply'], ['uni', 'utf-8', 'submit'],
          ['uni', 'utf-8', 'stranger']] as [$language, $label, $id]) {
    mb_language($language);
    $letter = $letters[$id];
    keep("mb_send_mail-$label-$id");
    $charset = $language === 'uni' ? 'UTF-8' : 'ISO-2022-JP-MS';
    mb_send_mail($desk, $letter['subject'], $letter['text'], 'From: ' . from($letter, $charset));
}

// Contact forms that build everything by hand: charset of mbstring, label written on it.
$charsets = [
    ['JIS', 'ISO-2022-JP'], ['CP50220', 'ISO-2022-JP'], ['CP50221', 'cp50221'], ['CP50222', 'iso-2022-jp'],
    ['ISO-2022-JP-MS', 'iso-2022-jp-ms'], ['SJIS-win', 'Shift_JIS'], ['SJIS-win', 'windows-31j'],
    ['SJIS-win', 'x-sjis'], ['SJIS-win', 'ms932'], ['SJIS-win', ''], ['eucJP-win', 'EUC-JP'],
    ['eucJP-win', 'eucJP-ms'], ['CP51932', 'x-euc-jp'], ['eucJP-win', ''], ['UTF-8', 'iso-2022-jp'],
    ['UTF-8', ''], ['UTF-8', 'UTF8'], ['UTF-7', 'utf-7'], ['UTF-16', 'UTF-16'], ['GB18030', 'gb2312'],
];
foreach ($charsets as [$encoding, $label]) {
    $letter = $letters['japanese-of-every-kind'];
    $names = strtolower($encoding . '-as-' . ($label ?: 'nothing'));
    $wide = $encoding === 'UTF-7' || $encoding === 'UTF-16';
    $headers = 'From: ' . from($letter, $wide ? 'UTF-8' : $encoding) . "\r\nMIME-Version: 1.0";
    if ($label !== '') {
        $headers .= "\r\nContent-Type: text/plain; charset=$label";
    }
    $body = mb_convert_encoding($letter['text'], $encoding, 'UTF-8');
    if ($encoding === 'UTF-16') {
        $headers .= "\r\nContent-Transfer-Encoding: base64";
        $body = chunk_split(base64_encode($body));
    }
    keep("mail-$names");
    mail($desk, mb_encode_mimeheader($letter['subject'], $wide ? 'UTF-8' : $encoding, 'B'), $body, $headers);
}

// The same charsets of the neighbours, whose programs write to towns as well.
$neighbours = ['gb18030' => ['GB18030', '您好，我们想询问关于保证书的问题。'], 'euc-kr' => ['UHC', '보증서에 대해 문의드립니다.'],
               'big5' => ['BIG-5', '您好，想請問保證書的問題。'], 'iso-2022-kr' => ['ISO-2022-KR', '보증서 문의']];
foreach ($neighbours as $label => [$encoding, $text]) {
    keep("mail-neighbour-$label");
    $subject = "=?$label?B?" . base64_encode(mb_convert_encoding($text, $encoding, 'UTF-8')) . '?=';
    $headers = "From: someone@neighbour.example\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=\"$label\"";
    mail($desk, $subject, mb_convert_encoding($text . "\n", $encoding, 'UTF-8'), $headers);
}

// Raw 8-bit headers, and iconv's encoder, which cuts words elsewhere.
$letter = $letters['status'];
foreach (['SJIS-win' => 'Shift_JIS', 'UTF-8' => 'UTF-8', 'JIS' => 'ISO-2022-JP'] as $encoding => $label) {
    keep('mail-raw-headers-' . strtolower($label));
    $raw = fn(string $text): string => mb_convert_encoding($text, $encoding, 'UTF-8');
    mail($desk, $raw('状況の件'), $raw($letter['text']),
         'From: ' . $raw($letter['name']) . " <{$letter['from']}>\r\nContent-Type: text/plain; charset=$label");
}
foreach (['submit' => 'ISO-2022-JP', 'agree' => 'UTF-8'] as $id => $charset) {
    $letter = $letters[$id];
    keep("iconv_mime_encode-$id");
    $how = ['scheme' => 'B', 'input-charset' => 'UTF-8', 'output-charset' => $charset, 'line-length' => 76,
            'line-break-chars' => "\r\n"];
    $subject = substr(iconv_mime_encode('Subject', $letter['subject'], $how), strlen('Subject: '));
    mail($desk, $subject, quoted_printable_encode(str_replace("\n", "\r\n", $letter['text'])),
         'From: ' . from($letter, 'UTF-8') . "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8"
         . "\r\nContent-Transfer-Encoding: quoted-printable");
}

// An attachment the way most Japanese PHP samples make one: the name as an encoded word, quoted, in both headers.
$letter = $letters['contract'];
$file = $letter['files'][0];
foreach (['ISO-2022-JP', 'UTF-8', 'SJIS-win'] as $charset) {
    keep('mail-attachment-' . strtolower($charset));
    $name = mb_encode_mimeheader($file['name'], $charset, 'B');
    $data = chunk_split(base64_encode(file_get_contents(__DIR__ . '/' . $file['path'])));
    $text = mb_convert_encoding($letter['text'], $charset, 'UTF-8');
    $label = $charset === 'SJIS-win' ? 'Shift_JIS' : $charset;
    $body = "--__PHP__\r\nContent-Type: text/plain; charset=\"$label\"\r\n\r\n$text\r\n--__PHP__\r\n"
        . "Content-Type: application/pdf; name=\"$name\"\r\nContent-Disposition: attachment; filename=\"$name\"\r\n"
        . "Content-Transfer-Encoding: base64\r\n\r\n$data\r\n--__PHP__--\r\n";
    mail($desk, mb_encode_mimeheader($letter['subject'], $charset, 'B'), $body, 'From: ' . from($letter, $charset)
        . "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"__PHP__\"");
}
