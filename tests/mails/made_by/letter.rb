# Print one field of a letter for the shell scripts. ruby letter.rb ID FIELD
require "json"

letter = JSON.parse(File.read("#{__dir__}/letters.json"))["letters"].find { |one| one["id"] == ARGV[0] }
value = letter.fetch(ARGV[1], "")
print value.is_a?(Array) ? value.first["path"] : value
