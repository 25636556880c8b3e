# Mails as Ruby programs send them: the mail gem (Redmine, Rails) and hand-made ones with NKF. ruby ruby.rb OUT
require "json"
require "mail"
require "nkf"

HERE = __dir__
OUT = ARGV.fetch(0)
ALL = JSON.parse(File.read("#{HERE}/letters.json"))
LETTERS = ALL["letters"].to_h { |letter| [letter["id"], letter] }

def keep(name, text)
  File.binwrite("#{OUT}/ruby-#{name}.eml", text)
end

def gem_mail(letter, charset: "UTF-8", encoding: nil, html: false, headers: {})
  mail = Mail.new(charset: charset)
  mail.from = "#{letter["name"]} <#{letter["from"]}>"
  mail.to = "#{ALL["desk_name"]} <#{ALL["desk"]}>"
  mail.subject = letter["subject"]
  text = charset == "UTF-8" ? letter["text"] : letter["text"].encode("CP50221", undef: :replace)
  if letter["files"] || html
    mail.text_part = Mail::Part.new { content_type "text/plain; charset=UTF-8"; body letter["text"] }
    page = "<html><body><p>#{letter["text"].gsub("\n", "<br>\n")}</p></body></html>"
    mail.html_part = Mail::Part.new { content_type "text/html; charset=UTF-8"; body page } if html
    (letter["files"] || []).each { |file| mail.attachments[file["name"]] = File.binread("#{HERE}/#{file["path"]}") }
  else
    mail.body = text
    mail.content_transfer_encoding = encoding if encoding
  end
  headers.each { |name, value| mail.header[name] = value }
  mail
end

%w[agree certificate key-notice submit list status apply verify-typed verify-forward archive].each do |id|
  keep("mail-utf-8-#{id}", gem_mail(LETTERS[id]).to_s)
end
%w[agree submitted].each { |id| keep("mail-quoted-printable-#{id}", gem_mail(LETTERS[id], encoding: "quoted-printable").to_s) }
keep("mail-alternative-withdraw", gem_mail(LETTERS["withdraw"], html: true).to_s)
keep("mail-alternative-contract", gem_mail(LETTERS["contract"], html: true).to_s)
keep("mail-in-reply-to-submit",
     gem_mail(LETTERS["submit"], headers: { "In-Reply-To" => "<20261109.1@hoshobin.example>",
                                            "References" => "<20261109.0@hoshobin.example> <20261109.1@hoshobin.example>" }).to_s)

# A mail inside a mail, as a ticket system passes one on.
outer = gem_mail(LETTERS["verify-reply"])
inner = gem_mail(LETTERS["submit"])
outer.body = nil
outer.add_part(Mail::Part.new { content_type "text/plain; charset=UTF-8"; body LETTERS["verify-reply"]["text"] })
outer.add_part(Mail::Part.new { content_type "message/rfc822"; body inner.to_s })
keep("mail-inside-verify-reply", outer.to_s)

# Hand-made ISO-2022-JP: NKF for header and body, as before the gem could. Without --oc it takes 髙 for JIS X 0212,
# and the header it makes of that is broken: mails like this one are sent.
{ "agree-denied" => "-Wx -m0 --oc=CP50221", "certificate" => "-Wx -m0 --oc=CP50221", "status" => "-jWx -m0",
  "verify-wrong-key" => "-jWx -m0", "japanese-of-every-kind" => "-Wx -m0 --oc=CP50221" }.each do |id, options|
  letter = LETTERS[id]
  word = ->(text) { NKF.nkf("#{options.sub(" -m0", "")} -M", text).strip }
  keep("nkf-iso-2022-jp-#{id}", <<~MAIL.b + NKF.nkf(options, letter["text"]).b)
    From: #{word.(letter["name"])} <#{letter["from"]}>
    To: #{ALL["desk"]}
    Subject: #{word.(letter["subject"])}
    Date: Tue, 10 Nov 2026 10:57:00 +0900
    Message-Id: <nkf-#{id}@#{letter["from"].split("@").last}>
    Mime-Version: 1.0
    Content-Type: text/plain; charset=ISO-2022-JP
    Content-Transfer-Encoding: 7bit

  MAIL
end
