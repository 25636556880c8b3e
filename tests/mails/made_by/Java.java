// Mails as Java programs send them, by JavaMail. java -cp javax.mail.jar:javax.activation.jar Java.java OUT
import java.io.FileOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.activation.DataHandler;
import javax.activation.FileDataSource;
import javax.mail.Message;
import javax.mail.Session;
import javax.mail.internet.InternetAddress;
import javax.mail.internet.MimeBodyPart;
import javax.mail.internet.MimeMessage;
import javax.mail.internet.MimeMultipart;
import javax.mail.internet.MimeUtility;

public class Java {
    record Letter(String from, String name, String subject, String text) {}

    private final Path here = Path.of("").toAbsolutePath();
    private final String json;
    private final String out;

    Java(String out) throws Exception {
        this.out = out;
        this.json = Files.readString(here.resolve("letters.json"));
    }

    public static void main(String[] given) throws Exception {
        // What Japanese programs set, so that Outlook Express and its kin show the name of a file.
        System.setProperty("mail.mime.encodefilename", "true");
        new Java(given[0]).all();
    }

    void all() throws Exception {
        for (String charset : new String[] {"ISO-2022-JP", "x-windows-iso2022jp", "UTF-8", "Shift_JIS", "windows-31j", "EUC-JP"}) {
            keep("javamail-" + charset.toLowerCase() + "-submit", plain("submit", charset));
            keep("javamail-" + charset.toLowerCase() + "-japanese", plain("japanese-of-every-kind", charset));
        }
        keep("javamail-iso-2022-jp-agree", plain("agree", "ISO-2022-JP"));
        keep("javamail-iso-2022-jp-verify-reply", plain("verify-reply", "ISO-2022-JP"));
        keep("javamail-utf-8-apply", plain("apply", "UTF-8"));
        keep("javamail-file-encoded-word-contract", withFile("contract", "請負契約書（写）.pdf", true));
        System.setProperty("mail.mime.encodefilename", "false");
        keep("javamail-file-rfc2231-contract", withFile("contract", "請負契約書（写）.pdf", false));
    }

    Message plain(String id, String charset) throws Exception {
        MimeMessage mail = empty(id, charset);
        mail.setText(letter(id).text(), charset);
        if (charset.contains("2022")) {
            mail.setHeader("Content-Transfer-Encoding", "7bit");
        }
        return mail;
    }

    Message withFile(String id, String name, boolean isWord) throws Exception {
        MimeMessage mail = empty(id, "ISO-2022-JP");
        MimeBodyPart text = new MimeBodyPart();
        text.setText(letter(id).text(), "ISO-2022-JP");
        MimeBodyPart file = new MimeBodyPart();
        file.setDataHandler(new DataHandler(new FileDataSource(here.resolve("papers/contract.pdf").toFile())));
        if (isWord) {
            file.setFileName(MimeUtility.encodeWord(name, "ISO-2022-JP", "B"));
        } else {
            file.setFileName(name);
        }
        mail.setContent(new MimeMultipart(text, file));
        return mail;
    }

    MimeMessage empty(String id, String charset) throws Exception {
        MimeMessage mail = new MimeMessage(Session.getInstance(new Properties()));
        mail.setFrom(new InternetAddress(letter(id).from(), letter(id).name(), charset));
        mail.setRecipients(Message.RecipientType.TO, "hosho@hoshobin.example");
        mail.setSubject(letter(id).subject(), charset);
        mail.setSentDate(new java.util.Date(1794275820000L));
        return mail;
    }

    void keep(String name, Message mail) throws Exception {
        try (FileOutputStream file = new FileOutputStream(out + "/" + name + ".eml")) {
            mail.writeTo(file);
        }
    }

    /** Find one letter in the JSON, whose shape is known: no library is needed for it. */
    Letter letter(String id) {
        int at = json.indexOf("\"id\": \"" + id + "\"");
        List<String> found = new ArrayList<>();
        Matcher value = Pattern.compile("\"(from|name|subject|text)\": \"((?:[^\"\\\\]|\\\\.)*)\"").matcher(json);
        value.region(at, json.length());
        while (found.size() < 4 && value.find()) {
            found.add(value.group(2).replace("\\n", "\n").replace("\\\"", "\""));
        }
        return new Letter(found.get(0), found.get(1), found.get(2), found.get(3));
    }
}
