"""The surety's own facts that letters and papers print: all configuration, nothing here is invented."""

from datetime import date

from bot.surety.papers import SuretyImprint
from bot.values import Value


class Terms(Value):
    """約款・特約 as agreed to at application: which text, which version, from which day."""

    name: str
    version: str
    dated_on: date


class Office(Value):
    """窓口: what the desk says of itself."""

    desk: str  # the one address everything is sent to
    domain: str  # for Message-IDs
    subject_prefix: str = ""  # printed before every subject
    imprint: SuretyImprint
    contact: str  # 担当
    terms: tuple[Terms, ...] = ()
    bank_account: str = ""  # 振込先, printed in premium notices
    confirmation_hours: int = 24
    shown_a_day: int = 50  # letters that only show something, to one mailbox, before proof is asked
    letters_an_hour: int = 60  # mails of one sender that are answered at once
    letters_an_hour_in_a_thread: int = 20  # mails of one party in one thread that are answered at once
    guesses_a_day: int = 5  # well-formed wrong keys typed by one sender
    enrolment_days: int = 7  # until an enrolment that nobody confirmed is thrown away
    stranger_letters_a_day: int = 50  # to strangers whose From is not proven, all together
    registration_days: int = 14  # for which a stranger's right enquiry waits until its orderer is registered
    password_days: int = 2  # for which an archive waits for its password, and a password for its archive
    return_path_days: int = 14  # for which a bounce to a letter's own return path is believed
    page_rows: int = 20  # rows of 一覧 in one letter

    @property
    def own_domains(self) -> frozenset[str]:
        """The service's own mail domains."""
        return frozenset({self.domain, self.desk.rpartition("@")[2]})
