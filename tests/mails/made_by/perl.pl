# Mails as Perl programs send them: MIME::Lite, Email::MIME, MIME::Entity and forms made by hand. perl perl.pl OUT
use strict;
use warnings;
use utf8;
use Email::MIME;
use Email::Stuffer;
use Encode qw(decode encode);
use JSON::PP;
use MIME::Base64;
use MIME::Entity;
use MIME::Lite;
use FindBin;

my ($out) = @ARGV;
open my $in, '<:raw', "$FindBin::Bin/letters.json" or die;
my $all     = JSON::PP->new->utf8->decode(join '', <$in>);
my %letters = map { $_->{id} => $_ } @{ $all->{letters} };

sub keep {
    my ($name, $bytes) = @_;
    open my $file, '>:raw', "$out/perl-$name.eml" or die;
    print {$file} $bytes;
}

sub from_of {
    my ($letter, $codec) = @_;
    return encode($codec, $letter->{name}) . " <$letter->{from}>";
}

# Encode's header codecs cut words in their own ways: UTF-8 by B and by Q, and ISO-2022-JP.
for my $codec ('MIME-Header', 'MIME-Q', 'MIME-Header-ISO_2022_JP') {
    for my $id ('submit', 'certificate') {
        my $letter = $letters{$id};
        my $mail   = MIME::Lite->new(
            From    => from_of($letter, $codec),
            To      => $all->{desk},
            Subject => encode($codec, $letter->{subject}),
            Type    => 'TEXT',
            Data    => encode('iso-2022-jp', $letter->{text}),
        );
        $mail->attr('content-type.charset' => 'ISO-2022-JP');
        $mail->replace('Content-Transfer-Encoding' => '7bit');
        (my $name = lc $codec) =~ tr/_/-/;
        keep("mime-lite-$name-$id", $mail->as_string);
    }
}

# MIME::Lite with attachments: the name raw in Shift_JIS, raw in UTF-8, as an encoded word.
my $letter = $letters{contract};
my $file   = $letter->{files}[0];
for my $how ('shiftjis-raw', 'utf-8-raw', 'encoded-word') {
    my $name =
        $how eq 'shiftjis-raw' ? encode('cp932', $file->{name})
      : $how eq 'utf-8-raw'    ? encode('UTF-8', $file->{name})
      :                          encode('MIME-Header-ISO_2022_JP', $file->{name});
    my $mail = MIME::Lite->new(
        From    => from_of($letter, 'MIME-Header'),
        To      => $all->{desk},
        Subject => encode('MIME-Header', $letter->{subject}),
        Type    => 'multipart/mixed',
    );
    $mail->attach(Type => 'text/plain; charset=UTF-8', Data => encode('UTF-8', $letter->{text}), Encoding => 'base64');
    $mail->attach(Type => 'application/pdf', Path => "$FindBin::Bin/$file->{path}", Filename => $name, Disposition => 'attachment');
    keep("mime-lite-name-$how", $mail->as_string);
}

# Email::MIME and Email::Stuffer.
for my $id ('agree', 'key-notice', 'apply-fault', 'verify-typed', 'thanks') {
    my $letter = $letters{$id};
    keep("email-mime-$id", Email::MIME->create(
        header_str => [ From => "$letter->{name} <$letter->{from}>", To => $all->{desk}, Subject => $letter->{subject} ],
        attributes => { content_type => 'text/plain', charset => 'UTF-8', encoding => 'quoted-printable' },
        body_str   => $letter->{text},
    )->as_string);
}
for my $id ('archive', 'question') {
    my $letter = $letters{$id};
    my $mail   = Email::Stuffer->from("$letter->{name} <$letter->{from}>")->to($all->{desk})
      ->subject($letter->{subject})->text_body($letter->{text});
    $mail->attach_file("$FindBin::Bin/$_->{path}", name => encode('UTF-8', $_->{name})) for @{ $letter->{files} || [] };
    keep("email-stuffer-$id", $mail->as_string);
}

# MIME::Entity: a mail in HTML with a plain form, and a mail attached to a mail.
$letter = $letters{'agree-denied'};
(my $html = $letter->{text}) =~ s/\n/<br>/g;
my $both = MIME::Entity->build(From => from_of($letter, 'MIME-Header'), To => $all->{desk},
    Subject => encode('MIME-Header', $letter->{subject}), Type => 'multipart/alternative');
$both->attach(Type => 'text/plain', Charset => 'iso-2022-jp', Data => encode('iso-2022-jp', $letter->{text}), Encoding => '7bit');
$both->attach(Type => 'text/html', Charset => 'utf-8', Data => encode('UTF-8', "<html><body>$html</body></html>"), Encoding => 'base64');
keep('mime-entity-alternative-agree-denied', $both->stringify);

$letter = $letters{'verify-person'};
my $outer = MIME::Entity->build(From => from_of($letter, 'MIME-Header'), To => $all->{desk},
    Subject => encode('MIME-Header', $letter->{subject}), Type => 'multipart/mixed');
$outer->attach(Type => 'text/plain', Charset => 'UTF-8', Data => encode('UTF-8', $letter->{text}), Encoding => '8bit');
my $original = $all->{originals}{submission};
my $inner = MIME::Entity->build(From => $all->{desk}, To => $original->{to}, Subject => encode('MIME-Header', $original->{subject}),
    Type => 'text/plain', Charset => 'UTF-8', Data => encode('UTF-8', $original->{text}), Encoding => 'base64');
$outer->attach(Type => 'message/rfc822', Encoding => '8bit', Data => $inner->stringify);
keep('mime-entity-forward-verify-person', $outer->stringify);

# Contact forms written before there were modules: raw headers, Shift_JIS and EUC-JP, no MIME at all.
for my $codec ('cp932', 'euc-jp', 'iso-2022-jp') {
    $letter = $letters{list};
    keep("form-$codec-list", encode($codec, "To: $all->{desk}\nFrom: $letter->{from}\nSubject: $letter->{subject}\n\n$letter->{text}"));
}
