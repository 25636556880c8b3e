"""The writing helper: an exec'd process with wording, fonts and DKIM keys, answering over its one socket."""

import socket
import sys
import traceback

import jinja2
from pydantic import SecretStr

from bot import frames
from bot.writing.documents.certificate import certificate_pdf
from bot.writing.documents.key_notice import key_notice_pdf
from bot.writing.jobs import Answer, DrawnPaper, Job, PaperJob
from bot.writing.letters import make_templates, paper_messages, write
from bot.writing.signing import Signer, make_signers

LIMIT = 64 << 20


def main() -> None:
    """Answer jobs until the daemon closes the socket."""
    pipe = socket.socket(fileno=int(sys.argv[1]))
    templates = make_templates()
    signers: tuple[Signer, ...] = ()
    while True:
        try:
            question = frames.receive(pipe, LIMIT)
        except frames.BrokenPipe:
            return
        job = None
        try:
            job = Job.model_validate_json(question)
            if job.letter is not None:
                answer = Answer(letter=write(job.letter, templates, signers))
            elif job.paper is not None:
                answer = Answer(paper=_draw(job.paper, templates))
            elif job.signing is not None:
                signers = make_signers(job.signing.keys)
                answer = Answer()
            else:
                answer = Answer(fault="an empty job")
        except Exception as error:
            answer = Answer(fault=_fault(error, job))
        frames.send(pipe, answer.model_dump_json().encode())


def _fault(error: Exception, job: Job | None) -> str:
    """Say what went wrong and where, for the log: whatever key the job holds is taken out of the text."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    text = f"{type(error).__name__}: {error} ({place.name}:{place.lineno})"
    keys = list(job.letter.keys.values()) if job is not None and job.letter is not None else []
    keys += [job.paper.key] if job is not None and job.paper is not None else []
    for key in filter(None, keys):
        text = text.replace(key, "(the key)").replace(key.replace("-", ""), "(the key)")
    return text


def _draw(job: PaperJob, templates: jinja2.Environment) -> DrawnPaper:
    if job.certificate is not None:
        return DrawnPaper(data=certificate_pdf(job.certificate))
    assert job.key_notice is not None
    to_contractor, to_orderer = paper_messages(job, templates)
    secret = SecretStr(job.key)
    paper = job.key_notice.but(key=secret, to_contractor=to_contractor, to_orderer=to_orderer)
    return DrawnPaper(data=key_notice_pdf(paper))


if __name__ == "__main__":
    main()
