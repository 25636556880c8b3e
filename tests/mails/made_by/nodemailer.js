// Mails as Node programs send them, by nodemailer. NODE_PATH=…/node_modules node nodemailer.js OUT
const fs = require("fs");
const path = require("path");
const nodemailer = require("nodemailer");

const out = process.argv[2];
const all = JSON.parse(fs.readFileSync(path.join(__dirname, "letters.json"), "utf8"));
const letters = Object.fromEntries(all.letters.map((letter) => [letter.id, letter]));
const transport = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: "windows" });

async function keep(name, id, more = {}) {
  const letter = letters[id];
  const sent = await transport.sendMail({
    from: { name: letter.name, address: letter.from },
    to: { name: all.desk_name, address: all.desk },
    subject: letter.subject,
    text: letter.text,
    attachments: (letter.files || []).map((file) => ({ filename: file.name, path: path.join(__dirname, file.path) })),
    ...more,
  });
  fs.writeFileSync(path.join(out, `nodemailer-${name}.eml`), sent.message);
}

function page(letter, quoted) {
  const words = letter.text.replace(/\n/g, "<br>\n");
  return `<div dir="ltr">${words}</div>` + (quoted ? `<blockquote type="cite">${quoted.replace(/\n/g, "<br>")}</blockquote>` : "");
}

function event(letter) {
  return { method: "REQUEST", content: `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@x\r\nDTSTAMP:20261110T015700Z\r\nDTSTART:20261116T010000Z\r\nSUMMARY:${letter.subject}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n` };
}

async function main() {
  for (const id of ["agree", "agree-denied", "certificate", "submit", "apply", "contract", "verify-typed", "archive", "stranger"]) {
    await keep(id, id);
  }
  const ours = (id) => all.originals[letters[id].reply_to].text;
  await keep("base64-key-notice", "key-notice", { textEncoding: "base64" });
  await keep("quoted-printable-apply-fault", "apply-fault", { textEncoding: "quoted-printable" });
  await keep("html-only-submitted", "submitted", { text: undefined, html: page(letters.submitted, ours("submitted")) });
  await keep("alternative-withdraw", "withdraw", { html: page(letters.withdraw, ours("withdraw")) });
  await keep("html-only-not-yet", "not-yet", { text: undefined, html: page(letters["not-yet"], ours("not-yet")) });
  await keep("calendar-checking", "checking", { icalEvent: event(letters.checking) });
  await keep("inline-image-thanks", "thanks", {
    html: page(letters.thanks) + '<img src="cid:logo@x">',
    attachments: [{ filename: "ロゴ.gif", cid: "logo@x", content: Buffer.from("R0lGODlhAQABAAAAACw=", "base64") }],
  });
  await keep("mail-inside-verify-person", "verify-person", {
    attachments: [{ contentType: "message/rfc822", content: `From: ${all.desk}\r\nTo: x@y.example\r\nSubject: =?UTF-8?B?5o+Q5Ye6?=\r\n\r\n2080001234 K7M4P-3XHW3\r\n` }],
  });
  await keep("long-name-contract", "contract", {
    attachments: [{ filename: "令和８年度　市道中央線舗装補修工事　請負契約書（写）　契約課　確認済　20261110.pdf", content: fs.readFileSync(path.join(__dirname, "papers/contract.pdf")) }],
  });
  await keep("auto-submitted-away", "away", { headers: { "Auto-Submitted": "auto-replied" } });
}

main();
