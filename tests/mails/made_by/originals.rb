# The letters of ours that mutt, s-nail, nmh and Emacs answer: a mailbox of them. ruby originals.rb ID > MBOX
require "json"
require "mail"

all = JSON.parse(File.read("#{__dir__}/letters.json"))
letter = all["originals"].fetch(ARGV.fetch(0))
mail = Mail.new(charset: "UTF-8")
mail.from = "#{all["desk_name"]} <#{all["desk"]}>"
mail.to = letter["to"]
mail.subject = letter["subject"]
mail.body = letter["text"]
mail.date = Time.new(2026, 11, 10, 10, 58, 0, "+09:00")
mail.message_id = "<#{ARGV[0]}@hoshobin.example>"
puts "From hosho@hoshobin.example Tue Nov 10 10:58:00 2026", mail.to_s.delete("\r"), ""
